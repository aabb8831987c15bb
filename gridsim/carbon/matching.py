r"""How much of its consumption a park matches with green power: by year, month and hour, side by side.

With green generation :math:`g` (curtailment taken off), consumption :math:`\ell`, imports :math:`i`, and green power used by the ledger :math:`u`, over each
period :math:`p` of a basis:

=====================  ===========================================================================  ==========================
``generation``         :math:`\sum_p \min(g_p, \ell_p) / \sum_p \ell_p`, exports count as green      certificates are sold so
``without_import``     :math:`\sum_p \max(\ell_p - i_p, 0) / \sum_p \ell_p`                          the meter at the boundary
``ledger``             :math:`\sum_t u_t / \sum_t \ell_t`, the same on every basis                   traced through all stores
=====================  ===========================================================================  ==========================

and the worst period of each (uncapped, ``generation`` and ``without_import`` may leave 0..1 there). Without exports by year the first grows as the basis gets
longer: that is the difference between annual and hourly matching. While every store ends as it began, the ledger gives at least what ``without_import`` gives
by the year, because losses and exports take their part of grey power too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.metrics.scorecard import Scorecard

BASES = ("year", "month", "hour")


@dataclass(frozen=True)
class Matched:
    """Shares on one basis. [1]"""

    basis: str
    generation: float
    without_import: float
    ledger: float
    worst_generation: float
    """Smallest :math:`g_p / \\ell_p` of a period with consumption."""
    worst_without_import: float
    worst_ledger: float


def matching(dispatch: Dispatch, card: Scorecard) -> tuple[Matched, ...]:
    """Return the shares of the whole park by year, month and hour.

    Parameters
    ----------
    dispatch : Dispatch
    card : Scorecard
        Of the same dispatch.
    """
    energy, time = card.energy, dispatch.time
    periods = {"year": time.period("year"), "month": time.period("month"), "hour": np.arange(time.steps)}
    return tuple(_on(basis, periods[basis], energy.used_mw, energy.load_mw, energy.import_mw, card.ledger.green_used_mw) for basis in BASES)


def _on(
    basis: str, period: NDArray[np.int64], green: NDArray[np.float64], load: NDArray[np.float64], imported: NDArray[np.float64], used: NDArray[np.float64]
) -> Matched:
    generated, consumed, bought, traced = (np.bincount(period, weights=power) for power in (green, load, imported, used))
    return Matched(
        basis,
        _covered(np.minimum(generated, consumed), consumed),
        _covered(np.clip(consumed - bought, 0.0, None), consumed),
        _covered(traced, consumed),
        _worst(generated, consumed),
        _worst(consumed - bought, consumed),
        _worst(traced, consumed),
    )


def _covered(part: NDArray[np.float64], whole: NDArray[np.float64]) -> float:
    return float(part.sum() / whole.sum()) if whole.sum() > 0 else 0.0


def _worst(part: NDArray[np.float64], whole: NDArray[np.float64]) -> float:
    asked = whole > 0
    return float((part[asked] / whole[asked]).min()) if asked.any() else 0.0
