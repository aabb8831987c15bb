"""What the park sells: income by market and month, offers, calls and how they are measured, owners' shares, and the one settlement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.accounts.amounts import DASH, fen, money_with_unit, said
from gridsim.report.figures.carpet import carpet_layout, heatmap
from gridsim.report.figures.figure import Figure, Frame, packed, plain
from gridsim.report.figures.time_axis import HOUR_MS, hours_axis, ms_of
from gridsim.report.numbers import percent
from gridsim.report.tables import Cell, Column, Table
from gridsim.report.theme import FILLED, SPARE, axis, layout, pale
from gridsim.report.vpp_page.traces import BEST, DONE, DOWN, LOST, PLANNED, UP, bars, below, lines
from gridsim.report.vpp_page.vpp_view import floats, listed, shown

if TYPE_CHECKING:
    from gridsim.report.vpp_page.vpp_view import Row, VppView

ENERGY = "day_ahead_energy"
OPERATOR = "operator"
AROUND_CALL_H = 36.0
"""Drawn before and after the middle of a call."""
MOST_CALLS = 40
"""Rows of the table of calls of a market."""
CASH = ("income", "penalty", "delivery_cost", "net")
ACCOUNT = {"paid": "income", "penalty": "penalties", "in_call": "in_call", "recovery": "recovery", "net": "net"}
"""Money of a call, and its heading."""
BOUNDS = ("income", "delivery_cost", "income_less_cost")
MOST_MONTHS = 4
"""Whose priced curves are drawn."""
MOST_CNY_PER_MWH = 2000.0
"""That a curve is drawn to: more is a demand charge."""
KINDS = {"offered": (PLANNED, 0.0), "asked": (DONE, 2.0), "delivered": (BEST, 2.0), "measured": (LOST, 1.5)}
"""Colour and width."""


def markets(view: VppView) -> list[Any]:
    """Return the parts of the section."""
    record = view.part("markets")
    parts = [how(view, record), market_table(view, record), bounds_table(view, record), month_bars(view, record), price_curves(view, record)]
    parts += [offer_carpets(view, record), call_figure(view, record)]
    parts += [call_table(view, market) for market in record["markets"] if market["calls"]]
    return [*parts, baseline_table(view, record), owner_table(view, record), statement_table(view, record)]


def market_name(view: VppView, market: Row) -> str:
    """What a market is called."""
    return said(market, "label", view.words)


def beside(record: Row) -> list[Row]:
    """Return the markets whose income stands beside the park's exchange; energy is that exchange itself."""
    return [market for market in record["markets"] if market["product"] != ENERGY]


def how(view: VppView, record: Row) -> str:
    """Say what the sums are, and what was not sold."""
    words, sums = view.words, view.document["figures"]
    values = {key: money_with_unit(words, sums[f"markets.{key}_cny"]) for key in ("income", "delivery_cost", "income_less_cost")}
    told = [words("vpp_market.how", **values)]
    if "markets.recovery_cost_cny" in sums:
        parts = {"in_calls": "cost_in_calls_cny", "recovery": "recovery_cost_cny", "bill": "bill_change_cny"}
        money = {key: money_with_unit(words, sums[f"markets.{name}"]) for key, name in parts.items()}
        told.append(words("vpp_market.recovered", **money, green=shown(100.0 * sums["markets.green_share_change"])))
    if found := record.get("expectation"):
        left = found["income_less_cost"]
        spread = money_with_unit(words, np.nan if left["standard_deviation"] is None else left["standard_deviation"])
        told.append(words("vpp_market.bound", expected=money_with_unit(words, left["mean"]), spread=spread, draws=f"{found['draws']:,}"))
    if "markets.energy_settlement_cny" in sums:
        told.append(words("vpp_market.energy", amount=money_with_unit(words, sums["markets.energy_settlement_cny"])))
    told += [words("vpp_market.not_sold", market=one["id"], why=said(one, "why", words)) for one in record["not_sold"]]
    return words("word.sentence_space").join(told)


def market_table(view: VppView, record: Row) -> Table:
    """One row a market."""
    words = view.words
    rows = []
    for market in record["markets"]:
        figures = market["figures"]
        status = Cell(
            market_name(view, market), note=words("curtail.option_of", option=said(market, "product", words), which=words.named("vpp_status", market["status"]))
        )
        calls = f"{figures['calls']:,.0f}" if "calls" in figures else DASH
        unpaid = words("vpp_market.unpaid", calls=f"{figures['unpaid_calls']:,.0f}") if figures.get("unpaid_calls") else ""
        energies = [shown(figures.get(key)) for key in ("offered_mw_h", "asked_mwh", "delivered_mwh", "measured_mwh")]
        money = [shown(figures.get(f"{key}_cny")) for key in CASH]
        if figures.get("calls") and "recovery_cost_cny" in figures:
            split = words("vpp_market.cost_in_calls", in_calls=shown(figures["cost_in_calls_cny"]), recovery=shown(figures["recovery_cost_cny"]))
            money[CASH.index("delivery_cost")] = Cell(money[CASH.index("delivery_cost")], note=split)
        rows.append([status, *money, energies[0], Cell(calls, note=unpaid)])
        rows[-1] += [*energies[1:], _yearly(view, figures)]
    refused = [
        words("vpp_market.not_called", market=market_name(view, market), calls=f"{one['calls']:,}", why=said(one, "why", words))
        for market in record["markets"]
        for one in market["not_called"]
    ]
    columns = [Column(words("vpp_market.market"), text=True, data=True)]
    columns += [Column(words(f"vpp_market.{key}"), "CNY") for key in CASH]
    columns += [Column(words("vpp_market.offered"), "MW h"), Column(words("vpp_market.calls"))]
    columns += [Column(words(f"vpp_market.{key}"), "MWh") for key in ("asked", "delivered", "measured")]
    return Table([*columns, Column(words("vpp_market.per_mw"))], rows, caption=words("word.sentence_space").join([words("vpp_market.table_caption"), *refused]))


def _yearly(view: VppView, figures: Row) -> str:
    """Income for a MW: over a year of holding it, or of what was called."""
    for key in ("income_cny_per_mw_year", "income_cny_per_mw"):
        if figures.get(key) is not None:
            return Cell(shown(figures[key]), note=view.words(f"vpp_market.{key}"))
    return DASH


def bounds_table(view: VppView, record: Row) -> Table | None:
    """Say what is an upper bound, and what to expect of hours that the park does not choose."""
    words, found, sums = view.words, record.get("expectation"), view.document["figures"]
    if not found:
        return None
    calls = sum(market["figures"].get("calls", 0.0) for market in record["markets"] if market["product"] != "reserve")
    rows = [[words("vpp_market.bound_upper"), *(shown(sums[f"markets.{key}_cny"]) for key in BOUNDS), shown(calls)]]
    for key in ("mean", "standard_deviation", "lowest", "highest"):
        rows.append([words(f"vpp_market.bound_{key}"), *(shown(found[one][key]) for one in (*BOUNDS, "calls"))])
    heads = ("income", "delivery_cost", "net")
    columns = [Column(words("vpp_market.case"), text=True), *(Column(words(f"vpp_market.{key}"), "CNY") for key in heads), Column(words("vpp_market.calls"))]
    caption = words("vpp_market.bounds_caption", draws=f"{found['draws']:,}", invited=f"{found['invited']:,}")
    return Table(columns, rows, title=words("vpp_market.bounds_title"), caption=caption)


def price_curves(view: VppView, record: Row) -> Figure | None:
    """Draw what one MWh more costs by power, up and down; the reader chooses the start."""
    words = view.words
    curves = {(curve["at"], curve["hours"]): curve for market in record["markets"] for curve in market.get("curves", ()) if len(curve["power_mw"]) > 1}
    months = sorted({at[:7] for at, _ in curves})
    kept = set(months[:: max(1, -(-len(months) // MOST_MONTHS))])
    chosen = [curve for (at, _), curve in sorted(curves.items()) if at[:7] in kept]
    if not chosen:
        return None
    frame = layout(
        hovermode="closest",
        xaxis=axis(words("vpp_envelope.power_axis"), zerolinecolor="#22303C", zerolinewidth=1.2),
        yaxis=axis(words("vpp_market.curve_axis"), zerolinecolor="#22303C"),
        margin={"l": 70, "r": 30, "t": 26, "b": 80},
        legend=below(-0.2),
    )
    names = tuple(words("vpp_market.curve_choice", at=curve["at"], hours=f"{curve['hours']:g}") for curve in chosen)
    frames = tuple(Frame(_curve(view, curve), {"yaxis": {**frame["yaxis"], **_drawn(curve)}}) for curve in chosen)
    return Figure("market-curves", words("vpp_figure.price_curves"), [], frame, 340, caption=words("vpp_market.curve_caption"), choices=names, frames=frames)


def _drawn(curve: Row) -> dict[str, Any]:
    """Leave out of the drawing what a higher peak of the month costs, which would flatten all else."""
    price = np.abs(floats(curve["price_cny_per_mwh"]))
    if price.max() <= MOST_CNY_PER_MWH:
        return {}
    reach = 1.25 * float(price[price <= MOST_CNY_PER_MWH].max(initial=100.0))
    return {"range": [-reach, reach]}


def _curve(view: VppView, curve: Row) -> list[dict[str, Any]]:
    """Steps from zero on in both directions: the cost of one MWh more in that direction, and that of the whole call."""
    power, cost, price = (floats(curve[key]) for key in ("power_mw", "cost_cny", "price_cny_per_mwh"))
    zero = int(np.argmin(np.abs(power)))
    whole = plain(view.words("vpp_market.curve_whole"))
    data = []
    for way, sign, colour, order in (("up", 1.0, UP, slice(zero, None)), ("down", -1.0, DOWN, slice(zero, None, -1))):
        at, steps = power[order], sign * (price[zero:] if sign > 0 else price[:zero][::-1])
        if at.size < 2:
            continue
        name = view.words(f"vpp_market.curve_{way}")
        hover = f"%{{x:,.4~g}} MW: %{{y:,.4~g}} CNY/MWh<br>{whole}: %{{customdata:,.4~g}} CNY"
        line = lines(at, np.append(steps, steps[-1]), name, colour, "CNY/MWh", customdata=listed(cost[order]), hovertemplate=hover)
        data.append({**line, "line": {"color": colour, "width": 2, "shape": "hv"}})
    return data


def month_bars(view: VppView, record: Row) -> Figure | None:
    """Draw the income of each month by market, energy apart from the others."""
    words, (factor, unit) = view.words, view.words.money
    sold = [market for market in beside(record) if any(market["by_month_cny"].values())]
    months = sorted({month for market in record["markets"] for month in market["by_month_cny"]})
    if not sold or len(months) < 2:
        return None
    data = [
        bars(months, [market["by_month_cny"].get(month, 0.0) / factor for month in months], market_name(view, market), SPARE[place % len(SPARE)], unit)
        for place, market in enumerate(sold)
    ]
    frame = layout(
        barmode="relative",
        hovermode="x unified",
        xaxis=axis(type="category", showgrid=False, tickangle=0),
        yaxis=axis(words("vpp_market.income_axis", unit=unit), zerolinecolor="#22303C"),
        margin={"l": 70, "r": 30, "t": 26, "b": 70},
        legend=below(-0.14),
    )
    return Figure("market-months", words("vpp_figure.market_months"), data, frame, 320)


def offer_carpets(view: VppView, record: Row) -> Figure | None:
    """Draw what is offered, by day and hour; the reader chooses the market."""
    found = [(market, view.hourly.get(f"markets:{market['id']}_offered_mw")) for market in record["markets"]]
    offered = [(market, np.asarray(values, dtype=float)) for market, values in found if values is not None and np.nanmax(values) > 0]
    if not offered or not view.long_enough:
        return None
    data: list[dict[str, Any]] = []
    for market, values in offered:
        trace = heatmap(view, values, "MW", FILLED, (0.0, float(np.nanmax(values))))
        data.append({**trace, "name": plain(market_name(view, market)), "visible": not data})
    names = tuple(market_name(view, market) for market, _ in offered)
    return Figure("market-offers", view.words("vpp_figure.offers"), data, carpet_layout(view), 240, choices=names)


def call_figure(view: VppView, record: Row) -> Figure | None:
    """Draw the largest call of each market: what was offered, asked, delivered, and what the market measured."""
    words, frames, names = view.words, [], []
    for market in record["markets"]:
        columns = {kind: view.hourly.get(f"markets:{market['id']}_{kind}_mw") for kind in KINDS}
        if not market["calls"] or any(values is None for values in columns.values()):
            continue
        call = max(market["calls"], key=lambda one: one["asked_mwh"])
        names.append(words("vpp_market.call_choice", market=market_name(view, market), at=call["at"]))
        frames.append(_call(view, columns, call))
    if not frames:
        return None
    frame = layout(
        yaxis=axis(words("axis.power"), rangemode="tozero"),
        hovermode="x unified",
        margin={"l": 70, "r": 20, "t": 26, "b": 70},
        legend=below(-0.2),
    )
    return Figure("market-call", words("vpp_figure.call"), [], frame, 330, caption=words("vpp_market.call_caption"), choices=tuple(names), frames=tuple(frames))


def _call(view: VppView, columns: dict[str, Any], call: Row) -> Frame:
    start = int((np.datetime64(call["at"].replace(" ", "T"), "m") - view.stamps[0]) / np.timedelta64(1, "m") / (60.0 * view.step_hours))
    middle, reach = start + call["hours"] / view.step_hours / 2, AROUND_CALL_H / view.step_hours
    first, last = max(0, round(middle - reach)), min(view.steps, round(middle + reach))
    data = []
    for kind, (colour, width) in KINDS.items():
        part = floats(columns[kind])[first:last]
        line = {"color": colour, "width": width, "shape": "hv", "dash": "dot" if kind == "measured" else "solid"}
        filled = {"fill": "tozeroy", "fillcolor": pale(colour, 0.3)} if kind == "offered" else {}
        steps = {"x0": ms_of(view.stamps[first]), "dx": round(view.step_hours * HOUR_MS), "y": packed(np.append(part, part[-1]))}
        name = plain(view.words(f"vpp_market.{kind}"))
        data.append({**steps, "type": "scatter", "mode": "lines", "name": name, "line": line, "hovertemplate": "%{y:,.4~g} MW", **filled})
    return Frame(data, {"xaxis": hours_axis(view, first, last)})


def call_table(view: VppView, market: Row) -> Table:
    """One row a call, folded."""
    words, calls = view.words, market["calls"]
    energies = ("asked", "delivered", "measured", "paid", "missing")
    money = [key for key in ACCOUNT if f"{key}_cny" in calls[0]]
    rows = [
        [
            call["at"],
            f"{call['hours']:g}",
            *(shown(call[f"{key}_mwh"]) for key in energies),
            *(fen(call[f"{key}_cny"]) for key in money),
            said(call, "why", words),
        ]
        for call in calls[:MOST_CALLS]
    ]
    columns = [Column(words("vpp_market.at"), text=True, whole=True), Column(words("vpp_market.hours"), "h")]
    columns += [Column(words(f"vpp_market.{key}"), "MWh") for key in energies] + [Column(words(f"vpp_market.{ACCOUNT[key]}"), "CNY") for key in money]
    columns.append(Column(words("vpp_market.why"), text=True, data=True))
    folded = words("vpp_market.calls_folded", market=market_name(view, market), calls=f"{len(calls):,}")
    told = words("vpp_market.calls_shown", shown=f"{MOST_CALLS:,}") if len(calls) > MOST_CALLS else ""
    return Table(columns, rows, folded=folded, caption=told)


def baseline_table(view: VppView, record: Row) -> Table | None:
    """How far the baseline of each market is off, and what that is worth."""
    words, rows = view.words, []
    for market in record["markets"]:
        figures = market["figures"]
        if market["baseline"] is not None:
            exact = figures["income_at_exact_baseline_cny"]
            errors = [shown(figures.get(key)) for key in ("baseline_bias_mw", "baseline_rmse_mw")]
            rows.append([market_name(view, market), market["baseline"], *errors, shown(exact), shown(figures["income_cny"] - exact)])
    columns = [Column(words("vpp_market.market"), text=True, data=True), Column(words("vpp_market.baseline"), text=True, data=True)]
    columns += [Column(words(f"vpp_market.baseline_{key}"), "MW") for key in ("bias", "rmse")]
    columns += [Column(words(f"vpp_market.baseline_{key}"), "CNY") for key in ("exact", "gained")]
    return Table(columns, rows, title=words("vpp_market.baseline_title"), caption=words("vpp_market.baseline_caption")) if rows else None


def owner_name(view: VppView, owner: str) -> str:
    """What an owner is called."""
    return view.words("vpp_market.operator") if owner == OPERATOR else view.label(owner)


def owner_table(view: VppView, record: Row) -> Table | None:
    """Who gets what of each market, where there are several."""
    words, owners = (
        view.words,
        [one for one in record["owners"] if one["income_cny"] or any(sold.get(one["owner"]) for sold in record["owners_by_market"].values())],
    )
    if not record["has_owners"] or len(owners) < 2:
        return None
    by_market = record["owners_by_market"]
    shown_markets = [market for market in record["markets"] if market["id"] in by_market]
    heads = {"income_cny": "table.total", "delivery_cost_cny": "vpp_market.owner_cost", "net_cny": "vpp_market.net"}
    money = {key: words(head) for key, head in heads.items() if key in owners[0]}
    rows = [
        [
            owner_name(view, one["owner"]),
            *(shown(by_market[market["id"]].get(one["owner"], 0.0)) for market in shown_markets),
            *(shown(one[key]) for key in money),
        ]
        for one in owners
    ]
    sums = [shown(sum(by_market[market["id"]].values())) for market in shown_markets]
    total = [words("table.total"), *sums, *(shown(sum(one[key] for one in owners)) for key in money)]
    columns = [Column(words("table.owner"), text=True, data=True), *(Column(market_name(view, market), "CNY") for market in shown_markets)]
    return Table([*columns, *(Column(head, "CNY") for head in money.values())], rows, total, title=words("vpp_market.owners_title"))


def statement_table(view: VppView, record: Row) -> Table | None:
    """The lines of the settlement, folded; what is paid by the park is negative."""
    words, language = view.words, view.words.language
    lines = record["statement"][language]
    if not lines:
        return None
    names = {market["id"]: market_name(view, market) for market in record["markets"]}
    rows = [
        [month, names.get(market, market), item, shown(amount), unit, shown(price), fen(cny), detail]
        for month, market, item, amount, unit, price, cny, detail in lines
    ]
    heads = record["headings"][language]
    texts = (0, 1, 2, 4, 7)
    columns = [Column(head, text=place in texts, data=place in texts, whole=place == 0) for place, head in enumerate(heads)]
    total = [words("table.total"), "", "", "", "", "", fen(record["total_cny"]), ""]
    return Table(columns, rows, total, folded=words("vpp_market.statement_folded", lines=f"{len(lines):,}"), title=words("vpp_market.statement_title"))


def market_notes(view: VppView, record: Row) -> list[str]:
    """Return what the markets and the sale say of themselves."""
    words = view.words
    own = [words("vpp_market.note", market=market_name(view, market), note=note[words.language]) for market in record["markets"] for note in market["notes"]]
    return [*own, *(note[words.language] for note in record["notes"])]


def market_verdict(view: VppView, record: Row) -> str:
    """Say what the flexibility earns."""
    words, sums = view.words, view.document["figures"]
    calls = sum(market["figures"].get("calls", 0.0) for market in record["markets"])
    values = {key: money_with_unit(words, sums[f"markets.{key}_cny"]) for key in ("income", "delivery_cost")}
    if found := record.get("expectation"):
        return words("vpp_verdict.markets_bound", **values, calls=f"{calls:,.0f}", expected=money_with_unit(words, found["income_less_cost"]["mean"]))
    return words("vpp_verdict.markets", **values, calls=f"{calls:,.0f}")


def measured_share(record: Row) -> str:
    """Return how much of what was delivered the markets measure; a dash where nothing was delivered."""
    delivered, measured = (
        sum(market["figures"].get(f"{key}_mwh", 0.0) for market in record["markets"] if market["calls"]) for key in ("delivered", "measured")
    )
    return percent(measured / delivered) if delivered > 0 else DASH
