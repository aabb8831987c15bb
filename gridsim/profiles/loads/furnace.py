r"""Electric arc furnaces: heat after heat, from tap to tap, several furnaces out of step.

A heat is a list of phases (charge, melt, refine, tap), each with a power level and a power factor; lengths and tan φ vary from heat to heat, and
between two heats the furnace waits. Energies are summed exactly over the phases and then cut into steps, so that the mean of four
quarter hours is the hour. What happens within five minutes (arc loss, flicker) is not modelled. Outside working hours, and in planned work, the
power is cut as it stands, without finishing the heat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.loads.rhythm import steady_factor
from gridsim.profiles.loads.working_days import FINE_MINUTES, Year, on_shift
from gridsim.profiles.persistence import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.loads.kinds import Kind

PAUSES = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0, 300.0)
"""Where the mean pause is sought, in multiples of the kind's own."""

SPARE_HEATS = 1.25
"""Heats drawn, over those of mean length that fit into the year."""


def cycle_level(kind: Kind) -> float:
    r"""Mean power of one furnace over a heat without pause, relative to melting: :math:`\sum_p \tau_p \ell_p / \sum_p \tau_p`. [0..1]"""
    return sum(phase.minutes * phase.level for phase in kind.phases) / kind.cycle_minutes


@dataclass(frozen=True)
class FurnaceShop:
    """A furnace shop in one year, all chances drawn."""

    kind: Kind
    working: NDArray[np.float64]
    """Share of the furnaces that works at each fine step. Shape (T,). [0..1]"""
    minutes: NDArray[np.float64]
    """Length of each phase. Shape (furnaces, heats, phases). [min]"""
    pauses: NDArray[np.float64]
    """Wait after each heat, before it is scaled. Shape (furnaces, heats). [min]"""
    tangents: NDArray[np.float64]
    """tan φ of each phase. Shape (furnaces, heats, phases)."""
    starts: NDArray[np.float64]
    """How far each furnace is into its first heat at New Year. Shape (furnaces,). [min]"""

    @classmethod
    def drawn(cls, kind: Kind, year: Year, seed: int, name: str, *, holidays: bool) -> FurnaceShop:
        """Draw the heats of a year."""
        heats = int(SPARE_HEATS * year.days * 1440 / kind.cycle_minutes) + 10
        rng = stream(seed, f"load/{name}/{year.year}/heats")
        shape = (kind.furnaces, heats, len(kind.phases))
        spread = kind.phase_spread * rng.standard_normal(shape) - kind.phase_spread**2 / 2  # a lognormal of mean 1
        minutes = np.array([phase.minutes for phase in kind.phases]) * np.exp(spread)
        pauses = kind.pause_minutes * rng.exponential(size=shape[:2])
        tangent = np.tan(np.arccos([phase.power_factor for phase in kind.phases]))
        tangents = tangent * np.exp(kind.reactive_spread * rng.standard_normal((*shape[:2], 1)) - kind.reactive_spread**2 / 2)
        starts = rng.uniform(0.0, kind.cycle_minutes, size=kind.furnaces)
        shares = year.share_of_days(kind.saturday_share, kind.sunday_share, kind.holiday_share, holidays=holidays)
        clock = on_shift(kind.shift_hours[kind.shifts or 3], kind.shift_ramp_hours)
        day = kind.idle_share + (1.0 - kind.idle_share) * np.outer(shares, clock).ravel()
        return cls(kind, day * steady_factor(kind, year, seed, name), minutes, pauses, tangents, starts)

    def active(self, pause: float) -> NDArray[np.float64]:
        """Power on the fine grid for a mean pause in multiples of the kind's own; 1 is auxiliaries and all furnaces melting."""
        levels = np.broadcast_to([phase.level for phase in self.kind.phases], self.minutes.shape)
        auxiliary = self.kind.auxiliary_share
        return auxiliary + (1.0 - auxiliary) * self.working * self._mean_of_furnaces(pause, levels)

    def reactive(self, pause: float) -> NDArray[np.float64]:
        """Reactive power that goes with `active`, lagging positive."""
        levels = self.tangents * [phase.level for phase in self.kind.phases]
        auxiliary = self.kind.auxiliary_share
        tangent = float(np.tan(np.arccos(self.kind.auxiliary_power_factor)))
        return auxiliary * tangent + (1.0 - auxiliary) * self.working * self._mean_of_furnaces(pause, levels)

    def _mean_of_furnaces(self, pause: float, levels: NDArray[np.float64]) -> NDArray[np.float64]:
        edges = np.arange(len(self.working) + 1) * float(FINE_MINUTES)
        energy = np.zeros(len(edges))
        for furnace, wait in enumerate(pause * self.pauses):
            lengths = np.column_stack([self.minutes[furnace], wait]).ravel()
            powers = np.column_stack([levels[furnace], np.zeros(len(wait))]).ravel()
            times = np.concatenate([[0.0], np.cumsum(lengths)]) - self.starts[furnace]
            energy += np.interp(edges, times, np.concatenate([[0.0], np.cumsum(lengths * powers)]))
        mean: NDArray[np.float64] = np.diff(energy) / (FINE_MINUTES * len(self.pauses))
        return mean
