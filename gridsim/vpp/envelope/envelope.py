r"""How much a park can give at its connection, hour by hour: the power-energy region.

For each step as start and each duration :math:`d`, the most power up (less import or more export) and down that can be held over :math:`d` against a given
dispatch, such that the park is back where it would have been within the recovery: levels of stores, owed load, quotas, product deliveries. Every constraint of
the dispatch holds: ramps, limits of the connection, tanks, demand response, and limits over a year in sum with what the dispatch does in the rest of it.
Where the wires are given (`wires`), their limits hold too. The peak of a month may rise up to the connection's
limit; that costs, and stands in the priced curve.

Each point stands for itself: to be given instead of another, not after it. It knows the wind and sun of the window, as the dispatch does. Towards the
end of the park's time the recovery is as long as what is left. Linear level: modules that must be started, and calls that are counted, are beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.envelope_program import Deviations
from gridsim.errors import DefinitionError, Problem
from gridsim.vpp.envelope.checks import envelope_findings
from gridsim.vpp.envelope.points import Task, solve_points
from gridsim.vpp.envelope.section import EnvelopeSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.technologies.draft import SnapshotLimits
    from gridsim.vpp.envelope.points import Progress

PROVEN_MW = 1e-3
"""A bound within this of what was found proves that no more is possible. [MW]"""


@dataclass(frozen=True, eq=False)
class Envelope:
    """What can be given. S starts, D durations. Powers are positive; not a number where a call would outlast the park's time."""

    starts: NDArray[np.int64]
    """First step of the call. Shape (S,)."""
    durations_hours: NDArray[np.float64]
    """Shape (D,). [h]"""
    recovery_hours: float
    up_mw: NDArray[np.float64]
    """Most power up, by start and duration. Shape (S, D). [MW]"""
    down_mw: NDArray[np.float64]
    up_bound_mw: NDArray[np.float64]
    """No more is possible. Above ``up_mw`` only where flows that must not meet, such as charging and discharging, tempt to. Shape (S, D). [MW]"""
    down_bound_mw: NDArray[np.float64]
    cpu_seconds: float

    @property
    def up_mwh(self) -> NDArray[np.float64]:
        """Energy of the most power up. Shape (S, D). [MWh]"""
        return self.up_mw * self.durations_hours

    @property
    def down_mwh(self) -> NDArray[np.float64]:
        """Energy of the most power down. Shape (S, D). [MWh]"""
        return self.down_mw * self.durations_hours

    @property
    def proven_share(self) -> float:
        """Share of points of which it is proven that no more is possible. [1]"""
        found, bound = (np.stack(pair) for pair in ((self.up_mw, self.down_mw), (self.up_bound_mw, self.down_bound_mw)))
        known = np.isfinite(found)
        return float(np.mean(bound[known] - found[known] <= PROVEN_MW)) if known.any() else 1.0


def steps_of(section: EnvelopeSection, dispatch: Dispatch) -> tuple[list[int], int]:
    """Return the steps of each call and of the recovery.

    Raises
    ------
    DefinitionError
        With everything that does not fit the park.
    """
    park = dispatch.draft.park
    problems = [Problem(*finding) for finding in envelope_findings(section, park)]
    if (longest := max(section.durations_hours)) > park.time.hours:
        found = f"{longest:g} h are longer than the {park.time.hours:g} h that are run"
        problems.append(Problem("vpp.envelope.durations_hours", found, "run more hours, name shorter calls, or ask for other parts (--part)"))
    if dispatch.draft.level != "linear":
        problems.append(Problem("level", "the dispatch counts modules in whole numbers, the envelope is linear", "give a dispatch of the linear level"))
    if problems:
        raise DefinitionError("the envelope", problems)
    hours = park.time.step_hours
    return [round(duration / hours) for duration in section.durations_hours], round(section.recovery_hours / hours)


def find_envelope(
    dispatch: Dispatch,
    section: EnvelopeSection | None = None,
    *,
    limits: Sequence[SnapshotLimits] = (),
    starts: NDArray[np.int64] | None = None,
    exact: bool = False,
    processes: int = 1,
    progress: Progress | None = None,
) -> Envelope:
    """Find the envelope around a dispatch.

    Parameters
    ----------
    limits : sequence of SnapshotLimits
        What the wires ask (`gridsim.vpp.envelope.wires`).
    starts : array, optional
        First steps of calls; left out, all.
    exact : bool
        Whether branch and bound finds the last bit where flows that must not meet tempt to; without it, what is found can be given, and a bound tells how
        much more there may be. A second a point, in some weeks of a year for most points, against five milliseconds.
    progress : callable, optional
        Told the share that is done.
    """
    section = section or EnvelopeSection()
    calls, recovery = steps_of(section, dispatch)
    starts = np.arange(dispatch.time.steps) if starts is None else np.asarray(starts, dtype=np.int64)
    solved = solve_points(Task(Deviations(dispatch, limits), calls, recovery, exact), starts, processes=processes, progress=progress)
    return envelope_of(section, starts, solved.most, solved.cpu_seconds)


def envelope_of(section: EnvelopeSection, starts: NDArray[np.int64], most: NDArray[np.float64], cpu_seconds: float) -> Envelope:
    """Return the envelope of solved points, shape (S, D, 2, 2)."""
    hours = np.asarray(section.durations_hours, dtype=float)
    return Envelope(starts, hours, section.recovery_hours, most[:, :, 0, 0], most[:, :, 1, 0], most[:, :, 0, 1], most[:, :, 1, 1], cpu_seconds)
