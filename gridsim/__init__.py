"""gridsim: dispatch and planning of industrial parks that live on their own wind and sun.

The whole way in one call, or its stages one by one::

    import gridsim

    result = gridsim.run("networks/starter", out="runs/starter")

    park = gridsim.read_park("networks/starter", overrides=["technologies.battery_1.energy_mwh=60"])
    solved = gridsim.solve(park)
    card = gridsim.scorecard(solved.dispatch, solved.audit)
    solved.network                      # a plain pypsa.Network

The park as a virtual power plant, at once or part by part::

    gridsim.vpp_of(park).figures        # what it is worth: regret, flexibility, life without the grid, markets
    gridsim.operate(park)               # plan after plan through the year, as forecasts come in
    gridsim.regret(park)                # the same beside perfect foresight and a rule
    gridsim.find_envelope(solved.dispatch)  # how much it can give, up and down, hour by hour
    gridsim.roll_network(network)       # any pypsa.Network window after window

Everything is loaded on first use, so that importing gridsim costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridsim.dispatch.rolling_network import roll_network
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
    from gridsim.vpp.envelope.envelope import Envelope, find_envelope
    from gridsim.vpp.rolling.operation import Operation, operate
    from gridsim.vpp.rolling.regret import Regret, regret
    from gridsim.vpp.run import Vpp, vpp_of
    from gridsim.workflow import Run, run

_HOME = {
    "Alternatives": "gridsim.study.alternatives",
    "DefinitionError": "gridsim.errors",
    "Envelope": "gridsim.vpp.envelope.envelope",
    "Free": "gridsim.dispatch.sizes",
    "GridsimError": "gridsim.errors",
    "InfeasibleError": "gridsim.errors",
    "Operation": "gridsim.vpp.rolling.operation",
    "Park": "gridsim.park.park",
    "Problem": "gridsim.errors",
    "Regret": "gridsim.vpp.rolling.regret",
    "Run": "gridsim.workflow",
    "Scorecard": "gridsim.metrics.scorecard",
    "Sizing": "gridsim.study.sizing",
    "Solved": "gridsim.dispatch.solve",
    "StudyResult": "gridsim.study.result",
    "Vpp": "gridsim.vpp.run",
    "alternatives": "gridsim.study.alternatives",
    "find_envelope": "gridsim.vpp.envelope.envelope",
    "operate": "gridsim.vpp.rolling.operation",
    "read_park": "gridsim.park.read",
    "regret": "gridsim.vpp.rolling.regret",
    "roll_network": "gridsim.dispatch.rolling_network",
    "run": "gridsim.workflow",
    "run_study": "gridsim.study.run",
    "scorecard": "gridsim.metrics.scorecard",
    "size": "gridsim.study.sizing",
    "solve": "gridsim.dispatch.solve",
    "vpp_of": "gridsim.vpp.run",
}

__version__ = "0.1.0"

__all__ = [
    "Alternatives",
    "DefinitionError",
    "Envelope",
    "Free",
    "GridsimError",
    "InfeasibleError",
    "Operation",
    "Park",
    "Problem",
    "Regret",
    "Run",
    "Scorecard",
    "Sizing",
    "Solved",
    "StudyResult",
    "Vpp",
    "alternatives",
    "find_envelope",
    "operate",
    "read_park",
    "regret",
    "roll_network",
    "run",
    "run_study",
    "scorecard",
    "size",
    "solve",
    "vpp_of",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        msg = f"module 'gridsim' has no attribute '{name}'"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_HOME[name]), name)
