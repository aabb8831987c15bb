"""gridsim: dispatch and planning of industrial parks that live on their own wind and sun.

The whole way in one call, or its stages one by one::

    import gridsim

    result = gridsim.run("networks/starter", out="runs/starter")

    park = gridsim.read_park("networks/starter", overrides=["technologies.battery_1.energy_mwh=60"])
    solved = gridsim.solve(park)
    card = gridsim.scorecard(solved.dispatch, solved.audit)
    solved.network                      # a plain pypsa.Network

Everything is loaded on first use, so that importing gridsim costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridsim.dispatch.sizes import Free
    from gridsim.dispatch.solve import Solved, solve
    from gridsim.errors import DefinitionError, GridsimError, InfeasibleError, Problem
    from gridsim.metrics.scorecard import Scorecard, scorecard
    from gridsim.park.park import Park
    from gridsim.park.read import read_park
    from gridsim.study.alternatives import Alternatives, alternatives
    from gridsim.study.result import StudyResult
    from gridsim.study.run import run_study
    from gridsim.study.sizing import Sizing, size
    from gridsim.workflow import Run, run

_HOME = {
    "Alternatives": "gridsim.study.alternatives",
    "DefinitionError": "gridsim.errors",
    "Free": "gridsim.dispatch.sizes",
    "GridsimError": "gridsim.errors",
    "InfeasibleError": "gridsim.errors",
    "Park": "gridsim.park.park",
    "Problem": "gridsim.errors",
    "Run": "gridsim.workflow",
    "Scorecard": "gridsim.metrics.scorecard",
    "Sizing": "gridsim.study.sizing",
    "Solved": "gridsim.dispatch.solve",
    "StudyResult": "gridsim.study.result",
    "alternatives": "gridsim.study.alternatives",
    "read_park": "gridsim.park.read",
    "run": "gridsim.workflow",
    "run_study": "gridsim.study.run",
    "scorecard": "gridsim.metrics.scorecard",
    "size": "gridsim.study.sizing",
    "solve": "gridsim.dispatch.solve",
}

__version__ = "0.1.0"

__all__ = [
    "Alternatives",
    "DefinitionError",
    "Free",
    "GridsimError",
    "InfeasibleError",
    "Park",
    "Problem",
    "Run",
    "Scorecard",
    "Sizing",
    "Solved",
    "StudyResult",
    "alternatives",
    "read_park",
    "run",
    "run_study",
    "scorecard",
    "size",
    "solve",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        msg = f"module 'gridsim' has no attribute '{name}'"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_HOME[name]), name)
