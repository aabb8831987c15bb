r"""How a figure holds over an axis that nobody chooses, such as weather years.

The conditional value at risk is the mean of the worst share :math:`\alpha` of equally likely scenarios. With :math:`n` of them, ordered from the worst,
it takes the first :math:`\lfloor \alpha n \rfloor` whole and the next with the weight that is left (Rockafellar and Uryasev 2002, for discrete losses).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from gridsim.study.result import SOLVED

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.study.result import StudyResult


def conditional_value_at_risk(values: NDArray[np.float64], share: float, worst: Literal["highest", "lowest"] = "highest") -> float:
    """Return the mean of the worst share of equally likely values.

    Parameters
    ----------
    values : array, shape (n,)
    share : float
        Above 0, at most 1. [1]
    worst : {"highest", "lowest"}
        Which end is bad.

    Examples
    --------
    >>> conditional_value_at_risk(np.array([1.0, 2.0, 3.0, 4.0]), 0.375)
    3.6666666666666665
    """
    if not 0.0 < share <= 1.0:
        msg = f"share {share} is not above 0 and at most 1"
        raise ValueError(msg)
    ordered = np.sort(np.asarray(values, dtype=float))
    if worst == "highest":
        ordered = ordered[::-1]
    weights = np.clip(share * ordered.size - np.arange(ordered.size), 0.0, 1.0)
    return float(weights @ ordered / weights.sum()) if ordered.size else float("nan")


def robustness(
    result: StudyResult, over: str | Sequence[str], figures: Sequence[str], *, worst: Literal["highest", "lowest"] = "highest", share: float = 0.2
) -> pd.DataFrame:
    """Return mean, worst and conditional value at risk of figures over one or several axes, for each choice of the others.

    Parameters
    ----------
    over : str or sequence of str
        Varied paths that nobody chooses.
    figures : sequence of str
        Columns of ``result.everything``.
    worst : {"highest", "lowest"}
        Which end of the figures is bad: ``highest`` for costs, ``lowest`` for shares.
    share : float
        Of the scenarios that the conditional value at risk looks at. [1]

    Returns
    -------
    DataFrame
        A row a choice and figure: the other paths' values, ``figure``, ``mean``, ``worst``, ``cvar``, ``best``, ``scenarios``, ``failed``. A choice with
        failed scenarios is judged by the others only: look at ``failed`` first.
    """
    import pandas as pd

    paths = [over] if isinstance(over, str) else list(over)
    chosen = [path for path in result.paths if path not in paths]
    groups = result.everything.groupby(chosen, sort=False, dropna=False) if chosen else [((), result.everything)]
    lines = []
    for choice, rows in groups:
        solved = rows[rows["status"] == SOLVED]
        for figure in figures:
            values = solved[figure].dropna().to_numpy(float)
            ends = (float(values.max()), float(values.min())) if values.size else (float("nan"), float("nan"))
            bad, good = ends if worst == "highest" else ends[::-1]
            mean = float(values.mean()) if values.size else float("nan")
            risk = conditional_value_at_risk(values, share, worst)
            lines.append((*choice, figure, mean, bad, risk, good, len(rows), len(rows) - len(solved)))
    return pd.DataFrame(lines, columns=[*chosen, "figure", "mean", "worst", "cvar", "best", "scenarios", "failed"])
