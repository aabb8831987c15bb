"""The windows' lower bound of a sizing, proven on all processors while something else is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gridsim.dispatch.optimum import Optimum
    from gridsim.dispatch.program import Program
    from gridsim.dispatch.segments import Segments
    from gridsim.dispatch.sizes import Sizes
    from gridsim.dispatch.window_bound import WindowBound
    from gridsim.technologies.draft import NetworkDraft


def windows_of(draft: NetworkDraft, sizes: Sizes, program: Program, parts: Segments, relaxed: Optimum) -> WindowBound:
    """Return the windows of a year at the prices of a relaxed optimum."""
    from gridsim.dispatch.program import make_program
    from gridsim.dispatch.segments import single_steps
    from gridsim.dispatch.window_bound import WindowBound
    from gridsim.dispatch.windows import window_borders

    return WindowBound(make_program(draft, single_steps(draft.steps), sizes), program, parts, relaxed, window_borders(draft.steps))


@contextmanager
def proven_meanwhile(windows: WindowBound | None) -> Iterator[Callable[[], float]]:
    """Prove the windows' bound on all processors while something else is done; give what waits for it. Without windows there is none."""
    if windows is None:
        yield lambda: -np.inf
        return
    with ThreadPoolExecutor(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) as pool:
        parts = [pool.submit(windows.of_window, window) for window in range(windows.count)]
        try:
            yield lambda: windows.bound_cny([part.result() for part in parts])
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
