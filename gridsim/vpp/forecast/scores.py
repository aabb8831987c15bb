"""How good forecasts were: errors by horizon, and scores of distributions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.vpp.forecast.tables import looked_up, target_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.vpp.forecast.tables import EnsembleTable, ForecastTable


@dataclass(frozen=True, eq=False)
class HorizonScores:
    """Scores of one series by column; in the profile's unit unless said otherwise. Shapes (H,)."""

    lead_hours: NDArray[np.float64]
    """From the issue to the end of the step. [h]"""
    count: NDArray[np.int64]
    """Pairs of forecast and actual value."""
    mae: NDArray[np.float64]
    rmse: NDArray[np.float64]
    bias: NDArray[np.float64]
    """Mean of forecast minus actual value."""
    nmae: NDArray[np.float64]
    """Per unit of ``norm``. [1]"""
    nrmse: NDArray[np.float64]
    skill: NDArray[np.float64] | None
    """1 − rmse / rmse of the reference. [1]"""


def scores(
    table: ForecastTable,
    actual: NDArray[np.float64],
    name: str,
    *,
    step_hours: float,
    norm: float = 1.0,
    counted: NDArray[np.bool_] | None = None,
    reference: ForecastTable | None = None,
) -> HorizonScores:
    """Score one series of a table against what happened.

    Parameters
    ----------
    table, name
        Forecasts and the series of them.
    actual : array, shape (T,)
        What happened.
    step_hours : float
        Length of a step. [h]
    norm : float
        What errors are a share of: capacity, or mean load. [profile's unit]
    counted : array, shape (T,), optional
        Steps that count, such as the sunlit ones.
    reference : ForecastTable, optional
        Of the same issues, such as persistence.
    """
    steps = table.target_step
    happened = looked_up(actual, steps)
    if counted is not None:
        happened = np.where(counted[np.clip(steps, 0, actual.size - 1)], happened, np.nan)
    error = table.values[name] - happened
    count = (~np.isnan(error)).sum(axis=0)
    mae, rmse, bias = _mean(np.abs(error)), np.sqrt(_mean(error**2)), _mean(error)
    skill = None
    if reference is not None:
        other = np.sqrt(_mean((reference.values[name] - happened) ** 2))
        skill = 1.0 - np.divide(rmse, other, out=np.full_like(rmse, np.nan), where=other > 0)
    leads = (1.0 + np.arange(table.horizon_steps)) * step_hours
    return HorizonScores(leads, count, mae, rmse, bias, mae / norm, rmse / norm, skill)


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the issues that have a value; not a number where none has."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def pinball(quantile: NDArray[np.float64], level: float, actual: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Pinball loss of a quantile forecast, :math:`(\alpha - 1_{y<q})(y - q)`.

    Examples
    --------
    >>> pinball(np.array([1.0, 1.0]), 0.9, np.array([2.0, 0.0])).round(3).tolist()
    [0.9, 0.1]
    """
    loss: NDArray[np.float64] = (level - (actual < quantile)) * (actual - quantile)
    return loss


def crps(members: NDArray[np.float64], actual: NDArray[np.float64], *, fair: bool = True) -> NDArray[np.float64]:
    r"""Continuous ranked probability score of an ensemble, in the unit of the series; smaller is better.

    .. math:: \frac1M\sum_m |x_m - y| - \frac{1}{2 M (M-1)}\sum_{m,n} |x_m - x_n|

    Parameters
    ----------
    members : array, shape (..., M)
        Equally likely values; two at least for the fair score.
    actual : array, shape (...)
        What happened.
    fair : bool
        As written: the expectation is that of an ensemble without end [2]_. Else M² in place of M (M − 1): the score of the M values as a distribution [1]_.

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery, "Strictly proper scoring rules, prediction, and estimation," J. Am. Stat. Assoc. 102(477), 2007, equation 21.
    .. [2] C. A. T. Ferro, "Fair scores for ensemble forecasts," Q. J. R. Meteorol. Soc. 140, 2014.

    Examples
    --------
    >>> float(crps(np.array([0.0, 2.0]), np.array(1.0)))
    0.0
    """
    size = members.shape[-1]
    ordered = np.sort(members, axis=-1)
    between = ordered @ (2.0 * np.arange(size) + 1.0 - size)
    """Sum of the differences of all pairs, each once."""
    score: NDArray[np.float64] = np.abs(members - actual[..., None]).mean(axis=-1) - between / (size * ((size - 1) if fair else size))
    return score


def crps_normal(mean: NDArray[np.float64], deviation: NDArray[np.float64], actual: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Continuous ranked probability score of a normal distribution: :math:`\sigma\,[z(2\Phi(z) - 1) + 2\varphi(z) - 1/\sqrt\pi]`, z its standard score [1]_.

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery, "Strictly proper scoring rules, prediction, and estimation," J. Am. Stat. Assoc. 102(477), 2007.
    """
    from scipy.special import ndtr

    z = (actual - mean) / deviation
    density = np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)
    score: NDArray[np.float64] = deviation * (z * (2.0 * ndtr(z) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi))
    return score


@dataclass(frozen=True, eq=False)
class EnsembleScores:
    """Scores of the distribution of one series by column. Shapes (H,) unless said otherwise."""

    lead_hours: NDArray[np.float64]
    crps: NDArray[np.float64]
    """Fair. [profile's unit]"""
    spread: NDArray[np.float64]
    r"""Root of the mean variance of the members times (M + 1) / M: equal to the error of their mean where the ensemble is reliable. [profile's unit]"""
    rmse_of_mean: NDArray[np.float64]
    ranks: NDArray[np.float64]
    """Share of what happened between the m-th and the next member, from below the lowest to above the highest, over all columns; flat where reliable. Shape
    (M + 1,)."""
    rank_count: int
    """Pairs in the ranks; those whose members are all alike (night) are left out."""

    @property
    def unevenness(self) -> float:
        """Largest distance of the summed ranks from those of a flat histogram. [0..1]"""
        size = self.ranks.size
        return float(np.abs(np.cumsum(self.ranks) - np.arange(1, size + 1) / size).max())


def ensemble_scores(table: EnsembleTable, actual: NDArray[np.float64], name: str, *, step_hours: float, seed: int = 0) -> EnsembleScores:
    """Score the distribution of one series; ``seed`` decides the rank among members that equal what happened."""
    members = table.values[name]
    size, horizon = members.shape[1], members.shape[2]
    happened = looked_up(actual, target_steps(table.issue_step, horizon))
    by_member = np.moveaxis(members, 1, 2)
    known = ~np.isnan(happened) & ~np.isnan(by_member).any(axis=2)
    below = (by_member < happened[..., None]).sum(axis=2)
    alike = (by_member == happened[..., None]).sum(axis=2)
    rank = below + np.floor(np.random.default_rng(seed).random(below.shape) * (alike + 1)).astype(np.int64)
    ranked = known & (np.ptp(np.where(known[..., None], by_member, 0.0), axis=2) > 0)
    counts = np.bincount(rank[ranked], minlength=size + 1)
    variance = by_member.var(axis=2, ddof=1) * (size + 1) / size
    return EnsembleScores(
        (1.0 + np.arange(horizon)) * step_hours,
        _mean(np.where(known, crps(by_member, happened), np.nan)),
        np.sqrt(_mean(np.where(known, variance, np.nan))),
        np.sqrt(_mean((by_member.mean(axis=2) - happened) ** 2)),
        counts / max(1, counts.sum()),
        int(counts.sum()),
    )
