"""The envelope that the wires carry: every point with a way of its own that the AC power flow has carried, call and recovery.

All points are solved as if the wires carried everything, and every state on their ways goes through the power flow. Where one leaves a limit of the network,
or comes within a small margin of it, the step is cut (`gridsim.vpp.envelope.carried`), and the points whose ways led there are solved again within the cuts;
the others stay. That ends when no way of any point leaves a limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.envelope_program import Deviations
from gridsim.distribution.feasibility import check
from gridsim.distribution.loop import penalty
from gridsim.distribution.violations import KINDS
from gridsim.errors import DefinitionError, Problem
from gridsim.vpp.envelope.carried import Carrier
from gridsim.vpp.envelope.envelope import PROVEN_MW, Envelope, envelope_of, steps_of
from gridsim.vpp.envelope.points import Task, solve_points
from gridsim.vpp.envelope.section import EnvelopeSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.distribution.feasibility import Feasibility
    from gridsim.distribution.network import Network
    from gridsim.technologies.draft import SnapshotLimits

MOST_ROUNDS = 12


@dataclass(frozen=True)
class Round:
    """One look at the wires."""

    points: int
    """Solved in this round."""
    states: int
    """Carried through the power flow."""
    violations: int
    """States and elements beyond a limit."""
    points_beyond: int
    """Points with such a state on their way."""


@dataclass(frozen=True)
class Binding:
    """An element that calls would bring beyond its limit."""

    kind: str
    element: str
    """Empty for the connection and for steps without a solution."""
    steps: int
    """In which they would."""


@dataclass(frozen=True, eq=False)
class WiredEnvelope:
    """What the wires carry of what a park can give."""

    envelope: Envelope
    without: Envelope
    """As if the wires carried everything."""
    limits: list[SnapshotLimits]
    """What the wires ask, for further points and prices."""
    rounds: list[Round]
    binding: list[Binding]
    """Most steps first."""
    beyond: NDArray[np.bool_]
    """Points whose way still leaves a limit after the last round, by start, duration and direction (up, down). Shape (S, D, 2)."""

    @property
    def settled(self) -> bool:
        """Whether the power flow carried the way of every point."""
        return not self.beyond.any()

    @property
    def taken_mw(self) -> NDArray[np.float64]:
        """What the wires take, up and down; what is less than a kilowatt is rounding. Shape (S, D, 2). [MW]"""
        pairs = ((self.without.up_mw, self.envelope.up_mw), (self.without.down_mw, self.envelope.down_mw))
        taken = np.stack([free - carried for free, carried in pairs], axis=-1)
        taken[taken <= PROVEN_MW] = 0.0
        return taken

    @property
    def bound_starts(self) -> NDArray[np.bool_]:
        """Starts at which the wires take something of any duration and direction. Shape (S,)."""
        return np.asarray((self.taken_mw > 0.0).any(axis=(1, 2)))


def wired_envelope(
    dispatch: Dispatch,
    network: Network,
    section: EnvelopeSection | None = None,
    *,
    checked: Feasibility | None = None,
    starts: NDArray[np.int64] | None = None,
    exact: bool = False,
    most_rounds: int = MOST_ROUNDS,
    processes: int = 1,
    progress: Callable[[float], None] | None = None,
) -> WiredEnvelope:
    """Find the envelope around a dispatch that its network carries.

    Parameters
    ----------
    checked : Feasibility, optional
        The dispatch in its network, where that has been looked at.
    starts, exact, processes, progress
        As in `gridsim.vpp.envelope.envelope.find_envelope`.

    Raises
    ------
    DefinitionError
        Where the dispatch itself leaves a limit of the network.
    """
    section = section or EnvelopeSection()
    calls, recovery = steps_of(section, dispatch)
    starts = np.arange(dispatch.time.steps) if starts is None else np.asarray(starts, dtype=np.int64)
    carrier = Carrier(checked or check(dispatch, network))
    if not carrier.year.feasible:
        finding = f"the network does not carry the dispatch itself in {carrier.year.violations.hours.size} steps"
        raise DefinitionError("the envelope", [Problem("distribution", finding, "dispatch until the wires hold, then ask again")])
    price, rounds = penalty(dispatch.draft), []
    limits: list[SnapshotLimits] = []
    wanted = np.ones((starts.size, len(calls), 2), dtype=bool)
    most = without = np.full((*wanted.shape, 2), np.nan)
    bound: dict[tuple[int, int], set[int]] = {}
    seconds = [0.0, 0.0]
    for number in range(most_rounds):
        # the first round is by far the longest, whatever there is to be done again
        tell = None if progress is None else (lambda done, number=number: progress(1.0 - 0.5**number + 0.5 ** (number + 1) * done))
        task = Task(Deviations(dispatch, limits), calls, recovery, exact, carrier.flows)
        solved = solve_points(task, starts, wanted, processes=processes, progress=tell)
        most = np.where(np.isnan(solved.most), most, solved.most)
        seconds[min(number, 1)] += solved.cpu_seconds
        without = most if number == 0 else without
        visited = solved.states
        assert visited is not None
        found = carrier.look(visited.step, visited.change)
        broken = np.zeros(visited.step.size, dtype=bool)
        broken[found.state] = True
        beyond = np.zeros(wanted.size, dtype=bool)
        beyond[visited.point[broken[visited.state]]] = True
        rounds.append(Round(int(wanted.sum()), visited.step.size, found.state.size, int(beyond.sum())))
        wanted = beyond.reshape(wanted.shape)
        for state, element in zip(found.state.tolist(), found.element, strict=True):
            bound.setdefault(element, set()).add(int(visited.step[state]))
        if not found.state.size or number == most_rounds - 1:
            break
        cut = carrier.cuts(visited.step[found.candidates], visited.change[found.candidates], f"envelope.{number}", price)
        limits.append(cut)
    binding = [Binding(KINDS[kind], carrier.name(kind, element), len(where)) for (kind, element), where in bound.items()]
    return WiredEnvelope(
        envelope_of(section, starts, most, sum(seconds)),
        envelope_of(section, starts, without, seconds[0]),
        limits,
        rounds,
        sorted(binding, key=lambda one: -one.steps),
        wanted,
    )
