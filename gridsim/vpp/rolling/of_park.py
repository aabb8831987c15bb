"""A park operated as its file says: its forecasts, its horizon, and the year its plan is made for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.solve import KeptDispatch
from gridsim.park.read import read_park
from gridsim.vpp.forecast.forecasts import forecasts
from gridsim.vpp.rolling.operation import operate
from gridsim.vpp.rolling.regret import Regret, regret
from gridsim.vpp.rolling.section import OperationSection

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.distribution.network import Network
    from gridsim.park.park import Park
    from gridsim.vpp.forecast.tables import ForecastTable
    from gridsim.vpp.rolling.operation import Operation, Progress
    from gridsim.vpp.rolling.wires import WiredOperation


@dataclass(frozen=True, eq=False)
class OperatedPark:
    """What became of a park that does not know the future."""

    regret: Regret
    """Of operations that do not know the wires, nor does perfect foresight."""
    forecasts: ForecastTable
    section: OperationSection
    wires: WiredOperation | None = None
    """None where the park has no network, or its wires are not to be looked at."""

    @property
    def done(self) -> Operation:
        """What is settled: the operation within the wires, where they were looked at."""
        return self.regret.operated if self.wires is None else self.wires.operated


def operate_park(park: Park, *, perfect: Dispatch | None = None, options: dict[str, Any] | None = None, progress: Progress | None = None) -> OperatedPark:
    """Operate a park by its ``vpp.operation`` and ``vpp.forecast``, or by what is shipped where it has none; ``perfect`` is its optimum, where it is known."""
    section = park.vpp.operation if park.vpp is not None else OperationSection()
    step = park.time.step_hours
    issues = np.arange(0, park.time.steps, round(section.forecast_every_hours / step))
    told = park.vpp.forecast if park.vpp is not None else None
    table = forecasts(park, told, issue_steps=issues, horizon_steps=round(section.horizon_hours / step), seed=section.seed)
    network = _network(park) if section.wires else None
    how = {name: getattr(section, name) for name in ("level", "horizon_hours", "every_hours")} | {"forecasts": table, "options": options}
    found = regret(park, **how, year_plan=_plan(park, section.plan_profile_set), perfect=perfect, progress=progress)
    wires = None
    if network is not None:
        from gridsim.vpp.rolling.wires import within_wires

        how |= {"year_plan": found.operated.plan, "progress": None if progress is None else lambda share, _: progress(share, "wires")}
        wires = within_wires(found.operated, lambda limits: operate(park, **how, limits=limits), network)
    return OperatedPark(found, table, section, wires)


def _network(park: Park) -> Network | None:
    """Return the wires of a park that has any, before anything long begins; a park without them loads no engine for them."""
    from gridsim.distribution.network import network_of
    from gridsim.distribution.tables.distribution import FOLDER

    return network_of(park) if (park.folder / FOLDER).is_dir() else None


def _plan(park: Park, profile_set: str | None) -> Dispatch | None:
    """Return the optimum of the same park in another weather year."""
    if profile_set is None:
        return None
    changed = [*park.overrides, f"profile_set={json.dumps(profile_set)}"]
    first, last = (round(step * park.time.step_hours) for step in (park.time.first_step, park.time.first_step + park.time.steps))
    other = read_park(park.folder, stage=park.stage, overrides=changed, hours=(first, last))
    return KeptDispatch(other, with_network=False).solve().dispatch
