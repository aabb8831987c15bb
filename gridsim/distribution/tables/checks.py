"""Rules for rows and what they name, as a named list; each yields problems with file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridsim.distribution.tables.reading import Placed, Rows
from gridsim.distribution.tables.standard_types import LineType, TransformerType
from gridsim.errors import Problem, did_you_mean, quoted

if TYPE_CHECKING:
    from gridsim.park.park import Park

BUS_COLUMNS = {
    "lines": ("from_bus", "to_bus"),
    "transformers": ("hv_bus", "lv_bus", "tap_controlled_bus"),
    "shunts": ("bus",),
    "compensators": ("bus",),
    "switches": ("bus",),
    "sources": ("bus",),
    "connections": ("bus",),
}
RATED_OVER_NOMINAL = (0.9, 1.15)
"""Rated voltage of a winding over nominal voltage of its bus: windings are built for up to 1.1 times, and a line may run some below. [1]"""


@dataclass(frozen=True)
class Draft:
    """All rows that could be read, and those that are there in the stage."""

    everything: dict[str, Rows]
    present: dict[str, list[Placed]]
    types: dict[str, dict[str, Any]]
    stage: str | None
    park: Park | None

    @property
    def owner(self) -> Park:
        """The park, in checks that are only asked where there is one."""
        if self.park is None:
            raise AssertionError("asset checks need a park")
        return self.park

    def rows(self, noun: str) -> list[Placed]:
        """Rows of a table in the stage."""
        return self.present.get(noun, [])

    def readable(self, *nouns: str) -> bool:
        """Tell whether tables could be read, so that what is not in them is really missing."""
        return all(noun in self.everything and self.everything[noun].readable for noun in nouns)

    def buses(self) -> dict[str, Any]:
        """Rows of the buses of the stage by name."""
        return {placed.row.name: placed.row for placed in self.rows("buses")}

    def whole(self, noun: str) -> bool:
        """Tell whether no row of a table was refused."""
        return self.readable(noun) and not self.everything[noun].refused


Check = Callable[[Draft], Iterator[Problem]]


def names_are_unique(draft: Draft) -> Iterator[Problem]:
    """A name stands once in its table; in different stages it may stand again, as what replaces it."""
    for noun in ("buses", "lines", "transformers", "shunts", "compensators", "switches", "sources"):
        first: dict[str, Placed] = {}
        for placed in draft.rows(noun):
            earlier = first.setdefault(placed.row.name, placed)
            if earlier is not placed:
                found = f"is written twice (first in line {earlier.node.line})"
                yield placed.problem("name", found, "rename or remove one, or end the first with until_stage")


def buses_exist(draft: Draft) -> Iterator[Problem]:
    """Each bus that a row names is there in the stage."""
    if not draft.readable("buses"):
        return
    known, refused = draft.buses(), draft.everything["buses"].refused
    ever = {placed.row.name: placed.row for placed in draft.everything["buses"].rows}
    for noun, columns in BUS_COLUMNS.items():
        for placed in draft.rows(noun):
            for column in columns:
                name = getattr(placed.row, column)
                if name is None or name in known or name in refused:
                    continue
                if name in ever:
                    lasting = " and ".join(
                        f"{word} {stage}" for word, stage in (("from", ever[name].from_stage), ("until", ever[name].until_stage)) if stage is not None
                    )
                    found = f"'{name}' is not there in stage {draft.stage} ({lasting})"
                    yield placed.problem(column, found, "give the row the stages of its bus")
                else:
                    yield placed.problem(column, f"{quoted(name)} is not a bus", did_you_mean(name, known))


def types_exist(draft: Draft) -> Iterator[Problem]:
    """Each type is shipped, or one of the park's own."""
    for noun in ("line", "transformer"):
        for placed in draft.rows(f"{noun}s"):
            if placed.row.type not in draft.types[noun]:
                found = f"{quoted(placed.row.type)} is not a type of {noun}"
                yield placed.problem("type", found, did_you_mean(placed.row.type, draft.types[noun]))


def lines_join_one_voltage(draft: Draft) -> Iterator[Problem]:
    """A line joins two different buses of one voltage, at most the one it is built for."""
    buses = draft.buses()
    for placed in draft.rows("lines"):
        row = placed.row
        if row.from_bus == row.to_bus:
            yield placed.problem("to_bus", f"'{row.to_bus}' is also from_bus", "a line joins two different buses")
            continue
        if not {row.from_bus, row.to_bus} <= buses.keys():
            continue
        ends = [buses[name].voltage_kv for name in (row.from_bus, row.to_bus)]
        kind: LineType | None = draft.types["line"].get(row.type)
        if ends[0] != ends[1]:
            found = f"joins '{row.from_bus}' of {ends[0]:g} kV and '{row.to_bus}' of {ends[1]:g} kV"
            yield placed.problem("to_bus", found, "a transformer joins two voltages; correct a bus, or move the row to transformers.csv")
        elif kind is not None and ends[0] > kind.voltage_kv * RATED_OVER_NOMINAL[1]:
            fitting = [name for name, other in draft.types["line"].items() if other.voltage_kv == ends[0]]
            found = f"'{row.type}' is built for {kind.voltage_kv:g} kV, the buses have {ends[0]:g} kV"
            yield placed.problem("type", found, f"types for this voltage: {', '.join(fitting) or 'none'}")


def transformers_fit_their_buses(draft: Draft) -> Iterator[Problem]:
    """Each winding has the voltage of its bus."""
    buses = draft.buses()
    for placed in draft.rows("transformers"):
        row = placed.row
        if row.hv_bus == row.lv_bus:
            yield placed.problem("lv_bus", f"'{row.lv_bus}' is also hv_bus", "a transformer joins two different buses")
            continue
        kind: TransformerType | None = draft.types["transformer"].get(row.type)
        if kind is None or not {row.hv_bus, row.lv_bus} <= buses.keys():
            continue
        high, low = buses[row.hv_bus].voltage_kv, buses[row.lv_bus].voltage_kv
        if _fits(kind.hv_kv, high) and _fits(kind.lv_kv, low):
            continue
        if _fits(kind.hv_kv, low) and _fits(kind.lv_kv, high):
            found = f"has its sides exchanged: hv_bus '{row.hv_bus}' is {high:g} kV, lv_bus '{row.lv_bus}' is {low:g} kV"
            yield placed.problem("hv_bus", found, "exchange hv_bus and lv_bus")
            continue
        fitting = [name for name, other in draft.types["transformer"].items() if _fits(other.hv_kv, high) and _fits(other.lv_kv, low)]
        for column, bus, voltage, rated in (("hv_bus", row.hv_bus, high, kind.hv_kv), ("lv_bus", row.lv_bus, low, kind.lv_kv)):
            if not _fits(rated, voltage):
                found = f"'{bus}' is {voltage:g} kV, that side of '{row.type}' is built for {rated:g} kV"
                yield placed.problem(column, found, f"types from {high:g} to {low:g} kV: {', '.join(fitting) or 'none'}")


def _fits(rated_kv: float, nominal_kv: float) -> bool:
    return RATED_OVER_NOMINAL[0] <= rated_kv / nominal_kv <= RATED_OVER_NOMINAL[1]


def taps_can_do_what_they_should(draft: Draft) -> Iterator[Problem]:
    """Positions exist; a rule is whole, and its dead band wider than a step."""
    for placed in draft.rows("transformers"):
        row, kind = placed.row, draft.types["transformer"].get(placed.row.type)
        given = {column: getattr(row, column) for column in ("tap_controlled_bus", "tap_set_point_pu", "tap_dead_band_pu")}
        missing = [column for column, value in given.items() if value is None]
        if 0 < len(missing) < len(given):
            found = f"is empty, while {', '.join(column for column in given if column not in missing)} is given"
            yield placed.problem(missing[0], found, "a tap rule has controlled bus, set-point and dead band")
        if kind is None:
            continue
        if abs(row.tap_position) > kind.tap_steps:
            found = f"{row.tap_position} is not a position of '{row.type}'"
            yield placed.problem("tap_position", found, f"it has -{kind.tap_steps} to {kind.tap_steps}")
        if missing:
            continue
        if not kind.on_load:
            remedy = "empty the tap rule, or choose a type with on_load true"
            yield placed.problem("tap_controlled_bus", f"'{row.type}' cannot change its tap under load", remedy)
        elif row.tap_dead_band_pu <= kind.tap_step_percent / 100.0:
            found = f"{row.tap_dead_band_pu:g} is not wider than a step of {kind.tap_step_percent / 100.0:g} p.u."
            yield placed.problem("tap_dead_band_pu", found, "the tap would never come to rest; give about twice the step")


def branches_are_told_apart(draft: Draft) -> Iterator[Problem]:
    """A line and a transformer do not share a name: loadings and violations go by it."""
    lines = {placed.row.name: placed for placed in draft.rows("lines")}
    for placed in draft.rows("transformers"):
        if (line := lines.get(placed.row.name)) is not None:
            yield placed.problem("name", f"'{placed.row.name}' is also a line (line {line.node.line} of lines.csv)", "give one of them another name")


CHECKS: tuple[Check, ...] = (
    names_are_unique,
    branches_are_told_apart,
    buses_exist,
    types_exist,
    lines_join_one_voltage,
    transformers_fit_their_buses,
    taps_can_do_what_they_should,
)
"""Rules for each row."""
