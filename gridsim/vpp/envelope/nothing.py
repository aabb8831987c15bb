r"""Why nothing can be given at some starts: which technologies leave no room in them.

A technology whose components supply :math:`f_c p_c` to electric buses leaves up :math:`\sum_c \max(f_c (\overline p_c - p_c),\, f_c (\underline p_c - p_c))`,
down the same with the least in place of the most; what moves a store's content ends with what is in it, or with the space that is left. The connection leaves
up what it imports and what it may still export, down what it may still import and what it exports. What a call takes back later is not in this: where room is
left and yet nothing can be given, the recovery or a limit over a longer time binds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gridsim.technologies.draft import PeriodLimit, total

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.technologies.draft import Component
    from gridsim.vpp.envelope.envelope import Envelope

    Rooms = dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]

Kind = Literal["store", "conversion", "renewable", "connection", "other"]

NOTHING_MW = 1e-3
"""A power or room below this is nothing."""

SMALL_SHARE = 0.05
"""A technology whose largest room, up and down together, is below this share of the largest of all is not named."""

NOT_FLEXIBLE = {"load", "unserved", "import", "export", "transport", "spill", "missed", "auxiliary"}


def nothing_record(envelope: Envelope, dispatch: Dispatch) -> dict[str, Any]:
    """Return by direction the share of starts at which nothing can be given, by duration, and in which share of these each technology leaves nothing.

    The causes are those of the shortest duration, the most frequent first.
    """
    rooms, kinds = rooms_of(dispatch)
    shortest = int(np.argmin(envelope.durations_hours))
    record = {}
    size = {name: float((up + down).max(initial=0.0)) for name, (up, down) in rooms.items()}
    named = [name for name, room in size.items() if room >= SMALL_SHARE * max(size.values())]
    for way, power in enumerate((envelope.up_mw, envelope.down_mw)):
        known = np.isfinite(power)
        none = known & (power <= NOTHING_MW)
        at = envelope.starts[none[:, shortest]]
        causes = [{"technology": name, "kind": kinds[name], "share": float(np.mean(rooms[name][way][at] <= NOTHING_MW))} for name in named if at.size]
        record["up" if way == 0 else "down"] = {
            "share": [float(none[:, place].sum() / max(known[:, place].sum(), 1)) for place in range(none.shape[1])],
            "causes": sorted(causes, key=lambda one: -float(str(one["share"]))),
        }
    return record


def rooms_of(dispatch: Dispatch) -> tuple[Rooms, dict[str, Kind]]:
    """Return the room of each technology in each step, up and down, shape (T,) each [MW], and what kind it is."""
    draft, park = dispatch.draft, dispatch.draft.park
    rooms: Rooms = {}
    roles: dict[str, set[str]] = {}
    for component in draft.components.values():
        factors = [factor for bus, factor in draft.ports(component) if bus in park.buses and draft.electric(bus)]
        if component.kind == "Store" or component.role in NOT_FLEXIBLE or not factors:
            continue
        factor, flow = np.asarray(sum(factors), dtype=float), dispatch.flows[component.name]
        lowest = np.asarray(component.get("p_min_pu", 0.0)) * component["p_nom"]
        most, least = _within_store(dispatch, component, draft.available(component) - flow)
        ends = factor * np.maximum(np.minimum(most, least), 0.0), factor * np.minimum(lowest - flow, 0.0)
        up, down = rooms.get(component.technology, (np.zeros(draft.steps), np.zeros(draft.steps)))
        rooms[component.technology] = up + np.maximum(*ends), down + np.maximum(-ends[0], -ends[1])
        roles.setdefault(component.technology, set()).add(component.role)
    kinds = {name: _kind(found) for name, found in roles.items()}
    for import_, export in _connections(dispatch):
        name = import_.technology
        imported, exported = (np.zeros(draft.steps) if one is None else dispatch.flows[one.name] for one in (import_, export))
        may_export = np.zeros(draft.steps) if export is None else np.where(_used_up(dispatch, export), 0.0, draft.available(export) - exported)
        rooms[name], kinds[name] = (imported + may_export, draft.available(import_) - imported + exported), "connection"
    return rooms, kinds


def _kind(roles: set[str]) -> Kind:
    if roles & {"charge", "discharge"}:
        return "store"
    return "conversion" if "conversion" in roles else "renewable" if "renewable" in roles else "other"


def _within_store(dispatch: Dispatch, component: Component, room: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the room of a flow, and what the store of its technology allows of it. Shape (T,) each."""
    stores = [one for one in dispatch.draft.having("store") if one.technology == component.technology]
    if component.role not in {"charge", "discharge"} or not stores:
        return room, room
    (store, *_), hours = stores, dispatch.time.step_hours
    level = dispatch.levels[store.name]
    if component.role == "discharge":
        return room, (level - np.asarray(store.get("e_min_pu", 0.0)) * store["e_nom"]) / hours
    space = np.asarray(store.get("e_max_pu", 1.0)) * store["e_nom"] - level
    return room, space / hours / max(float(np.max(component.get("efficiency", 1.0))), 1e-9)


def _connections(dispatch: Dispatch) -> list[tuple[Component, Component | None]]:
    exports = {one.technology: one for one in dispatch.draft.having("export")}
    return [(one, exports.get(one.technology)) for one in dispatch.draft.having("import")]


def _used_up(dispatch: Dispatch, export: Component) -> NDArray[np.bool_]:
    """Steps of periods whose limit of exports is used up. Shape (T,)."""
    used = np.zeros(dispatch.draft.steps, dtype=bool)
    hours = dispatch.time.step_hours
    for limit in dispatch.draft.requested(PeriodLimit):
        coefficient = [float(np.max(term.coefficient)) for term in limit.terms if term.component == export.name]
        if limit.sense != "<=" or not coefficient or coefficient[0] <= 0.0:
            continue
        done = np.bincount(limit.period, weights=hours * total(limit.terms, dispatch.flows, dispatch.draft.steps), minlength=limit.right.size)
        size = np.bincount(limit.period, weights=hours * dispatch.flows[export.name], minlength=limit.right.size)
        used |= (limit.right - done <= 1e-6 * np.maximum(size, 1.0))[limit.period]
    return used
