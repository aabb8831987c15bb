"""At which value of a path a figure crosses a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.study.result import SOLVED

if TYPE_CHECKING:
    import pandas as pd


def break_even(table: pd.DataFrame, path: str, figure: str, threshold: float = 0.0) -> list[float]:
    """Return the values of a path at which a figure crosses a threshold, by straight lines between neighbouring scenarios.

    Parameters
    ----------
    table : DataFrame
        Rows of a study in which nothing but ``path`` differs, such as `StudyResult.everything` of one axis, or a part of it.
    path : str
        Varied path with numbers.
    figure : str
        Column that is compared with the threshold.

    Returns
    -------
    list of float
        In rising order; empty where it is never crossed. Between a scenario that failed and its neighbours nothing is said.

    Raises
    ------
    ValueError
        Where a value of the path stands in several rows.
    """
    ordered = table.sort_values(path)
    at = ordered[path].to_numpy(float)
    if np.any(np.diff(at) == 0.0):
        msg = f"several rows have the same {path}; choose those in which nothing else differs"
        raise ValueError(msg)
    above = ordered[figure].to_numpy(float) - threshold
    above[(ordered["status"] != SOLVED).to_numpy()] = np.nan
    crossings = list(at[above == 0.0])
    for first in np.flatnonzero(above[:-1] * above[1:] < 0.0):
        share = above[first] / (above[first] - above[first + 1])
        crossings.append(at[first] + share * (at[first + 1] - at[first]))
    return sorted(float(value) for value in crossings)
