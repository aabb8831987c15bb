"""Checks of ``indicators:`` that need the shipped tables; each yields (path, finding, remedy)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gridsim.errors import did_you_mean, quoted
from gridsim.indicators.table import Table, parsed, table, table_names

if TYPE_CHECKING:
    from gridsim.indicators.section import IndicatorsSection

Finding = tuple[str, str, str]


def indicator_findings(section: IndicatorsSection) -> Iterator[Finding]:
    """Tables, rows and years that do not exist; targets that are no numbers; percent given as percent."""
    known = table_names()
    tables = [table(name) for name in section.tables if name in known]
    for place, name in enumerate(section.tables):
        if name not in known:
            yield f"indicators.tables.{place}", f"{quoted(name)} is not an indicator table", did_you_mean(name, known)
    if section.target_year is not None and tables and not any(section.target_year in found.years for found in tables):
        years = ", ".join(str(year) for year in sorted({year for found in tables for year in found.years}))
        yield "indicators.target_year", f"{section.target_year} is not a column of these tables", f"take one of {years}"
    if len(tables) < len(section.tables):  # rows of tables that are not known cannot be judged
        return
    yield from _rows(section, tables)


def _rows(section: IndicatorsSection, tables: list[Table]) -> Iterator[Finding]:
    rows = {row.name: row for found in tables for row in found.indicators}
    for field, given in (("declared", section.declared), ("targets", section.targets)):
        for name in given:
            if name not in rows:
                yield f"indicators.{field}.{name}", f"{quoted(name)} is not a row of these tables", did_you_mean(name, rows)
    for name, declared in section.declared.items():
        if name in rows and rows[name].unit == "%" and abs(declared.value) > 1.5:
            yield f"indicators.declared.{name}.value", f"{declared.value:g} as a share is {declared.value:.0%}", "write shares as 0..1, 0.62 for 62 %"
    for name, printed in section.targets.items():
        if name in rows:
            try:
                parsed(printed, rows[name].unit, rows[name].better)
            except ValueError as error:
                yield f"indicators.targets.{name}", error.args[0], error.args[1]
