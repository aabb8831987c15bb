r"""Frequency of an island in the first seconds after it loses infeed: all machines as one (single-machine equivalent).

.. math::
   \frac{2 E_k}{f_0}\,\frac{d\Delta f}{dt} = -(\Delta P - \text{shed}) - D\,\Delta f + \sum p, \qquad E_k = H S

with the kinetic energy :math:`E_k` of what turns [MW s], the damping :math:`D` of the loads [MW/Hz] and the responses :math:`p` [MW]:

governor (`Governor`)
    droop :math:`K` with a share :math:`F` before the reheater: :math:`p = F u + y,\; T \dot y = (1 - F)\,u - y`, :math:`u = -K\,\Delta f` beyond its dead
    band and within its headroom. Without limits this is the low-order model of [1]_; closed form in `gridsim.physics.frequency_closed_form`.
following battery (`Following`)
    dead time, droop beyond a dead band, first-order lag, ramp limit, headroom both ways. Wind and sun that give way at high frequency are the same, with
    headroom downwards alone: all that they give.
grid-forming inverters (`Forming`)
    act at once, as a machine with droop: :math:`p = -K\,\Delta f - (2 E_v/f_0)\,d\Delta f/dt` within their headroom. (A droop with a measuring filter of time
    constant :math:`T` is one with :math:`2 E_v/f_0 = K T`.) At the limit their inertia is gone with the rest of their help.
relays (`Relay`)
    shed a load once frequency has stayed below a threshold for a time, cut generation once it has stayed above one, or act at a time after the event; breaker
    time is part of it. Nothing is switched on again. What is cut no longer answers: of wind and sun a share :math:`s` takes :math:`s` of their answer along.

Without anything that turns and without forming inverters there is no inertia and no voltage: no island. Left out: swings between machines, voltage (loads
draw less when it sags), torque of turbines at low frequency, secondary control.

References
----------
.. [1] P. M. Anderson, M. Mirheydar, "A low-order system frequency response model," IEEE Trans. Power Syst., vol. 5, no. 3, pp. 720-729, 1990.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

FASTEST_HZ_PER_S: Final = 1e4
"""Rate of change that stands for no inertia at all. [Hz/s]"""
ROCOF_WINDOW_S: Final = 0.5
"""Window over which relays commonly measure the rate of change. [s]"""


@dataclass(frozen=True, eq=False)
class Governor:
    """Thermal units as one. Powers are numbers or arrays, one value a case."""

    droop_mw_per_hz: ArrayLike
    high_pressure_share: float
    reheat_s: float
    up_mw: ArrayLike = np.inf
    down_mw: ArrayLike = np.inf
    dead_band_hz: float = 0.0


@dataclass(frozen=True, eq=False)
class Following:
    """Inverters that measure the frequency and answer."""

    droop_mw_per_hz: ArrayLike
    dead_band_hz: float
    delay_s: float
    lag_s: float
    ramp_mw_per_s: ArrayLike
    up_mw: ArrayLike
    down_mw: ArrayLike


@dataclass(frozen=True, eq=False)
class Forming:
    """Grid-forming inverters as one."""

    kinetic_energy_mws: ArrayLike
    """Imitated. [MW s]"""
    droop_mw_per_hz: ArrayLike
    up_mw: ArrayLike
    down_mw: ArrayLike


@dataclass(frozen=True, eq=False)
class Relay:
    """Sheds load once, or cuts generation (a negative power)."""

    shed_mw: ArrayLike
    delay_s: float
    threshold_hz: float | None = None
    """Picks up below it, or above it where it lies above the nominal frequency. None: acts ``delay_s`` after the event, whatever the frequency."""
    cuts: int | None = None
    """Position among ``following`` of the inverters that it cuts; what they give is their ``down_mw``, and no more than is left of it is cut."""


@dataclass(frozen=True, eq=False)
class Swing:
    """What the frequency did in N cases. Arrays of shape (N,) but where said."""

    initial_rocof_hz_per_s: Floats
    window_rocof_hz_per_s: Floats
    """Mean over the first half second; not a number where the island was lost before. [Hz/s]"""
    nadir_hz: Floats
    nadir_s: Floats
    peak_hz: Floats
    settling_hz: Floats
    """At the end of the time that was followed. [Hz]"""
    lost: NDArray[np.bool_]
    """Frequency left the band that units bear."""
    shed_mw: Floats
    """By relay. Shape (R, N). [MW]"""
    forming_peak_mw: Floats
    """Largest power asked of grid-forming inverters beyond what they gave before. [MW]"""
    time_s: Floats
    """Shape (K,). [s]"""
    frequency_hz: Floats
    """Of the traced cases. Shape (K, cases). [Hz]"""


class _Bounds(NamedTuple):
    """Droop with its limits, over the cases."""

    droop: Floats
    band: float
    up: Floats
    down: Floats

    def power(self, deviation: Floats) -> Floats:
        beyond = deviation - np.minimum(np.maximum(deviation, -self.band), self.band) if self.band else deviation
        return np.minimum(np.maximum(-self.droop * beyond, -self.down), self.up)


class _State(NamedTuple):
    """Deviation [Hz], power behind each reheater and of each following inverter [MW], or their derivatives."""

    deviation: Floats
    reheated: tuple[Floats, ...]
    following: tuple[Floats, ...]

    def moved(self, rates: _State, seconds: float) -> _State:
        return _State(
            self.deviation + seconds * rates.deviation,
            tuple(s + seconds * r for s, r in zip(self.reheated, rates.reheated, strict=True)),
            tuple(s + seconds * r for s, r in zip(self.following, rates.following, strict=True)),
        )


class _Machine:
    """The right-hand side of the swing equation and of what answers to it."""

    def __init__(
        self,
        kinetic_energy_mws: Floats,
        damping_mw_per_hz: Floats,
        forming: Forming | None,
        governors: Sequence[Governor],
        following: Sequence[Following],
        nominal_hz: float,
    ) -> None:
        def full(value: ArrayLike) -> Floats:
            return np.broadcast_to(np.asarray(value, float), kinetic_energy_mws.shape)

        self.damping, own = damping_mw_per_hz, 2.0 * kinetic_energy_mws / nominal_hz
        self.virtual = 2.0 * full(0.0 if forming is None else forming.kinetic_energy_mws) / nominal_hz
        self.forming: _Bounds | None = None
        if forming is not None:
            self.forming = _Bounds(full(forming.droop_mw_per_hz), 0.0, full(forming.up_mw), full(forming.down_mw))
        self.alone, self.together = _Inertia(own), _Inertia(own + self.virtual)
        self.governors = [(_Bounds(full(g.droop_mw_per_hz), g.dead_band_hz, full(g.up_mw), full(g.down_mw)), g) for g in governors]
        self.following = [(_Bounds(full(f.droop_mw_per_hz), f.dead_band_hz, full(f.up_mw), full(f.down_mw)), f.lag_s, full(f.ramp_mw_per_s)) for f in following]

    def rates(self, state: _State, seen: Sequence[Floats | None], missing_mw: Floats, left: Sequence[Floats | float]) -> tuple[_State, Floats]:
        """Derivatives, and the power of forming inverters; ``seen`` is the deviation that each following inverter acts on (None: as it is), ``left`` the share
        of it that is not cut.
        """
        net = -missing_mw - self.damping * state.deviation
        reheating, ramping = [], []
        for (bounds, governor), reheated in zip(self.governors, state.reheated, strict=True):
            valve = bounds.power(state.deviation)
            net = net + governor.high_pressure_share * valve + reheated
            reheating.append(((1.0 - governor.high_pressure_share) * valve - reheated) / governor.reheat_s)
        for (bounds, lag, ramp), power, view, share in zip(self.following, state.following, seen, left, strict=True):
            net = net + share * power
            ramping.append(np.minimum(np.maximum((bounds.power(state.deviation if view is None else view) - power) / lag, -ramp), ramp))
        if self.forming is None:
            return _State(self.alone.rate(net), tuple(reheating), tuple(ramping)), np.zeros_like(net)
        droop, _, up, down = self.forming
        asked = -droop * state.deviation
        free = self.together.rate(net + asked)
        given = np.minimum(np.maximum(asked - self.virtual * free, -down), up)
        within = (given > -down) & (given < up)
        moving = np.where(within, free, self.alone.rate(net + given))
        return _State(moving, tuple(reheating), tuple(ramping)), given


class _Inertia:
    """Turns missing power into a rate of change; where there is no inertia, into the fastest that can be told."""

    def __init__(self, inertia: Floats) -> None:
        self.some = inertia > 0
        self.inverse = np.where(self.some, 1.0 / np.where(self.some, inertia, 1.0), 0.0)
        self.everywhere = bool(self.some.all())

    def rate(self, power_mw: Floats) -> Floats:
        rate = power_mw * self.inverse
        return rate if self.everywhere else np.where(self.some, rate, np.sign(power_mw) * FASTEST_HZ_PER_S)


class _Relays:
    """Timers, what has been shed (R, N), and how much of following inverters is left."""

    def __init__(self, relays: Sequence[Relay], following: Sequence[Following], nominal_hz: float, cases: int) -> None:
        def full(value: ArrayLike) -> Floats:
            return np.broadcast_to(np.asarray(value, float), (cases,))

        self.settings = [(None if r.threshold_hz is None else r.threshold_hz - nominal_hz, r.delay_s, full(r.shed_mw), r.cuts) for r in relays]
        self.timers, self.shed_mw, self.tripped = np.zeros((len(relays), cases)), np.zeros((len(relays), cases)), np.zeros((len(relays), cases), dtype=bool)
        cut = {r.cuts for r in relays if r.cuts is not None}
        self.given_mw = {k: full(following[k].down_mw) for k in cut}
        self.left_mw = dict(self.given_mw)
        self.left: list[Floats | float] = [np.ones(cases) if k in cut else 1.0 for k in range(len(following))]

    def pass_time(self, deviation: Floats, lost: NDArray[np.bool_], seconds: float) -> None:
        for r, (threshold, delay, power, cuts) in enumerate(self.settings):
            picked_up = True if threshold is None else deviation > threshold if threshold > 0 else deviation < threshold
            self.timers[r] = np.where(picked_up, self.timers[r] + seconds, 0.0)
            acts = picked_up & (self.timers[r] >= delay - 1e-9) & ~lost & ~self.tripped[r]
            if not acts.any():
                continue
            self.tripped[r] |= acts
            if cuts is None:
                self.shed_mw[r] = np.where(acts, power, self.shed_mw[r])
                continue
            taken = np.where(acts, np.minimum(-power, self.left_mw[cuts]), 0.0)
            self.shed_mw[r], self.left_mw[cuts] = self.shed_mw[r] - taken, self.left_mw[cuts] - taken
            given = self.given_mw[cuts]
            self.left[cuts] = np.divide(self.left_mw[cuts], given, out=np.ones_like(given), where=given > 0)


class _Record:
    """Extremes of the course."""

    def __init__(self, cases: int, steps: int, traced: Sequence[int]) -> None:
        self.lowest, self.lowest_s, self.highest, self.window, self.forming = (np.zeros(cases) for _ in range(5))
        self.lost = np.zeros(cases, dtype=bool)
        self.traced, self.trace = list(traced), np.zeros((steps + 1, len(traced)))

    def note(self, deviation: Floats, given_mw: Floats, lost: NDArray[np.bool_], clock_s: float, number: int) -> None:
        self.forming = np.maximum(self.forming, np.where(self.lost, 0.0, np.abs(given_mw)))
        self.lowest_s = np.where(deviation < self.lowest, clock_s, self.lowest_s)
        self.lowest, self.highest = np.minimum(self.lowest, deviation), np.maximum(self.highest, deviation)
        if clock_s <= ROCOF_WINDOW_S + 1e-9:
            self.window = np.where(lost, np.nan, deviation / clock_s)
        self.lost = lost
        self.trace[number:] = deviation[self.traced]


def simulate(
    deficit_mw: ArrayLike,
    kinetic_energy_mws: ArrayLike,
    damping_mw_per_hz: ArrayLike,
    *,
    forming: Forming | None = None,
    governors: Sequence[Governor] = (),
    following: Sequence[Following] = (),
    relays: Sequence[Relay] = (),
    nominal_hz: float = 50.0,
    lowest_hz: float = 47.5,
    highest_hz: float = 51.5,
    duration_s: float = 30.0,
    step_s: float = 0.01,
    traced: Sequence[int] = (),
) -> Swing:
    """Follow the frequency of many cases at once (fourth-order Runge-Kutta; relays act at the ends of steps).

    Parameters
    ----------
    deficit_mw : array, shape (N,)
        Infeed lost at time 0; negative where a surplus is left. [MW]
    kinetic_energy_mws, damping_mw_per_hz : array, shape (N,) or number
        Of what turns; of the loads. [MW s], [MW/Hz]
    step_s : float
        At most twice the shortest time constant (lags; inertia over droop).
    traced : sequence of int
        Cases whose course is kept.
    """
    loss = np.atleast_1d(np.asarray(deficit_mw, float))
    energy, damping = (np.broadcast_to(np.asarray(value, float), loss.shape) for value in (kinetic_energy_mws, damping_mw_per_hz))
    machine, switches = _Machine(energy, damping, forming, governors, following, nominal_hz), _Relays(relays, following, nominal_hz, loss.size)
    low, high = lowest_hz - nominal_hz, highest_hz - nominal_hz
    steps, delays = round(duration_s / step_s), [round(f.delay_s / step_s) for f in following]
    at_rest = np.zeros(loss.size)
    record, lost, state = (
        _Record(loss.size, steps, traced),
        np.zeros(loss.size, dtype=bool),
        _State(at_rest, (at_rest,) * len(governors), (at_rest,) * len(following)),
    )
    history = deque([at_rest], maxlen=max(delays, default=0) + 1)

    def seen(back: int) -> list[Floats | None]:
        """Deviation that each following inverter acts on, ``back`` steps before the step that is taken."""
        return [None if not d else history[-d + back - 1] if d - back < len(history) else at_rest for d in delays]

    first = machine.rates(state, seen(0), loss, switches.left)[0].deviation
    for number in range(1, steps + 1):
        missing, left = loss - switches.shed_mw.sum(axis=0), switches.left
        before, after = seen(0), seen(1)
        middle = [None if a is None or b is None else 0.5 * (a + b) for a, b in zip(before, after, strict=True)]
        k1, given = machine.rates(state, before, missing, left)
        k2, _ = machine.rates(state.moved(k1, 0.5 * step_s), middle, missing, left)
        k3, _ = machine.rates(state.moved(k2, 0.5 * step_s), middle, missing, left)
        k4, _ = machine.rates(state.moved(k3, step_s), after, missing, left)
        new = state.moved(k1, step_s / 6.0).moved(k2, step_s / 3.0).moved(k3, step_s / 3.0).moved(k4, step_s / 6.0)
        at_once = np.abs(k1.deviation) >= FASTEST_HZ_PER_S  # without inertia, however the steps would end
        moved = np.where(at_once, k1.deviation, new.deviation)
        deviation = np.where(lost, state.deviation, np.minimum(np.maximum(moved, low), high))
        lost = lost | (moved < low) | (moved > high)
        state = new._replace(deviation=deviation)
        history.append(deviation)
        switches.pass_time(deviation, lost, step_s)
        record.note(deviation, given, lost, number * step_s, number)
        if lost.all():
            break
    return Swing(
        np.where(np.abs(first) >= FASTEST_HZ_PER_S, np.copysign(np.inf, first), first),
        record.window,
        nominal_hz + record.lowest,
        record.lowest_s,
        nominal_hz + record.highest,
        nominal_hz + state.deviation,
        lost,
        switches.shed_mw,
        record.forming,
        step_s * np.arange(steps + 1.0),
        nominal_hz + record.trace,
    )
