"""A park as a virtual power plant, part by part: how it is operated, what it can give, what it lives through, what it sells."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from gridsim.vpp.section import VppSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.vpp.envelope.of_park import ParkEnvelope
    from gridsim.vpp.rolling.of_park import OperatedPark

Part = Literal["operation", "envelope", "islanding", "seconds", "markets"]
PARTS: tuple[Part, ...] = get_args(Part)

Progress = Callable[[str, float], None]
"""Told the part and the share of it that is done."""


@dataclass
class Vpp:
    """What was found. Each part that was asked for has an entry in the record."""

    park: Park
    dispatch: Dispatch
    """The year's optimum at the linear level, around which the others are found."""
    figures: dict[str, float] = field(default_factory=dict)
    """Flat, ``<part>.<figure>`` with its unit."""
    record: dict[str, Any] = field(default_factory=dict)
    """By part; plain numbers and lists, None for what is not a number."""
    hourly: dict[str, tuple[NDArray[np.float64], str]] = field(default_factory=dict)
    """Column → values, shape (T,), and unit."""
    unfinished: list[Part] = field(default_factory=list)
    """Parts that an interruption left out."""


def vpp_of(
    park: Park,
    parts: Sequence[Part] = PARTS,
    *,
    dispatch: Dispatch | None = None,
    processes: int = 1,
    progress: Progress | None = None,
    interruptible: bool = False,
) -> Vpp:
    """Find out what a park is worth as a virtual power plant.

    Parameters
    ----------
    park : Park
        Its ``vpp`` section says how; shipped defaults where it has none.
    parts : sequence of {"operation", "envelope", "islanding", "seconds", "markets"}
        What is wanted; markets need the envelope, and are left out where the park sells nothing; both are left out without a grid connection.
    dispatch : Dispatch, optional
        The park's optimum, where it is known. Taken where it is of the linear level and has prices; else it is found.
    processes : int
        For the envelope.
    progress : callable, optional
        Called with a part and the share of it that is done.
    interruptible : bool
        Whether a `KeyboardInterrupt` ends the search with the parts that are done, where there are any, in place of being raised.
    """
    from gridsim.dispatch.solve import KeptDispatch
    from gridsim.technologies.grid_connection import GridConnection

    section = park.vpp or VppSection()
    tell = progress or (lambda *_: None)
    tell("dispatch", 0.0)
    known = dispatch is not None and dispatch.draft.level == "linear" and dispatch.termination.condition == "optimal" and bool(dispatch.prices)
    found = Vpp(park, dispatch if known else KeptDispatch(park, with_network=False).solve().dispatch)
    connected = bool(park.of_type(GridConnection))
    sells = connected and "markets" in parts and section.markets is not None
    there = {"envelope": connected, "markets": sells}
    wanted: list[Part] = [part for part in PARTS if (part in parts and there.get(part, True)) or (part == "envelope" and sells)]
    made: dict[Part, Any] = {}
    rooms: dict[Part, Callable[[], Any]] = {
        "operation": lambda: _operation(found, tell),
        "envelope": lambda: _envelope(found, section, processes, tell),
        "islanding": lambda: _islanding(found, section, tell),
        "seconds": lambda: _seconds(found, section, tell),
        "markets": lambda: _markets(found, section, made["envelope"], made.get("operation"), tell),
    }
    try:
        for part in wanted:
            made[part] = rooms[part]()
    except KeyboardInterrupt:
        if not (interruptible and made):
            raise
        found.unfinished = [part for part in wanted if part not in made]
    found.figures = {name: value for name, value in found.figures.items() if math.isfinite(value) and _part_of(name) not in found.unfinished}
    found.hourly = {name: column for name, column in found.hourly.items() if _part_of(name) not in found.unfinished}
    found.record = plain({part: record for part, record in found.record.items() if part not in found.unfinished})
    return found


def _part_of(name: str) -> str:
    """Part that a figure or an hourly column is of."""
    return name.partition(":")[0].partition(".")[0]


def plain(value: Any) -> Any:
    """Return a record with None for numbers that JSON does not have."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _operation(found: Vpp, tell: Progress) -> OperatedPark:
    from gridsim.vpp.rolling.of_park import operate_park
    from gridsim.vpp.rolling.record import operation_figures, operation_hourly, operation_record

    tell("operation", 0.0)
    stages = {"rule": "operation, rule", "wires": "operation, wires"}
    operated = operate_park(found.park, perfect=found.dispatch, progress=lambda share, what: tell(stages.get(what, "operation"), share))
    found.figures |= operation_figures(operated)
    found.record["operation"] = operation_record(operated)
    found.hourly |= operation_hourly(operated)
    return operated


def _envelope(found: Vpp, section: VppSection, processes: int, tell: Progress) -> ParkEnvelope:
    from gridsim.vpp.envelope.of_park import envelope_of_park
    from gridsim.vpp.envelope.record import envelope_figures, envelope_hourly, envelope_record
    from gridsim.vpp.envelope.reserve import second_level_reserves

    tell("envelope", 0.0)
    time, share = found.park.time, section.envelope.firm_share
    made = envelope_of_park(found.dispatch, section.envelope, processes=processes, progress=lambda done: tell("envelope", done))
    reserves = second_level_reserves(made.dispatch)
    found.figures |= envelope_figures(made, time, share, reserves)
    found.record["envelope"] = envelope_record(made, time, share, reserves)
    found.hourly |= envelope_hourly(made.envelope, time, reserves)
    return made


def _islanding(found: Vpp, section: VppSection, tell: Progress) -> None:
    from gridsim.vpp.islanding.curves import survival_record
    from gridsim.vpp.islanding.island import islands_of
    from gridsim.vpp.islanding.storage import what_storage_buys
    from gridsim.vpp.islanding.survive import survive

    found.record["islanding"] = records = []
    islands = islands_of(found.dispatch, section.islanding)
    for number, island in enumerate(islands):
        tell("islanding", number / len(islands))
        survival = survive(island, section.islanding)
        record = survival_record(island, survival)
        record |= {"horizon_hours": float(survival.known_hours.max()), "policy": section.islanding.policy, "year_end": section.islanding.year_end}
        record["storage"] = {store.name: what_storage_buys(island, section.islanding, store.name) for store in island.stores}
        records.append(record)
        name = "islanding" if len(islands) == 1 else f"islanding.{island.name}"
        figures = {key: record[key] for key in ("hours_mean_at_least", "hours_median", "hours_lowest")}
        shares = {f"share_{hours:g}h": share for hours, share in zip(record["durations_hours"], record["share_at_durations"], strict=True)}
        found.figures |= {f"{name}.{key}": float(value) for key, value in {**figures, **shares}.items()}
        found.hourly[f"{name}:survival_hours"] = (survival.hours, "h")


def _seconds(found: Vpp, section: VppSection, tell: Progress) -> None:
    from gridsim.vpp.islanding.seconds import CAUSES, frequency_by_hour, seconds_record

    tell("seconds", 0.0)
    seconds = frequency_by_hour(found.dispatch, section.islanding)
    record = found.record["seconds"] = seconds_record(seconds, found.park.time.step_hours)
    wanted = ("lost_hours", "largest_deficit_mw", "lowest_nadir_hz_of_islands_kept", "hours_with_load_shedding", "hours_with_critical_load_shed")
    found.figures |= {f"seconds.{key}": float(record[key]) for key in wanted if record[key] is not None}
    found.figures |= {f"seconds.lost_{cause}_hours": float(np.sum(seconds.outcome == cause) * found.park.time.step_hours) for cause in CAUSES}
    columns = {"nadir_hz": "Hz", "peak_hz": "Hz", "deficit_mw": "MW"}
    found.hourly |= {f"seconds:{key}": (np.array(record[key]), unit) for key, unit in columns.items()}


def _markets(found: Vpp, section: VppSection, envelope: ParkEnvelope, operated: OperatedPark | None, tell: Progress) -> None:
    from gridsim.vpp.market.of_park import sell

    tell("markets", 0.0)
    sold = sell(envelope.dispatch, section, envelope.envelope, operated, progress=lambda done: tell("markets", done))
    found.figures |= sold.figures()
    found.record["markets"] = sold.record()
    found.hourly |= sold.hourly()
