"""``tables.xlsx`` of a virtual power plant: its tables as numbers in their plain units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.accounts.amounts import said
from gridsim.report.vpp_page.envelope import WAYS, way_name
from gridsim.report.vpp_page.frequency import shed_name
from gridsim.report.vpp_page.islanding import cause_name, tier_name
from gridsim.report.vpp_page.markets import ACCOUNT, BOUNDS, market_name, owner_name
from gridsim.report.vpp_page.operation import row_name, series_name
from gridsim.report.vpp_page.vpp_view import unit
from gridsim.report.workbook import Book

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gridsim.report.vpp_page.vpp_view import VppView

HOURS_OF_DAY = 24


def write_vpp_workbook(path: Path, view: VppView) -> None:
    """Write all sheets of the parts that are there."""
    import xlsxwriter

    parts: dict[str, Callable[[Book, VppView], None]] = {
        "operation": _operation,
        "envelope": _envelope,
        "islanding": _islanding,
        "seconds": _seconds,
        "markets": _markets,
    }
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}) as workbook:
        book, words = Book(workbook, view), view.words
        heads = [(words("table.key"), ""), (words("table.value"), ""), (words("table.unit"), "")]
        book.rows("vpp_figures", heads, [[key, value, unit(key)] for key, value in view.document["figures"].items()])
        for part, write in parts.items():
            if view.part(part):
                write(book, view)


def _operation(book: Book, view: VppView) -> None:
    words, record = view.words, view.part("operation")
    heads = [(words("vpp_operation.series"), ""), (words("vpp_operation.lead_head"), "h"), (words("vpp_operation.rmse"), "1")]
    rows = [
        [series_name(view, name, one["kind"]), *row]
        for name, one in record["forecasts"].items()
        for row in zip(one["lead_hours"], one["rmse_share_of_mean"], one["bias_share_of_mean"], strict=True)
    ]
    book.rows("vpp_forecasts", [*heads, (words("vpp_operation.bias"), "1")], rows)
    if record["broken"]:
        heads = [(words(f"vpp_broken.{key}"), "") for key in ("at", "what", "by")]
        book.rows("vpp_broken", heads, [[row["at"], row_name(view, row["what"]), row["by"]] for row in record["broken"]])


def _envelope(book: Book, view: VppView) -> None:
    words, record = view.words, view.part("envelope")
    keys, durations = ("firm", "mean", "lowest", "highest"), record["durations_hours"]
    heads = [(words("vpp_envelope.duration_head"), "h"), *((words(f"vpp_envelope.{key}_of", way=way_name(view, way)), "MW") for way in WAYS for key in keys)]
    book.rows("vpp_envelope", heads, [[hours, *(record[way][f"{key}_mw"][at] for way in WAYS for key in keys)] for at, hours in enumerate(durations)])
    heads = [(words("vpp_envelope.way"), ""), (words("vpp_envelope.duration_head"), "h"), (words("table.month"), "")]
    heads += [(f"{hour:02d}", "MW") for hour in range(HOURS_OF_DAY)]
    rows = [
        [way_name(view, way), hours, f"{month:02d}", *(row[at] for row in by_hour)]
        for way in WAYS
        for at, hours in enumerate(durations)
        for month, by_hour in zip(record["months"], record[way]["firm_by_month_and_hour_mw"], strict=True)
    ]
    book.rows("vpp_firm", heads, rows)
    if record["second_level"]:
        powers = ("contract_mw", "mean_mw", "always_mw")
        heads = [(words("vpp_reserve.contract"), ""), (words("vpp_reserve.load"), ""), *((words(f"vpp_reserve.{key}"), "MW") for key in powers)]
        heads += [(words("vpp_reserve.calls"), ""), (words("vpp_reserve.hours"), "h")]
        named = [
            [view.label(one["name"]), view.label(one["load"]), *(one[key] for key in (*powers, "calls_per_year", "hours_per_call"))]
            for one in record["second_level"]
        ]
        book.rows("vpp_second_level", heads, named)


def _islanding(book: Book, view: VppView) -> None:
    words, islands = view.words, view.part("islanding")
    for island in islands:
        of, durations = "" if len(islands) == 1 else island["island"], island["durations_hours"]
        lasts = [(words("vpp_island.at_least", hours=f"{hours:g}"), "1") for hours in durations]
        heads = [(words("vpp_island.group"), ""), (words("vpp_island.starts"), ""), (words("vpp_island.mean"), "h"), *lasts]
        rows: list[list[Any]] = [
            [_group(view, by, name), row["starts"], row["hours_mean_at_least"], *row["share_at_durations"]]
            for by in ("season", "month", "hour_of_day")
            for name, row in island[f"by_{by}"].items()
        ]
        total = [words("vpp_island.all"), island["starts"], island["hours_mean_at_least"], *island["share_at_durations"]]
        book.rows("vpp_survival", heads, rows, total, of=of)
        seasons = {season: row["curve"] for season, row in island["by_season"].items() if row["curve"]}
        heads = [(words("vpp_island.duration_head"), "h"), (words("vpp_island.all"), "1"), *((words(f"vpp_season.{season}"), "1") for season in seasons)]
        curve = island["curve"]
        rows = [list(row) for row in zip(curve["duration_hours"], curve["share"], *seasons.values(), strict=True)]
        book.rows("vpp_curve", heads, rows, of=of)
        heads = [
            (words("vpp_island.tier"), ""),
            (words("vpp_island.duration_head"), "h"),
            (words("vpp_island.demand"), "MWh"),
            (words("vpp_island.unserved"), "MWh"),
        ]
        rows = [
            [tier_name(view, tier), *each]
            for tier, row in island["unserved"].items()
            for each in zip(durations, row["demand_mwh"], row["unserved_mwh"], row["unserved_share"], strict=True)
        ]
        book.rows("vpp_unserved", [*heads, (words("vpp_island.unserved_share"), "1")], rows, of=of)
        heads = [(words("table.cause"), ""), (words("vpp_island.starts"), "")]
        book.rows("vpp_causes", heads, [[cause_name(view, cause), count] for cause, count in island["causes"].items()], of=of)
        _storage(book, view, island, lasts, of)


def _group(view: VppView, by: str, name: str) -> str:
    if by == "season":
        return view.words(f"vpp_season.{name}")
    return view.words(f"vpp_island.{by}", name=name)


def _storage(book: Book, view: VppView, island: dict[str, Any], lasts: list[tuple[str, str]], of: str) -> None:
    words, keys = view.words, ("energy_factor", "power_factor", "energy_mwh", "power_mw", "hours_mean_at_least", "hours_lowest")
    if island["storage"]:
        names, units = ("energy_factor", "power_factor", "energy", "power", "mean", "lowest"), ("1", "1", "MWh", "MW", "h", "h")
        heads = [(words("vpp_island.store"), ""), *((words(f"vpp_island.{name}"), each) for name, each in zip(names, units, strict=True)), *lasts]
        rows = [[view.label(store), *(row[key] for key in keys), *row["share_at_durations"]] for store, sizes in island["storage"].items() for row in sizes]
        book.rows("vpp_storage", heads, rows, of=of)


def _seconds(book: Book, view: VppView) -> None:
    words, record = view.words, view.part("seconds")
    heads = [(words("vpp_seconds.decides"), ""), (words("vpp_seconds.hours_head"), "")]
    book.rows("vpp_decides", heads, [[words.named("vpp_decides", name), hours] for name, hours in record["decides_hours"].items()])
    keys = {"deficit_mw": ("deficit", "MW"), "nadir_hz": ("nadir", "Hz"), "peak_hz": ("peak", "Hz"), "window_rocof_hz_per_s": ("rocof", "Hz/s")}
    keys |= {"settling_hz": ("settling", "Hz")}
    shed = {name: values for name, values in record["shed_mw"].items() if np.any(np.abs(np.array(values, dtype=float)) > 0)}
    heads = [(words("vpp_seconds.hour"), ""), (words("vpp_seconds.outcome"), ""), *((words(f"vpp_seconds.{name}"), each) for name, each in keys.values())]
    heads += [(shed_name(view, name), "MW") for name in shed]
    outcome = [words(f"vpp_seconds.{'lost' if lost else 'kept'}") for lost in record["lost"]]
    columns = [*(record[key] for key in keys), *shed.values()]
    rows = [[view.stamp(step), outcome[step], *(column[step] for column in columns)] for step in range(len(outcome))]
    book.rows("vpp_seconds", heads, rows)


def _markets(book: Book, view: VppView) -> None:
    words, record = view.words, view.part("markets")
    heads = [(words("vpp_market.key"), ""), (words("vpp_market.market"), ""), (words("table.key"), ""), (words("table.value"), ""), (words("table.unit"), "")]
    rows: list[list[Any]] = [
        [market["id"], market_name(view, market), key, value, unit(key)] for market in record["markets"] for key, value in market["figures"].items()
    ]
    book.rows("vpp_markets", heads, rows)
    heads = [(head, "") for head in record["headings"][words.language]]
    book.rows("vpp_statement", heads, record["statement"][words.language], [words("table.total"), *[""] * 5, record["total_cny"], ""])
    energies = ("asked", "delivered", "measured", "paid", "missing")
    heads = [(words("vpp_market.market"), ""), (words("vpp_market.at"), ""), (words("vpp_market.hours"), "h")]
    heads += [*((words(f"vpp_market.{key}"), "MWh") for key in energies), *((words(f"vpp_market.{head}"), "CNY") for head in ACCOUNT.values())]
    heads.append((words("vpp_market.why"), ""))
    rows = [
        [
            market_name(view, market),
            call["at"],
            call["hours"],
            *(call[f"{key}_mwh"] for key in energies),
            *(call.get(f"{key}_cny") for key in ACCOUNT),
            said(call, "why", words),
        ]
        for market in record["markets"]
        for call in market["calls"]
    ]
    book.rows("vpp_calls", heads, rows)
    heads = [(words("vpp_market.market"), ""), (words("table.owner"), ""), (words("vpp_market.income"), "CNY")]
    names = {market["id"]: market_name(view, market) for market in record["markets"]}
    rows = [[names[market], owner_name(view, owner), cny] for market, shares in record["owners_by_market"].items() for owner, cny in shares.items()]
    book.rows("vpp_owners", heads, rows)
    if found := record.get("expectation"):
        heads = [
            (words("vpp_market.case"), ""),
            *((words(f"vpp_market.{key}"), "CNY") for key in ("income", "delivery_cost", "net")),
            (words("vpp_market.calls"), ""),
        ]
        keys = ("mean", "standard_deviation", "lowest", "highest")
        book.rows("vpp_expectation", heads, [[words(f"vpp_market.bound_{key}"), *(found[one][key] for one in (*BOUNDS, "calls"))] for key in keys])
    curves = [(market, curve) for market in record["markets"] for curve in market.get("curves", ())]
    if curves:
        heads = [(words("vpp_market.market"), ""), (words("vpp_market.at"), ""), (words("vpp_market.hours"), "h")]
        heads += [(words("axis.power"), "MW"), (words("vpp_market.curve_whole"), "CNY")]
        rows = [
            [market_name(view, market), curve["at"], curve["hours"], power, cost]
            for market, curve in curves
            for power, cost in zip(curve["power_mw"], curve["cost_cny"], strict=True)
        ]
        book.rows("vpp_curves", heads, rows)
