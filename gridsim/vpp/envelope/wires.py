"""Limits of the wires for an envelope: power flows of what calls do, cut where they leave the network's limits, until none does.

Two kinds of years are put together and carried through the wires, up and down: in each step what a shortest call from it on does at once; and windows of the
longest call with their recovery, end to end. Elements that are beyond a limit are cut in every step in which they come near it (`gridsim.distribution.cuts`),
and the years are put together again within these cuts. A cut is a tangent of what bends: it is taken at the edge, where it is needed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridsim.dispatch.envelope_program import Deviations
from gridsim.dispatch.envelope_window import Window
from gridsim.distribution.cuts import elements_of, make_cuts
from gridsim.distribution.feasibility import check
from gridsim.distribution.loop import penalty
from gridsim.errors import DefinitionError, Problem
from gridsim.vpp.envelope.envelope import steps_of
from gridsim.vpp.envelope.section import EnvelopeSection

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.distribution.network import Network
    from gridsim.technologies.draft import SnapshotLimits

MOST_ROUNDS = 8


@dataclass(frozen=True, eq=False)
class WireLimits:
    """What the wires ask of an envelope."""

    limits: list[SnapshotLimits]
    violations: list[int]
    """Of the years of each round, hours and elements; the last is 0 where the rounds came to an end."""

    @property
    def settled(self) -> bool:
        """Whether nothing that was tried in the last round left a limit."""
        return self.violations[-1] == 0


def wire_limits(
    dispatch: Dispatch,
    network: Network,
    section: EnvelopeSection | None = None,
    *,
    most_rounds: int = MOST_ROUNDS,
    progress: Callable[[float], None] | None = None,
) -> WireLimits:
    """Find the limits.

    Raises
    ------
    DefinitionError
        Where the dispatch itself leaves a limit of the network.
    """
    section = section or EnvelopeSection()
    calls, recovery = steps_of(section, dispatch)
    begin = check(dispatch, network)
    if not begin.feasible:
        hours = begin.violations.hours.size
        problem = Problem("distribution", f"the network does not carry the dispatch itself in {hours} steps", "dispatch until the wires hold, then ask again")
        raise DefinitionError("the envelope", [problem])
    price, watched, limits, violations = penalty(dispatch.draft), set(), [], []
    for number in range(most_rounds):
        checks = []
        for place, year in enumerate(_years(dispatch, Deviations(dispatch, limits), calls, recovery)):
            checks.append(check(year, network))
            watched |= elements_of(checks[-1].violations)
            if progress is not None:
                progress((4 * number + place + 1) / (4 * most_rounds))
        violations.append(sum(checked.violations.hour.size for checked in checks))
        if not violations[-1]:
            break
        cuts = [make_cuts(checked, watched, f"envelope.{number}.{place}", price) for place, checked in enumerate(checks)]
        limits += [cut.limits for cut in cuts if cut.limits.snapshot.size]
    return WireLimits(limits, violations)


def _years(dispatch: Dispatch, deviations: Deviations, calls: list[int], recovery: int) -> list[Dispatch]:
    """Put years together from what calls do."""
    years = []
    for direction in (1, -1):
        at_once = {name: dispatch.flows[name].copy() for name in deviations.kind}
        for start in range(deviations.steps - min(calls) + 1):
            given = Window(deviations, start, min(calls), recovery).most(min(calls), direction, exact=False)
            for name, row in deviations.kind.items():
                at_once[name][start] += given.deviation[row, 0]
        end_to_end = {name: dispatch.flows[name].copy() for name in deviations.kind}
        for start in range(0, deviations.steps - max(calls) + 1, max(calls) + recovery):
            window = Window(deviations, start, max(calls), recovery)
            given = window.most(max(calls), direction, exact=False)
            for name, row in deviations.kind.items():
                end_to_end[name][start : start + window.width] += given.deviation[row]
        years += [dataclasses.replace(dispatch, flows={**dispatch.flows, **flows}) for flows in (at_once, end_to_end)]
    return years
