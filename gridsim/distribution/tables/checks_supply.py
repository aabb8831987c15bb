"""Rules for the network as a whole: switches stand at something, a source feeds every bus, bands are bands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from gridsim.distribution.tables.checks import Check, Draft
from gridsim.distribution.tables.limits import voltage_band
from gridsim.distribution.tables.reading import Placed
from gridsim.errors import Problem, did_you_mean, quoted

NAMES_SHOWN = 6


def bands_are_bands(draft: Draft) -> Iterator[Problem]:
    """The lowest voltage is below the highest."""
    for placed in draft.rows("buses"):
        row = placed.row
        low, high = voltage_band(row.voltage_kv)
        low, high = row.min_vm_pu or low, row.max_vm_pu or high
        if low >= high:
            column = "min_vm_pu" if row.min_vm_pu is not None else "max_vm_pu"
            yield placed.problem(column, f"the band from {low:g} to {high:g} p.u. is empty", "the lowest voltage is below the highest")


def switches_stand_at_something(draft: Draft) -> Iterator[Problem]:
    """The element of a switch exists and has an end at the switch's bus."""
    for placed in draft.rows("switches"):
        row = placed.row
        noun = {"bus": "buses", "line": "lines", "transformer": "transformers"}[row.element_type]
        known = {other.row.name: other.row for other in draft.rows(noun)}
        if row.element not in known:
            if draft.readable(noun) and row.element not in draft.everything[noun].refused:
                yield placed.problem("element", f"{quoted(row.element)} is not a {row.element_type}", did_you_mean(row.element, known))
            continue
        if row.element_type == "bus":
            buses = draft.buses()
            if row.bus == row.element:
                yield placed.problem("element", f"'{row.element}' is also bus", "a switch joins two different buses")
            elif row.bus in buses and buses[row.bus].voltage_kv != known[row.element].voltage_kv:
                voltages = f"{buses[row.bus].voltage_kv:g} and {known[row.element].voltage_kv:g} kV"
                yield placed.problem("element", f"joins buses of {voltages}", "a switch joins buses of one voltage")
        elif row.bus not in _ends(row.element_type, known[row.element]):
            ends = " and ".join(f"'{end}'" for end in _ends(row.element_type, known[row.element]))
            yield placed.problem("bus", f"'{row.bus}' is no end of {row.element_type} '{row.element}'", f"its ends are {ends}")


def _ends(element_type: str, row: object) -> tuple[str, str]:
    columns = ("from_bus", "to_bus") if element_type == "line" else ("hv_bus", "lv_bus")
    return getattr(row, columns[0]), getattr(row, columns[1])


def something_supplies(draft: Draft) -> Iterator[Problem]:
    """There is a source, and one at most at a bus."""
    if not draft.whole("sources"):
        return
    if not draft.rows("sources"):
        file, stage = draft.everything["sources"].file, "" if draft.stage is None else f" in stage {draft.stage}"
        yield Problem("sources", f"there is no source{stage}", "a row with bus, vm_pu and short_circuit_mva: the public grid", file, 1)
    first: dict[str, Placed] = {}
    for placed in draft.rows("sources"):
        if first.setdefault(placed.row.bus, placed) is not placed:
            yield placed.problem("bus", f"'{placed.row.bus}' already has the source '{first[placed.row.bus].row.name}'", "one source a bus")


def one_thing_holds_a_voltage(draft: Draft) -> Iterator[Problem]:
    """Compensators and a source at one bus hold one voltage."""
    held = {placed.row.bus: placed for placed in draft.rows("sources")}
    for placed in draft.rows("compensators"):
        other = held.setdefault(placed.row.bus, placed)
        if other.row.vm_pu != placed.row.vm_pu:
            found = f"{placed.row.vm_pu:g} at '{placed.row.bus}', where '{other.row.name}' holds {other.row.vm_pu:g}"
            yield placed.problem("vm_pu", found, "what hangs at one bus holds one voltage")


def every_bus_is_supplied(draft: Draft) -> Iterator[Problem]:
    """Each bus reaches a source over lines, transformers and closed switches; each island is told once."""
    if not (draft.readable("buses") and all(draft.whole(noun) for noun in ("lines", "transformers", "switches", "sources"))):
        return
    neighbours = _neighbours(draft)
    if neighbours is None:
        return
    reached: set[str] = set()
    waiting = [placed.row.bus for placed in draft.rows("sources") if placed.row.bus in neighbours]
    if not waiting:
        return
    while waiting:
        bus = waiting.pop()
        if bus not in reached:
            reached.add(bus)
            waiting.extend(neighbours[bus])
    for placed in draft.rows("buses"):
        if placed.row.name in reached:
            continue
        island: list[str] = []
        waiting = [placed.row.name]
        while waiting:
            bus = waiting.pop()
            if bus not in reached:
                reached.add(bus)
                island.append(bus)
                waiting.extend(neighbours[bus])
        others = ", ".join(sorted(island[1:])[:NAMES_SHOWN]) + (f" and {len(island) - 1 - NAMES_SHOWN} more" if len(island) > NAMES_SHOWN + 1 else "")
        hanging = sorted({row.row.asset for row in draft.rows("connections") if row.row.bus in island})
        assets = ", ".join(hanging[:NAMES_SHOWN]) + (f" and {len(hanging) - NAMES_SHOWN} more" if len(hanging) > NAMES_SHOWN else "")
        found = "is an island without a source" + (f", with {others}" if others else "") + (f"; there hang {assets}" if assets else "")
        yield placed.problem("name", found, "join it by a line, a transformer or a closed switch, or set the stages of what joins it")


def _neighbours(draft: Draft) -> dict[str, set[str]] | None:
    """Return for each bus the buses that it is joined to; nothing where an end is at no bus, as to call buses islands would then be an echo."""
    opened = {(placed.row.element_type, placed.row.element) for placed in draft.rows("switches") if not placed.row.closed}
    joined = [
        _ends(kind, placed.row)
        for kind, noun in (("line", "lines"), ("transformer", "transformers"))
        for placed in draft.rows(noun)
        if placed.row.in_service and (kind, placed.row.name) not in opened
    ]
    joined += [(placed.row.bus, placed.row.element) for placed in draft.rows("switches") if placed.row.element_type == "bus" and placed.row.closed]
    neighbours: dict[str, set[str]] = {placed.row.name: set() for placed in draft.rows("buses")}
    for one, other in joined:
        if one not in neighbours or other not in neighbours:
            return None
        neighbours[one].add(other)
        neighbours[other].add(one)
    return neighbours


def _curves(draft: Draft) -> dict[str, list[Placed]]:
    """Return the points of each curve."""
    curves: dict[str, list[Placed]] = {}
    for placed in draft.rows("curves"):
        curves.setdefault(placed.row.name, []).append(placed)
    return curves


def curves_are_curves(draft: Draft) -> Iterator[Problem]:
    """A curve has two points or more, of one kind, from left to right; a higher voltage never calls for more reactive power."""
    for name, points in _curves(draft).items():
        if len(points) < 2:
            yield points[0].problem("name", f"the curve '{name}' has one point", "give two points or more")
        for earlier, later in pairwise(points):
            if later.row.kind != earlier.row.kind:
                yield later.problem("kind", f"is {later.row.kind}, the points above are {earlier.row.kind}", "a curve is of one kind")
            elif later.row.at <= earlier.row.at:
                yield later.problem("at", f"{later.row.at:g} is not above {earlier.row.at:g}, the point before", "points go from left to right")
            elif later.row.kind == "q_u" and later.row.value > earlier.row.value:
                found = f"{later.row.value:g} is more than {earlier.row.value:g} at the lower voltage before"
                yield later.problem("value", found, "it would drive the voltage away; let it fall")
        for point in points:
            if point.row.kind == "cos_phi_p" and point.row.value <= 0:
                yield point.problem("value", f"{point.row.value:g} is not a power factor", "power factors are above 0 and at most 1")


def curves_exist(draft: Draft) -> Iterator[Problem]:
    """A connection names a curve of the kind that it takes there."""
    curves = _curves(draft)
    for placed in draft.rows("connections"):
        for kind in ("q_u", "cos_phi_p"):
            name = getattr(placed.row, f"{kind}_curve")
            fitting = [curve for curve, points in curves.items() if points[0].row.kind == kind]
            if name is not None and name not in fitting and name not in draft.everything["curves"].refused:
                found = f"'{name}' is a curve of another kind" if name in curves else f"{quoted(name)} is not a curve"
                yield placed.problem(f"{kind}_curve", found, did_you_mean(name, fitting))


SUPPLY_CHECKS: tuple[Check, ...] = (
    bands_are_bands,
    switches_stand_at_something,
    something_supplies,
    one_thing_holds_a_voltage,
    every_bus_is_supplied,
    curves_are_curves,
    curves_exist,
)
"""Rules for what belongs together."""
