"""The report's sections in the order a planner reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.report import record_tables, tables
from gridsim.report.accounts import accounts_sections
from gridsim.report.balance import supply_and_use
from gridsim.report.figures.carpet import curtailment_carpet, grid_carpet
from gridsim.report.figures.costs import cost_bars
from gridsim.report.figures.duration import duration_curves
from gridsim.report.figures.heat import heat_figures
from gridsim.report.figures.months import cause_bars, month_figures
from gridsim.report.figures.sankey import sankey
from gridsim.report.figures.storage import storage_figures
from gridsim.report.figures.weeks import week_figures
from gridsim.report.frame import Section
from gridsim.report.heat import heat_table
from gridsim.report.timeline import CARPET_DAYS
from gridsim.report.wires import wires_sections

if TYPE_CHECKING:
    from gridsim.report.figures.figure import Figure
    from gridsim.report.tables import Table
    from gridsim.report.view import RunView

    Part = Figure | Table | str | None


def sections(view: RunView) -> list[Section]:
    """Return all sections below the headline."""
    words = view.words
    supply, use = supply_and_use(view)
    too_short = words("left_out.carpet", days=CARPET_DAYS)
    one_month = words("left_out.months")

    def section(name: str, *parts: Part, items: list[str] | None = None) -> Section:
        return Section(name, words(f"{name}.title"), [part for part in parts if part], items or [])

    curtailed, traded = view.total("curtailed_mw").max() > 1e-3, (view.total("import_mw") + view.total("export_mw")).max() > 1e-3
    stores: list[Figure | str] = [*storage_figures(view)] or [words("left_out.no_storage")]
    months: list[Figure | str] = [*month_figures(view, supply, use)] or [one_month]
    warnings = [str(warning) for warning in view.record["warnings"]]
    return [
        section("flow", sankey(view) or words("left_out.flow"), heat_table(view)),
        section(
            "curtailment",
            curtailment_carpet(view) or (too_short if curtailed else words("left_out.no_curtailment")),
            cause_bars(view) or (one_month if curtailed else None),
            tables.cause_table(view),
        ),
        section("grid", grid_carpet(view) or (too_short if traded else words("left_out.no_grid"))),
        section("storage", *stores),
        section("weeks", words("weeks.intro"), *week_figures(view, supply, use), *heat_figures(view)),
        section("months", *months, tables.month_table(view)),
        section("duration", duration_curves(view) or words("left_out.duration")),
        *wires_sections(view),
        section("costs", _cost_words(view), cost_bars(view), tables.cost_table(view) or words("left_out.costs")),
        *accounts_sections(view),
        section("technologies", tables.technology_table(view)),
        section("limits", record_tables.limit_table(view) or words("left_out.limits"), record_tables.quota_table(view)),
        section("warnings", None if warnings else words("left_out.warnings"), items=warnings),
        section("defaults", record_tables.defaults_table(view) or words("left_out.defaults")),
        section("run", record_tables.run_table(view), record_tables.audit_table(view), record_tables.seconds_table(view)),
    ]


def _cost_words(view: RunView) -> str:
    words = view.words
    return words("costs.intro") if view.hours >= 8760 else words("costs.intro_part", hours=f"{view.hours:,.6g}")
