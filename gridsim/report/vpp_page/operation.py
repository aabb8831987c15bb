"""The operation of a park that does not know the future: what it costs, how far forecasts are off, what could not be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.accounts.amounts import DASH, money, money_with_unit
from gridsim.report.figures.figure import Figure
from gridsim.report.numbers import SPACE, energy, number, percent
from gridsim.report.tables import Cell, Column, Table
from gridsim.report.theme import axis, colour_of, layout
from gridsim.report.vpp_page.traces import BEST, DONE, RULE, below, lines, lying, lying_frame
from gridsim.report.vpp_page.vpp_view import floats, listed, shown
from gridsim.report.vpp_page.weeks import week_figure
from gridsim.report.wires.wires_view import LOADING_KINDS, VOLTAGE_KINDS, per_unit

if TYPE_CHECKING:
    from gridsim.report.vpp_page.vpp_view import Row, VppView

COSTS = {"perfect": BEST, "operated": DONE, "rule": RULE}
MOST_BROKEN = 20
"""Rows of the table of what could not be kept."""
ENERGIES = ("import_above_plan_mwh", "import_below_plan_mwh")


def operation(view: VppView) -> list[Any]:
    """Return the parts of the section."""
    record = view.part("operation")
    parts = [how(view, record), cost_bars(view, record), cost_table(view, record), week_figure(view)]
    return [*parts, error_lines(view, record), error_table(view, record), *wires(view, record), broken_table(view, record)]


def how(view: VppView, record: Row) -> str:
    """Say how the park was operated."""
    settings, words = record["settings"], view.words
    hours = {key: f"{settings[f'{key}_hours']:g}" for key in ("horizon", "every", "forecast_every")}
    said = [words("vpp_operation.how", **hours, windows=f"{record['figures']['windows']:,.0f}", level=words.named("level", settings["level"]))]
    if record["behind"]:
        said.append(words("vpp_operation.behind", list=words("word.list_comma").join(row_name(view, what) for what in record["behind"])))
    return words("word.sentence_space").join(said)


def cost_bars(view: VppView, record: Row) -> Figure:
    """Draw the cost of perfect foresight, of the operation, and of a rule that does not look ahead."""
    words, (factor, unit) = view.words, view.words.money
    costs = [record["figures"][f"{name}_cost_cny"] / factor for name in COSTS]
    names = [words(f"vpp_operation.{name}") for name in COSTS]
    frame = lying_frame(words("vpp_operation.cost_axis", unit=unit))
    return Figure("operation-cost", words("vpp_figure.cost"), [lying(names, costs, list(COSTS.values()), unit)], frame, 190)


def cost_table(view: VppView, record: Row) -> Table:
    """Costs, and how far the operation is from the plan of the day before."""
    words, figures = view.words, record["figures"]
    rows: list[list[str]] = []
    for name in COSTS:
        over = figures[f"{name}_cost_cny"] - figures["perfect_cost_cny"]
        share = percent(over / abs(figures["perfect_cost_cny"])) if figures["perfect_cost_cny"] else DASH
        rows.append(
            [words(f"vpp_operation.{name}"), money(words, figures[f"{name}_cost_cny"]), money(words, over), share, words(f"vpp_operation.{name}_means")]
        )
    columns = [Column(words("vpp_operation.way"), text=True), Column(words("vpp_operation.cost"), words.money[1])]
    columns += [Column(words("vpp_operation.over"), words.money[1]), Column(words("vpp_operation.over_share")), Column(words("table.meaning"), text=True)]
    value = figures["value_of_planning_share"]
    said = [words("vpp_operation.planning", share=percent(value))] if value is not None else []
    if figures.get("rule_windows_broken"):
        said.append(words("vpp_operation.rule_broken", windows=f"{figures['rule_windows_broken']:,.0f}"))
    said.append(words("vpp_operation.deviation", above=energy(figures[ENERGIES[0]]), below=energy(figures[ENERGIES[1]])))
    return Table(columns, rows, caption=words("word.sentence_space").join(said))


def series_name(view: VppView, name: str, kind: str) -> str:
    """What a series is called: its kind, and the profile where that says more."""
    word = view.words.named("vpp_kind", kind)
    return word if name == kind else view.words("curtail.option_of", option=word, which=name)


def error_lines(view: VppView, record: Row) -> Figure | None:
    """Draw the error of the forecasts by lead."""
    if not record["forecasts"]:
        return None
    words, data = view.words, []
    of_kind: dict[str, int] = {}
    for name, one in record["forecasts"].items():
        place = of_kind[one["kind"]] = of_kind.get(one["kind"], -1) + 1
        line = {"color": colour_of(one["kind"]), "width": 2, "dash": ("solid", "dash", "dot", "dashdot")[place % 4]}
        error, bias = (100.0 * floats(one[f"{key}_share_of_mean"]) for key in ("rmse", "bias"))
        hover = f"%{{y:,.3~g}} %, {words('vpp_operation.bias')} %{{customdata:+.3~g}} %"
        more = {"mode": "lines+markers", "line": line, "customdata": listed(bias), "hovertemplate": hover}
        data.append(lines(one["lead_hours"], error, series_name(view, name, one["kind"]), "", "%", **more))
    frame = layout(
        hovermode="x unified",
        xaxis=axis(words("vpp_operation.lead"), rangemode="tozero"),
        yaxis=axis(words("vpp_operation.error"), rangemode="tozero"),
        margin={"l": 70, "r": 30, "t": 26, "b": 80},
        legend=below(-0.22),
    )
    return Figure("forecast-errors", words("vpp_figure.errors"), data, frame, 330, caption=words("vpp_operation.error_caption"))


def error_table(view: VppView, record: Row) -> Table | None:
    """Errors of the forecasts as numbers, folded."""
    forecasts = record["forecasts"]
    if not forecasts:
        return None
    leads = sorted({lead for one in forecasts.values() for lead in one["lead_hours"]})
    rows = []
    for name, one in forecasts.items():
        pairs = zip(one["lead_hours"], one["rmse_share_of_mean"], one["bias_share_of_mean"], strict=True)
        told = {lead: Cell(_percent(rmse), note=_signed(bias)) for lead, rmse, bias in pairs}
        rows.append([series_name(view, name, one["kind"]), *(told.get(lead, DASH) for lead in leads)])
    columns = [Column(view.words("vpp_operation.series"), text=True, data=True), *(Column(view.hours_text(lead)) for lead in leads)]
    return Table(columns, rows, folded=view.words("vpp_operation.errors_folded"), caption=view.words("vpp_operation.errors_caption"))


def _percent(value: float | None) -> str:
    return DASH if value is None else percent(value)


def _signed(value: float | None) -> str:
    return DASH if value is None else f"{'+' if value > 0 else ''}{percent(value)}"


def wires(view: VppView, record: Row) -> list[Table | str]:
    """Say whether the wires carry the operation, and what it took; elements that were beyond a limit, most energy at risk first."""
    words, found = view.words, record.get("wires")
    if found is None:
        return []
    figures = found["figures"]
    hours = {when: f"{figures[f'wires_{which}violating_hours']:,.6g}" for when, which in (("before", "unaware_"), ("after", ""))}
    if not figures["wires_unaware_violating_hours"]:
        return [words("vpp_operation.wires_carry")]
    said = words("vpp_operation.wires_beyond", **hours, cost=money_with_unit(words, figures["wires_cost_cny"]), rounds=f"{figures['wires_rounds']:.0f}")
    if found["windows_broken"]:
        said = words("word.sentence_space").join([said, words("vpp_operation.wires_broken", windows=f"{found['windows_broken']:,}")])
    after = {(one["kind"], one["element"]): one for one in found["after"]}
    before = {(one["kind"], one["element"]): one for one in found["before"]}
    rows = []
    for kind, element in [*before, *(key for key in after if key not in before)][:MOST_BROKEN]:
        both = [one.get((kind, element)) for one in (before, after)]
        worst = [DASH if one is None else _amount(kind, one["worst"]) for one in both]
        limit = _amount(kind, next(one["limit"] for one in both if one is not None))
        rows.append([element or DASH, words.named("wires_kind", kind), *(f"{0.0 if one is None else one['hours']:,.6g}" for one in both), *worst, limit])
    columns = [Column(words("wires_table.element"), text=True, data=True), Column(words("wires_table.kind"), text=True)]
    columns += [Column(words(f"vpp_operation.hours_{when}"), "h") for when in ("before", "after")]
    columns += [Column(words(f"vpp_operation.worst_{when}"), whole=True) for when in ("before", "after")]
    return [said, Table([*columns, Column(words("wires_table.limit"))], rows, title=words("vpp_operation.wires_title"))]


def _amount(kind: str, value: float) -> str:
    if kind in VOLTAGE_KINDS:
        return per_unit(value)
    if kind in LOADING_KINDS:
        return percent(value)
    return f"{number(value)}{SPACE}MW" if kind == "connection" else DASH


def row_name(view: VppView, what: str) -> str:
    """Return what a broken row is called."""
    kind, _, named = what.partition(" ")
    if kind == "balance":
        return view.words("vpp_broken.balance", bus=named.rpartition(" ")[2])
    if kind == "technologies":
        return view.words("vpp_broken.limit", technologies=view.words("word.list_comma").join(view.label(name) for name in named.split(", ")))
    if kind == "owed":
        return view.words("vpp_broken.owed")
    if what.startswith("limits."):
        limit = what.removeprefix("limits.")
        return view.words.get(f"vpp_limit.{limit}") or view.words.named("limit", limit)
    return what


def broken_table(view: VppView, record: Row) -> Table | str:
    """What could not be kept, the most first; a sentence where everything could."""
    words, broken = view.words, sorted(record["broken"], key=lambda row: -(row["by"] or 0.0))
    if not broken:
        return words("vpp_broken.none")
    rows = [[row["at"], row_name(view, row["what"]), shown(row["by"])] for row in broken[:MOST_BROKEN]]
    columns = [Column(words("vpp_broken.at"), text=True, whole=True), Column(words("vpp_broken.what"), text=True, data=True), Column(words("vpp_broken.by"))]
    windows = len({row["first"] for row in broken})
    caption = words("vpp_broken.caption", windows=f"{windows:,}", rows=f"{len(broken):,}", shown=f"{len(rows):,}")
    return Table(columns, rows, title=words("vpp_broken.title"), caption=caption)


def operation_verdict(view: VppView, record: Row) -> str:
    """Say what not knowing the future costs, and what the wires do where they leave their limits."""
    words, figures = view.words, record["figures"]
    regret = money_with_unit(words, figures["regret_cny"])
    said = [words("vpp_verdict.regret_only", regret=regret)]
    if figures["regret_share"] is not None:
        said = [words("vpp_verdict.regret", regret=regret, share=percent(figures["regret_share"]))]
    wired = (record.get("wires") or {}).get("figures", {})
    if wired.get("wires_unaware_violating_hours"):
        cost, left = money_with_unit(words, wired["wires_cost_cny"]), f"{wired['wires_violating_hours']:,.6g}"
        said.append(words("vpp_verdict.wires", cost=cost, hours=left))
    return words("word.sentence_space").join(said)
