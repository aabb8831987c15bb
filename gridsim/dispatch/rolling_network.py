"""A plain `pypsa.Network` operated window after window, as `Network.optimize.optimize_with_rolling_horizon` does, from one model of the whole time.

PyPSA builds a model for each window; here the model is built once, and each window is a part of its arrays (`gridsim.dispatch.rolling`). Levels, status,
minimum up and down times, ramps and everything else that reaches back in time is carried, because its rows are the whole model's.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.rolling import Rolling
from gridsim.dispatch.step_program import program_of_model
from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    import pypsa


@dataclass(frozen=True)
class NetworkWindow:
    """One window of a plain network."""

    first: int
    last: int
    kept_until: int
    seconds: float
    gap: float
    broken: int
    """Rows that could not be kept; 0 where all was possible."""


def roll_network(
    network: pypsa.Network, *, horizon: int = 48, overlap: int = 24, options: dict[str, Any] | None = None, progress: Callable[[float], None] | None = None
) -> list[NetworkWindow]:
    """Operate a network window after window, and write the result into it.

    Parameters
    ----------
    network : pypsa.Network
        With fixed capacities; committable components are welcome. Its dynamic tables are filled as after PyPSA's own solve, without prices.
    horizon, overlap : int
        Snapshots of a window, and those at its end that the next window decides again.
    options : dict, optional
        HiGHS options, such as ``{"mip_rel_gap": 1e-3}``.
    progress : callable, optional
        Called with the share that is done.

    Returns
    -------
    list of NetworkWindow

    Raises
    ------
    DefinitionError
        Where the network holds what cannot be decided window after window.
    """
    _check(network, horizon, overlap)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyPSA's remarks on its own model
        model = network.optimize.create_model(include_objective_constant=False)
    program, labels, periods = program_of_model(model)
    rolling = Rolling(program, periods, options=options)
    windows = []
    for first in range(0, program.steps, horizon - overlap):
        last = min(first + horizon, program.steps)
        until = last if last == program.steps else first + horizon - overlap
        window = rolling.window(first, last).solve(first)
        rolling.keep(window, until)
        windows.append(NetworkWindow(first, last, until, window.seconds, window.gap, len(window.broken)))
        if progress is not None:
            progress(until / program.steps)
        if until == program.steps:
            break
    values = rolling.finish()
    _assign(network, model, values, labels, float(program.cost @ values))
    return windows


def _check(network: pypsa.Network, horizon: int, overlap: int) -> None:
    problems = []
    if not 0 <= overlap < horizon:
        problems.append(Problem("overlap", f"is {overlap} at a horizon of {horizon}", "give less than the horizon"))
    for kind, cyclic in (("Store", "e_cyclic"), ("StorageUnit", "cyclic_state_of_charge")):
        static = network.c[kind].static
        found = [] if static.empty else list(static.index[static[cyclic].astype(bool)])
        if found:
            remedy = f"set {cyclic} to False and give the first level: a window cannot know the last one"
            problems.append(Problem(f"{kind} {', '.join(found)}", f"has {cyclic}", remedy))
    for kind in ("Generator", "Link", "Line", "Transformer", "Store", "StorageUnit"):
        static = network.c[kind].static
        column = next((name for name in static.columns if name.endswith("_nom_extendable")), None)
        found = [] if column is None else list(static.index[static[column].astype(bool)])
        if found:
            problems.append(Problem(f"{kind} {', '.join(found)}", "is extendable", "fix its capacity first, such as with optimize.fix_optimal_capacities()"))
    if problems:
        raise DefinitionError("the network", problems)


def _assign(network: pypsa.Network, model: Any, values: np.ndarray, labels: np.ndarray, objective_cny: float) -> None:
    """Write values into the model, as linopy's solve does, and from there into the network."""
    by_label = np.full(int(labels.max()) + 1, np.nan)
    by_label[labels] = values
    for variable in model.variables.data.values():
        at = variable.labels
        found = np.where(at.values >= 0, by_label[np.maximum(at.values, 0)], np.nan)
        variable.solution = at.copy(data=found)
    model.status, model.termination_condition = "ok", "optimal"
    model.objective.set_value(objective_cny)
    network.optimize.assign_solution()
    network.optimize.post_processing()
