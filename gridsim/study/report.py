"""From a study's result to its page: what the tables of scenarios mean beyond themselves is computed here, and drawn in `gridsim.report.study_page`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.study.break_even import break_even
from gridsim.study.result import SOLVED
from gridsim.study.robustness import robustness
from gridsim.study.scenarios import canonical
from gridsim.study.store import RECORD
from gridsim.study.tornado import tornado

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from gridsim.report.study_page.study_view import StudyView
    from gridsim.study.result import StudyResult

NOT_CHOSEN = ("profile_set",)
"""Varied paths that nobody chooses, such as weather years: a choice of the others is judged over them."""
LOW_IS_BAD = ("green_share", "hourly_matched_share", "self_use_ratio", "hydrogen_kg", "ammonia_t")
ENTERS_SHARE = 1e-3
"""Of its upper bound: a capacity above this counts as built."""


def write_study_report(result: StudyResult, folder: str | Path | None = None, lang: str = "en", *, labels: Mapping[str, str] | None = None) -> Path:
    """Write the page of a study, and its tables as a workbook.

    Parameters
    ----------
    result : StudyResult
        What `run_study` returned; ``study.json`` and kept dispatches are read from its folder.
    folder : path, optional
        Where ``report.html`` and ``tables.xlsx`` go; left out, the folder of the results.
    lang : {"en", "zh"}
        Language of both.
    labels : mapping, optional
        What technologies are called, by name; left out, as ``study.json`` has it.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    DefinitionError
        Where the language is unknown.
    """
    from gridsim.report.study_page.write import write_study_page

    view = study_view(result, lang, labels=labels)
    target = Path(result.folder if folder is None else folder)
    target.mkdir(parents=True, exist_ok=True)
    return write_study_page(view, target)


def study_view(result: StudyResult, lang: str = "en", *, labels: Mapping[str, str] | None = None) -> StudyView:
    """Return a result as its page sees it; parameters as in `write_study_report`."""
    from gridsim.report.study_page.kept import read_kept
    from gridsim.report.study_page.study_view import COST, OUTCOME, Found, StudyView
    from gridsim.report.words import Words

    record = _record(result)
    free = record.get("free", {})
    shown = [column for column in result.table if column not in ("scenario", *OUTCOME, *result.paths, *free)]
    figures = [figure for figure in shown if figure in result.everything]
    sums = [figure for figure in dict.fromkeys((COST, *figures, *free)) if figure in result.everything]
    return StudyView(
        words=Words(lang),
        record=record,
        scenarios=result.everything.reset_index(drop=True),
        figures=figures,
        paths=result.paths,
        base=result.base,
        answers=[Found(answer.figure, answer.scenario, answer.expected, answer.found, answer.holds) for answer in result.answers],
        notes=result.notes,
        seconds=result.seconds,
        workers=result.workers,
        reused=result.reused,
        front=result.front,
        front_field="" if result.front is None or not len(result.front) else str(result.front["limit_key"].iloc[0]).removeprefix("limits."),
        alternatives=result.alternatives,
        tornado=tornado(result, sums) if result.design == "one_at_a_time" and result.front is None and len(result.solved) else None,
        robustness=_robustness(result, [figure for figure in sums if figure not in free]),
        break_even=_break_even(result, free),
        kept=read_kept(result.folder, list(result.everything["scenario"])),
        labels=labels or {name: one["label"] for name, one in record.get("technologies", {}).items() if one.get("label")},
    )


def _record(result: StudyResult) -> dict[str, Any]:
    file = result.folder / RECORD
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {"question": result.question, "design": result.design, **known}


def _robustness(result: StudyResult, figures: Sequence[str]) -> pd.DataFrame | None:
    import pandas as pd

    over = [path for path in result.paths if path in NOT_CHOSEN]
    if not over or not len(result.solved) or not figures or result.design != "grid":
        return None
    bad = {figure: "lowest" if figure in LOW_IS_BAD else "highest" for figure in figures}
    return pd.concat([robustness(result, over, [figure], worst=worst) for figure, worst in bad.items()], ignore_index=True)


def _break_even(result: StudyResult, free: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame | None:
    """Find where each sized capacity enters or leaves as one varied number moves and all else stays."""
    import pandas as pd

    lines = []
    for path, rows in _alone(result):
        ordered = rows[(rows["status"] == SOLVED) & rows[path].notna()].sort_values(path)
        at = ordered[path].to_numpy(float)
        for size, bounds in free.items():
            threshold = ENTERS_SHARE * float(bounds["max"])
            built = ordered[size].to_numpy(float) > threshold
            for value in break_even(ordered, path, size, threshold):
                last = min(int((at < value).sum()), len(at) - 1)
                if last > 0:
                    lines.append((size, path, value, at[last - 1], at[last], bool(built[last])))
    return pd.DataFrame(lines, columns=["size", "path", "value", "below", "above", "enters"]) if lines else None


def _alone(result: StudyResult) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each numeric path with the scenarios in which nothing else differs, where there is one such group for it."""
    table = result.everything
    for path in result.paths:
        if table[path].map(lambda value: not isinstance(value, int | float) or isinstance(value, bool)).any():
            continue
        others = [other for other in result.paths if other != path]
        if result.design == "one_at_a_time":
            same = [(table[other].map(canonical) == canonical(result.base.get(other))).to_numpy() for other in others]
            yield path, table[np.all(same, axis=0)] if others else table
        elif not others:
            yield path, table
