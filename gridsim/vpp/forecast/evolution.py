r"""Forecasts that become better as their hour nears: a martingale of normal scores.

For each target step t the forecast made at the start of step s knows :math:`\hat z(s, t)`, and each step i that passes brings news :math:`w_i(t)`:

.. math:: \hat z(s, t) = w_{base}(t) + \sum_{i < s} w_i(t), \qquad z_t = \hat z(t + 1, t), \qquad
          \operatorname{Var} w_i(t) = \tau_{t-i-1} - \tau_{t-i},

with :math:`\tau_h` the variance known h steps before the target step begins (:math:`\tau_{-1} = 1`: afterwards all is known). News is independent from step
to step: a later forecast is an update of the earlier one that could not have been foreseen (martingale model of forecast evolution [1]_ [2]_). News of one
step about neighbouring targets is correlated, so forecast paths are smooth and their errors last for hours. Since what happened is given, the noise is
drawn free and tied to it as a Brownian bridge: with :math:`W` a sum of free news and :math:`W_{all}(t)` its end,

.. math:: \hat z(s, t) = \tau\,z_t + W(s, t) - \tau\,W_{all}(t),

which has just the distribution above whatever :math:`z_t` was. Each target is a martingale by itself; what the forecast of one hour tells about the error
of another is not more than the noise in common.

Every lead has a stream of chance by the name of the series, indexed by the step of the park's whole time: more issues, a longer horizon, or another series
leave every number as it was.

References
----------
.. [1] D. C. Heath and P. L. Jackson, "Modeling the evolution of demand forecasts with application to safety stock analysis in production/distribution systems,"
   IIE Transactions 26(3), 1994.
.. [2] S. C. Graves, H. C. Meal, S. Dasu, Y. Qiu, "Two-stage production planning in a dynamic environment," 1986.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.persistence import remembered_smoothly, smooth_autocorrelation, stream
from gridsim.vpp.forecast.tables import target_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_GROWTH_STEPS = 2048
"""Most steps over which an error may grow: a week of 5 minutes."""
INERTIA = 2.0
"""The memory of news is so many times the time over which it sets in; an assumption that makes paths as smooth as weather models give them. [1]"""


@dataclass(frozen=True, eq=False)
class News:
    """How much becomes known at which lead, and whose chance it is."""

    known: NDArray[np.float64]
    """τ of column h of an issue, never rising. Shape (J,)."""
    memory_steps: float
    shared: float
    streams: tuple[str, str]
    """Names of the streams of chance: of the kind, and of the series."""
    seed: int

    @property
    def size(self) -> NDArray[np.float64]:
        """Standard deviation of the news of each lead. Shape (J,)."""
        before = np.concatenate(([1.0], self.known[:-1]))
        return np.sqrt(np.maximum(before - self.known, 0.0))

    @property
    def roots(self) -> tuple[float, float]:
        """Memory and inertia from one target step to the next, as in `remembered_smoothly`."""
        return roots_of(self.memory_steps)

    def known_at(self, horizon_steps: int) -> NDArray[np.float64]:
        """τ of the columns of a horizon, the last held beyond. Shape (H,)."""
        return self.known[np.minimum(np.arange(horizon_steps), self.known.size - 1)]

    def parts(self) -> tuple[tuple[str, float], tuple[str, float]]:
        """Streams with their weight: what all series of the kind have in common, and what is the series' own."""
        return (self.streams[0], float(np.sqrt(self.shared))), (self.streams[1], float(np.sqrt(1.0 - self.shared)))


def roots_of(memory_steps: float) -> tuple[float, float]:
    """Roots of the smooth memory; none below a twentieth of a step."""
    return (float(np.exp(-1.0 / memory_steps)), float(np.exp(-INERTIA / memory_steps))) if memory_steps > 0.05 else (0.0, 0.0)


def estimates(score: NDArray[np.float64], news: News, issue: NDArray[np.int64], horizon_steps: int, first_step: int = 0) -> NDArray[np.float64]:
    """Return ẑ of each issue and column; columns beyond the series hold the value of its last step. Shape (K, H).

    Parameters
    ----------
    score : array, shape (T,)
        z of what happened.
    news : News
        Sizes and streams.
    issue : array, shape (K,)
        Step at whose start each forecast is made.
    horizon_steps : int
        H.
    first_step : int
        Index of the first step in the park's whole time.
    """
    steps = np.clip(target_steps(issue, horizon_steps), 0, score.size - 1)
    bridge = np.zeros((issue.size, horizon_steps))
    known = news.known_at(horizon_steps)
    for name, weight in news.parts():
        if weight > 0.0:
            partial, whole = _free(news, name, steps, score.size, first_step)
            bridge += weight * (partial - known * whole[steps])
    return known * score[steps] + bridge


def _free(news: News, name: str, steps: NDArray[np.int64], size: int, first_step: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums of free news: what each issue knows, shape (K, H), and all of it, shape (T,)."""
    memory, inertia = news.roots
    length = LONGEST_GROWTH_STEPS + first_step + size
    next_step, drive = _recursion(memory, inertia)
    first = LONGEST_GROWTH_STEPS + first_step
    base = stream(news.seed, f"forecast/{name}/base").standard_normal((length, 1))
    total = np.sqrt(news.known[-1]) * (remembered_smoothly(base, memory, inertia) if memory > 0 else base)[first:, 0]
    partial = np.empty(steps.shape)
    horizon, growth = steps.shape[1], news.known.size
    for column in range(growth - 1, horizon):
        partial[:, column] = total[steps[:, column]]
    later = earlier = np.zeros(length)
    for lead in range(growth - 1, -1, -1):
        shock = stream(news.seed, f"forecast/{name}/{lead}").standard_normal(length)
        if lead == growth - 1:
            now = shock
        elif lead == growth - 2:
            now = next_step * later + np.sqrt(1.0 - next_step**2) * shock
        else:
            now = (memory + inertia) * later - memory * inertia * earlier + drive * shock
        earlier, later = later, now
        total = total + news.size[lead] * now[first - lead : first - lead + size]
        if 0 < lead <= horizon:
            partial[:, lead - 1] = total[steps[:, lead - 1]]
    return partial, total


def _recursion(memory: float, inertia: float) -> tuple[float, float]:
    """Correlation of neighbours, and size of the shocks that keep the variance at 1."""
    product = memory * inertia
    return (memory + inertia) / (1.0 + product), float(np.sqrt((1.0 - product) * (1.0 - memory**2) * (1.0 - inertia**2) / (1.0 + product)))


def paths(estimate: NDArray[np.float64], news: News, issue: NDArray[np.int64], members: int, first_step: int = 0) -> NDArray[np.float64]:
    r"""Draw what may still become known: M equally likely paths of z for each issue. Shape (K, M, H).

    The news still to come about columns h and h' has the covariance :math:`\rho_{|h-h'|}\sum_{i \le \min(h, h')} g_{h-i}\,g_{h'-i}`, g the sizes and ρ the
    memory. Each issue has a stream of its own, so that more issues, or more members, leave the others as they were.
    """
    horizon = estimate.shape[1]
    root = _root(news, horizon)
    drawn = np.zeros((issue.size, members, horizon))
    for name, weight in news.parts():
        if weight > 0.0:
            for row, step in enumerate(issue):
                drawn[row] += weight * stream(news.seed, f"members/{name}/{first_step + int(step)}").standard_normal((members, horizon))
    return estimate[:, None, :] + drawn @ root.T


def _root(news: News, horizon: int) -> NDArray[np.float64]:
    """A root of the covariance of the news still to come. Shape (H, H)."""
    gap = np.subtract.outer(np.arange(horizon), np.arange(horizon))
    sizes = np.concatenate((news.size, np.zeros(max(0, horizon - news.size.size))))[:horizon]
    arrived = np.where(gap >= 0, sizes[np.maximum(gap, 0)], 0.0)
    memory, inertia = news.roots
    alike = smooth_autocorrelation(np.abs(gap).astype(float), memory, inertia) if memory > 0 else np.eye(horizon)
    values, vectors = np.linalg.eigh((arrived @ arrived.T) * alike)
    return vectors * np.sqrt(np.maximum(values, 0.0))
