"""Which varied path moves a figure most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gridsim.study.result import SOLVED
from gridsim.study.scenarios import canonical

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.study.result import StudyResult


def tornado(result: StudyResult, figures: Sequence[str]) -> pd.DataFrame:
    """Return the effect of the lowest and the highest value of each path on each figure, the widest first.

    Parameters
    ----------
    result : StudyResult
        Of a study that varies one path at a time.
    figures : sequence of str
        Columns of its ``everything``.

    Returns
    -------
    DataFrame
        A row a figure and path: ``figure``, ``path``, ``low``, ``base``, ``high`` (values of the path), ``figure_base``, ``figure_low``, ``figure_high``,
        ``effect_low``, ``effect_high`` (differences from the base), ``span``. Where a scenario failed, its figures are missing.
    """
    import pandas as pd

    if result.design != "one_at_a_time":
        msg = f"a tornado needs design one_at_a_time, this study has {result.design}"
        raise ValueError(msg)
    table = result.everything
    usual = {path: canonical(value) for path, value in result.base.items()}
    at_base = {path: table[path].map(canonical) == usual[path] for path in result.paths}
    base = table[pd.concat(at_base, axis=1).all(axis=1)]
    lines = []
    for path in result.paths:
        others = [at_base[other] for other in result.paths if other != path]
        alone = table[pd.concat(others, axis=1).all(axis=1)] if others else table
        ordered = alone.sort_values(path, kind="stable")
        low, high = ordered.iloc[0], ordered.iloc[-1]
        for figure in figures:
            middle = _figure(base.iloc[0], figure) if len(base) else float("nan")
            below, above = _figure(low, figure), _figure(high, figure)
            reached = [value for value in (below, middle, above) if value == value]  # without what is missing
            span = max(reached) - min(reached) if len(reached) > 1 else float("nan")
            lines.append((figure, path, low[path], result.base[path], high[path], middle, below, above, below - middle, above - middle, span))
    columns = ["figure", "path", "low", "base", "high", "figure_base", "figure_low", "figure_high", "effect_low", "effect_high", "span"]
    frame = pd.DataFrame(lines, columns=columns)
    return frame.sort_values(["figure", "span"], ascending=[True, False], kind="stable", ignore_index=True)


def _figure(row: pd.Series, figure: str) -> float:
    return float(row[figure]) if row["status"] == SOLVED else float("nan")
