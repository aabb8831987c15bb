r"""What would save curtailed power: the park dispatched again with one step more of each option, and what a first unit is worth by the duals.

For a capacity :math:`s`, with :math:`C` the operating cost of a year and :math:`E` the energy curtailed, for each unit of a step :math:`\Delta s`

.. math:: \text{saved cost} = \frac{C(s) - C(s + \Delta s)}{\Delta s} \;\le\; \frac{C(s) - L_y(s + \Delta s)}{\Delta s}, \qquad
          \text{saved energy} = \frac{E(s) - E(s + \Delta s)}{\Delta s}

where :math:`L_y` is the bound that the duals :math:`y` of the present dispatch prove for the program at the step (`gridsim.dispatch.optimum`): linear in
the step, so the slope of the cost, a marginal value that no finite step exceeds. Where a vertex has several duals it is the slope of one of them: of a
store of size zero they say next to nothing, so that what the park has not got has a finite step only.

Of dispatches of equal cost, the one that curtails least counts (`gridsim.dispatch.curtails_least`), so that savings do not hang on which of them the solver
happened to find.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.metrics.energy import hourly_energy, shares
from gridsim.study.curtailment_options import Option, options_of

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.dispatch.result import Dispatch
    from gridsim.dispatch.solve import KeptDispatch, Solved
    from gridsim.metrics.scorecard import Scorecard
    from gridsim.park.park import Park

ALIKE = 1e-5
"""Savings below this share of the energy or cost of the park, for the whole step, are rounding: as much as `gridsim.dispatch.separate` accepts."""

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Saving:
    """What a unit more of one option changes in a year, on average over one step."""

    option: Option
    curtailed_mwh: float
    """Curtailment saved by each unit. [MWh/a]"""
    cny: float
    """Operating cost saved by each unit. [CNY/a]"""
    marginal_cny: float | None
    """The same for the first bit, by the duals; None where the dispatch has none, and for what the park has not got. [CNY/a]"""
    yearly_cost_cny: float | None
    """Annuity and fixed upkeep of a unit; None where the park states none. [CNY/a]"""
    green_share: float
    """Green share of the load gained by each unit. [1]"""
    import_mwh: float
    """Imports saved by each unit. [MWh/a]"""
    export_mwh: float
    """Exports added by each unit. [MWh/a]"""

    @property
    def pays(self) -> bool | None:
        """Whether it saves more than it costs; None where the cost is not known."""
        return None if self.yearly_cost_cny is None else self.cny > self.yearly_cost_cny

    @property
    def cny_per_mwh(self) -> float | None:
        """What saving a MWh costs, net of what it saves; below zero where it pays. None where the cost is not known or nothing is saved. [CNY/MWh]"""
        if self.yearly_cost_cny is None or self.curtailed_mwh <= 0:
            return None
        return (self.yearly_cost_cny - self.cny) / self.curtailed_mwh


@dataclass(frozen=True)
class CurtailmentStudy:
    """Curtailment as it is, and what would save it."""

    solved: Solved
    card: Scorecard
    """Of the dispatch that curtails least among those of least cost."""
    cost_cny: float
    """Operating cost of the horizon, without fixed upkeep. [CNY]"""
    savings: tuple[Saving, ...]
    """The most curtailment saved by a unit first."""
    share_of_year: float

    @property
    def dispatch(self) -> Dispatch:
        """The dispatch as it is."""
        return self.solved.dispatch

    def table(self) -> pd.DataFrame:
        """Return a row an option."""
        import pandas as pd

        return pd.DataFrame([row(saving) for saving in self.savings])


def row(saving: Saving) -> dict[str, Any]:
    """Return a saving as plain data."""
    option = saving.option
    return {
        "technology": option.name,
        "option": option.what,
        "in_park": option.built,
        "size": option.size,
        "unit": option.unit,
        "hours": option.hours,
        "step": option.step,
        "curtailed_mwh_per_unit": saving.curtailed_mwh,
        "cny_per_unit": saving.cny,
        "marginal_cny_per_unit": saving.marginal_cny,
        "yearly_cost_cny_per_unit": saving.yearly_cost_cny,
        "cost_pro_rata": option.pro_rata,
        "pays": saving.pays,
        "cny_per_mwh_saved": saving.cny_per_mwh,
        "green_share_per_unit": saving.green_share,
        "import_mwh_per_unit": saving.import_mwh,
        "export_mwh_per_unit": saving.export_mwh,
    }


def curtailment_study(
    park: Park,
    *,
    step_share: float = 0.1,
    added: Sequence[str] | None = None,
    hours: dict[str, float] | None = None,
    options: dict[str, Any] | None = None,
    progress: Progress | None = None,
) -> CurtailmentStudy:
    """Dispatch a park at the linear level, and once more for each option.

    Parameters
    ----------
    park : Park
    step_share : float
        Step of each option over what the park has.
    added, hours
        What is tried that the park has not got, as in `gridsim.study.curtailment_options.options_of`.
    options : dict, optional
        HiGHS options over the measured defaults.
    progress : callable, optional
        Called with the option that is tried.

    Returns
    -------
    CurtailmentStudy

    Raises
    ------
    DefinitionError, InfeasibleError
        As `gridsim.dispatch.solve.solve`.
    """
    from gridsim.dispatch.curtails_least import CurtailsLeast, true_cost_cny
    from gridsim.metrics.scorecard import scorecard

    whole, tried = options_of(park, step_share=step_share, added=added, hours=hours)
    if progress is not None:
        progress("as it is", 0.0)
    kept = CurtailsLeast(whole, options=options, with_network=False)
    solved = kept.solve()
    worth = _Worth(kept)
    savings = []
    for option in tried:
        if progress is not None:
            progress(f"{option.name}: {option.what}", 0.0)
        changed = option.applied(whole)
        in_place = kept.change(changed)
        marginal = worth.of_step(kept) if in_place and option.built else None
        if worth.basis is not None:
            kept.start_from(worth.basis)
        savings.append(_saving(option, whole, solved.dispatch, kept.solve().dispatch, marginal))
    savings.sort(key=lambda saving: -saving.curtailed_mwh)
    return CurtailmentStudy(solved, scorecard(solved.dispatch, solved.audit), true_cost_cny(solved.dispatch), tuple(savings), park.time.share_of_year)


class _Worth:
    """Duals of the dispatch as it is, and the bound that they prove for others."""

    def __init__(self, kept: KeptDispatch) -> None:
        from gridsim.dispatch.optimum import proven_bound
        from gridsim.dispatch.program_model import ProgramModel

        self.basis = kept.basis()
        self.duals: np.ndarray | None = None
        if isinstance(kept.highs, ProgramModel):
            self.bound = proven_bound
            self.duals = kept.highs.solve().row_duals
            self.here_cny = 0.0 if self.duals is None else proven_bound(kept.highs.program, self.duals)

    def of_step(self, kept: KeptDispatch) -> float | None:
        """Return the most that the program which is kept now can cost less. [CNY]"""
        from gridsim.dispatch.program_model import ProgramModel

        if self.duals is None or not isinstance(kept.highs, ProgramModel):
            return None
        return self.here_cny - self.bound(kept.highs.program, self.duals)


def _saving(option: Option, park: Park, before: Dispatch, after: Dispatch, marginal_cny: float | None) -> Saving:
    first, then = _figures(before), _figures(after)
    per = 1.0 / (option.step * before.time.share_of_year)

    def saved(figure: str, scale: str) -> float:
        change = first[figure] - then[figure]
        return change * per if abs(change) > ALIKE * max(abs(first[scale]), 1.0) else 0.0

    green = then["green_share"] - first["green_share"]
    return Saving(
        option=option,
        curtailed_mwh=saved("curtailed", "available"),
        cny=saved("cost", "cost"),
        marginal_cny=None if marginal_cny is None else marginal_cny * per if abs(marginal_cny) > ALIKE * max(abs(first["cost"]), 1.0) else 0.0,
        yearly_cost_cny=option.yearly_cost_cny(park),
        green_share=green / option.step if abs(green) > ALIKE else 0.0,
        import_mwh=saved("import", "load"),
        export_mwh=-saved("export", "available") + 0.0,
    )


def _figures(dispatch: Dispatch) -> dict[str, float]:
    """Energies of the horizon, green share and true cost. [MWh, 1, CNY]"""
    from gridsim.dispatch.curtails_least import true_cost_cny

    energy, hours = hourly_energy(dispatch), dispatch.time.step_hours
    sums = {word: float(getattr(energy, f"{word}_mw").sum() * hours) for word in ("available", "curtailed", "import", "export", "load")}
    share = shares(sums["available"], sums["curtailed"], sums["import"], sums["export"], sums["load"])["green_share"]
    return {**sums, "green_share": share, "cost": true_cost_cny(dispatch)}
