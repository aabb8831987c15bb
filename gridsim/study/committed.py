"""What the capacities of a sizing cost to operate with modules, machines and calls in whole numbers.

Capacities are found at the linear level, without minimum loads, starts and standby. Here they are operated through the same hours at the mixed-integer level
with perfect foresight, window after window, each of which knows from the linear optimum what is worth to be left in stores
(`gridsim.vpp.rolling.operation`). Windows cost something by themselves: the same windows at the linear level tell how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridsim.study.sizing import Sizing

HORIZON_HOURS, EVERY_HOURS = 48.0, 24.0
"""How far each window looks and how much of it is kept (measured on two weeks of the starter park: with 96 and 48 h no cheaper)."""

OPTIONS: dict[str, Any] = {"mip_rel_gap": 1e-3}
"""Of HiGHS for each window (measured there, with 96 and 48 h: with 1e-4 0.06 % cheaper in three times as long)."""


@dataclass(frozen=True)
class Committed:
    """Operating costs of the same capacities and hours."""

    optimum_cny: float
    """Of the sizing's own dispatch."""
    linear_cny: float
    """In windows, at the linear level."""
    committed_cny: float
    """In windows, in whole numbers."""
    broken: int
    """Windows in whole numbers in which something could not be kept, so that their cost is not all."""
    seconds: float

    @property
    def extra_cny(self) -> float:
        """What whole numbers cost. [CNY]"""
        return self.committed_cny - self.linear_cny


def committed(
    found: Sizing, *, horizon_hours: float = HORIZON_HOURS, every_hours: float = EVERY_HOURS, progress: Callable[[str, float], None] | None = None
) -> Committed:
    """Operate the park that a sizing found, at both levels.

    Parameters
    ----------
    found : Sizing
    horizon_hours, every_hours : float
        How far each window looks, and how much of it is kept. [h]
    progress : callable, optional
        Called with the name of a stage and the share of it that is done.

    Returns
    -------
    Committed
    """
    from gridsim.dispatch.solve import KeptDispatch
    from gridsim.vpp.rolling.operation import operate

    plan = found.solved.dispatch
    if not plan.prices:  # it was found in windows
        plan = KeptDispatch(found.park, with_network=False, progress=progress).solve().dispatch
    how: dict[str, Any] = {"horizon_hours": horizon_hours, "every_hours": every_hours, "year_plan": plan, "options": OPTIONS}
    linear = operate(found.park, level="linear", progress=_told(progress, "linear"), **how)
    whole = operate(found.park, level="mixed_integer", progress=_told(progress, "whole numbers"), **how)
    return Committed(found.solved.dispatch.objective_cny, linear.cost_cny, whole.cost_cny, len(whole.broken), linear.seconds + whole.seconds)


def _told(progress: Callable[[str, float], None] | None, stage: str) -> Callable[[float, str], None] | None:
    return None if progress is None else (lambda share, _: progress(stage, share))
