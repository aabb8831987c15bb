"""The envelope of a park, within its wires where it has any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError
from gridsim.vpp.envelope.envelope import find_envelope, steps_of
from gridsim.vpp.envelope.section import EnvelopeSection

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.distribution.feasibility import Feasibility
    from gridsim.vpp.envelope.envelope import Envelope
    from gridsim.vpp.envelope.wires import WiredEnvelope

FOLDER = "distribution"
"""Of a park's network, beside its file."""


@dataclass(frozen=True, eq=False)
class ParkEnvelope:
    """An envelope, and what the wires have to do with it."""

    envelope: Envelope
    dispatch: Dispatch
    """Around which it was found: the park's optimum, or where the network does not carry that, the optimum that it carries."""
    wired: WiredEnvelope | None = None
    """None where no wires were looked at."""
    dispatched_again: bool = False
    """Whether the dispatch is another than the one that was given."""
    network_cost_cny: float = 0.0
    """What the dispatch costs more for that."""
    reason: str = ""
    """Why no wires were looked at: ``no_network``, ``switched_off``, ``wrong_network`` or ``not_carried``; the latter two with the finding after a colon."""
    remedy: str = ""


def envelope_of_park(
    dispatch: Dispatch, section: EnvelopeSection | None = None, *, processes: int = 1, progress: Callable[[float], None] | None = None
) -> ParkEnvelope:
    """Find the envelope of a park around a dispatch, from every start that its section names.

    Where the park has a network, it carries every call; where it does not carry the dispatch itself, the park is dispatched until it does. Where that cannot
    be had, the envelope is without wires, and says why.
    """
    from gridsim.vpp.envelope.wires import wired_envelope

    section = section or EnvelopeSection()
    steps_of(section, dispatch)
    time = dispatch.time
    starts = np.arange(0, time.steps, max(1, round(section.every_hours / time.step_hours)))
    checked, reason, remedy = _carried(dispatch, section)
    if checked is None:
        envelope = find_envelope(dispatch, section, starts=starts, processes=processes, progress=progress)
        return ParkEnvelope(envelope, dispatch, reason=reason, remedy=remedy)
    around = checked.dispatch
    wired = wired_envelope(around, checked.network, section, checked=checked, starts=starts, processes=processes, progress=progress)
    again = around is not dispatch
    return ParkEnvelope(wired.envelope, around, wired, again, around.objective_cny - dispatch.objective_cny if again else 0.0)


def _carried(dispatch: Dispatch, section: EnvelopeSection) -> tuple[Feasibility | None, str, str]:
    """Return a dispatch that the park's network carries, in it; or why there is none, and what helps."""
    from gridsim.dispatch.solve import KeptDispatch
    from gridsim.distribution.feasibility import check
    from gridsim.distribution.loop import until_feasible
    from gridsim.distribution.network import network_of

    park = dispatch.draft.park
    if not section.wires:
        return None, "switched_off", "vpp.envelope.wires: true"
    if not (park.folder / FOLDER).is_dir():
        return None, "no_network", ""
    try:
        network = network_of(park)
    except DefinitionError as wrong:
        return None, f"wrong_network: {str(wrong).splitlines()[0]}", "gridsim run --check"
    before = check(dispatch, network)
    if before.feasible:
        return before, "", ""
    after = until_feasible(KeptDispatch(park, with_network=False), network).checked
    if after.feasible:
        return after, "", ""
    return None, f"not_carried: {before.violations.hours.size * dispatch.time.step_hours:g} h", "gridsim run --until-feasible"
