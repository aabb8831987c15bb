r"""Cost against a share: what each step of an annual limit costs.

A front is an epsilon-constraint sweep [1]_: the park is sized without the limit, which shows what share the optimum has on its own; then the limit is set at
equal steps from there to the far end, and the park sized again at each. The far end is given, or the best share that any capacities within their bounds reach.

References
----------
.. [1] Y. Y. Haimes, L. S. Lasdon, D. A. Wismer, "On a bicriterion formulation of the problems of integrated system identification and system optimization,"
   IEEE Trans. Syst. Man Cybern. SMC-1(3), 296-297, 1971. doi:10.1109/TSMC.1971.4308298
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.study.result import SOLVED
from gridsim.study.scenarios import Scenario, canonical, texts_of
from gridsim.study.store import FRONT_ENDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    import pandas as pd

    from gridsim.study.check import ParkOfStudy
    from gridsim.study.definition import Study
    from gridsim.study.store import Store

DECIMALS = 4
"""Of a share; a hundredth of a percentage point."""
SHORT_OF_THE_END = 1e-3
"""Of share, that a front stays short of the best that can be reached: there the last bit takes capacities without end."""
FEN_PER_KWH = 0.1
"""1 CNY/MWh in 分/kWh."""


@dataclass(frozen=True)
class FrontLimit:
    """What an annual limit is about, in the words of the scorecard."""

    reached: Callable[[pd.DataFrame], pd.Series]
    """Share."""
    energy: Callable[[pd.DataFrame], pd.Series]
    """Green energy that more of the share adds: used in the park, not exported, or not curtailed. [MWh]"""
    sign: float
    """+1 where a larger share is the tighter limit."""


FRONT_LIMITS: dict[str, FrontLimit] = {
    "green_share_min": FrontLimit(lambda t: t["green_share"], lambda t: t["load_mwh"] - t["import_mwh"], 1.0),
    "import_share_max": FrontLimit(lambda t: t["import_mwh"] / t["load_mwh"], lambda t: t["load_mwh"] - t["import_mwh"], -1.0),
    "self_use_ratio_min": FrontLimit(lambda t: t["self_use_ratio"], lambda t: t["available_mwh"] - t["curtailed_mwh"] - t["export_mwh"], 1.0),
    "export_share_max": FrontLimit(lambda t: t["export_ratio"], lambda t: -t["export_mwh"], -1.0),
    "curtailment_rate_max": FrontLimit(lambda t: t["curtailment_rate"], lambda t: -t["curtailed_mwh"], -1.0),
}


def reached_share(field: str, everything: pd.DataFrame, export_share_of: str = "available") -> pd.Series:
    """Return the share that a limit is about, of every row."""
    if field == "export_share_max" and export_share_of == "generation":
        return everything["export_ratio_of_generation"]
    return FRONT_LIMITS[field].reached(everything)


def steps_of(field: str, reached: float, far_end: float, points: int) -> list[float]:
    """Return the limits at equal steps from what the optimum reaches on its own, excluded, to the far end; none where that is no tighter.

    Parameters
    ----------
    points : int
        Of the front, the optimum among them.
    """
    if FRONT_LIMITS[field].sign * (far_end - reached) <= 10.0**-DECIMALS:
        return []
    values = [round(float(value), DECIMALS) for value in np.linspace(reached, far_end, points)[1:]]
    return list(dict.fromkeys(values))


def inwards(field: str, share: float) -> float:
    """Return a far end that is a little short of the best share."""
    sign = FRONT_LIMITS[field].sign
    short = share - sign * SHORT_OF_THE_END
    factor = 10.0**DECIMALS
    return float(np.clip(sign * np.floor(sign * short * factor) / factor, 0.0, 1.0))


def without_limit(study: Study, of_park: ParkOfStudy, scenario: Scenario) -> Scenario:
    """Return a scenario whose limit is lifted, where its park has one: where a front begins."""
    path = study.front_path
    lifted = {path: None}
    there = not of_park.read({**texts_of(scenario), **lifted})[1]
    return Scenario({**scenario.values, **lifted}, {**scenario.changes, **lifted} if there else scenario.changes)


def with_limit(study: Study, scenario: Scenario, value: float) -> Scenario:
    """Return a scenario at one limit of a front."""
    path = study.front_path
    return Scenario({**scenario.values, path: value}, {**scenario.changes, path: value})


def points_of(
    study: Study, of_park: ParkOfStudy, starts: Mapping[str, Scenario], rows: Mapping[str, dict[str, Any]], store: Store
) -> tuple[list[Scenario], list[str]]:
    """Return the further points of every front, and notes where there are none.

    Parameters
    ----------
    starts : mapping
        Scenarios without the limit, by the names of their results.
    rows : mapping
        Those results.
    store : Store
        Keeps the best shares that were found.
    """
    import pandas as pd

    front, field = study.written.front, study.front_field
    points: list[Scenario] = []
    notes = []
    for name, start in starts.items():
        if (row := rows.get(name)) is None or row["status"] != SOLVED:
            continue  # its own row says why
        if front.values is not None:
            points += [with_limit(study, start, value) for value in front.values]
            continue
        reached = float(reached_share(field, pd.DataFrame([row["figures"]]), of_park.base.limits.export_share_of).iloc[0])
        far_end = front.to if front.to is not None else _far_end(study, of_park, name, start, reached, store)
        values = [] if far_end is None else steps_of(field, reached, far_end, front.points)
        if not values:
            end = "nothing tighter can be reached" if front.to is None else f"to: {front.to:g} is no tighter"
            notes.append(f"{study.front_path}: the optimum without it reaches {reached:.4f} on its own, and {end}")
        points += [with_limit(study, start, value) for value in values]
    return points, notes


def _far_end(study: Study, of_park: ParkOfStudy, name: str, start: Scenario, reached: float, store: Store) -> float | None:
    """Return a little less than the best share that any capacities within their bounds reach."""
    found = store.rows({name}, FRONT_ENDS).get(name)
    if found is None:
        from gridsim.dispatch.sizes import Free
        from gridsim.dispatch.sizing_limits import furthest_share
        from gridsim.park.read import read_park

        stage, overrides = of_park.overrides({**start.changes, study.front_path: round(min(max(reached, 0.0), 1.0), DECIMALS)})
        park = read_park(study.park, stage=stage, overrides=overrides, hours=study.hours)
        free = [Free(path, bounds.min, bounds.max, bounds.unit) for path, bounds in study.written.free.items()]
        found = {"scenario": name, "status": SOLVED, "share": furthest_share(park, free, study.front_field)}
        store.put(found, FRONT_ENDS)
    return None if found["share"] is None else inwards(study.front_field, found["share"])


def front_table(study: Study, everything: pd.DataFrame, export_share_of: str = "available") -> pd.DataFrame:
    """Return a row a point, from the optimum without the limit to the tightest.

    Returns
    -------
    DataFrame
        ``scenario``, the varied paths, ``limit_key``, ``limit`` (missing at the optimum without it), ``reached`` (share), ``cost_cny``, ``bound_cny`` and
        ``gap`` where capacities were sized, the capacities; ``step_cny_per_percentage_point`` and ``step_fen_per_kwh`` (cost of the step from the point before,
        by what it reached and by the green energy it added; missing at the first point and where a step adds nothing), ``dominated`` (another point reaches as
        much for less), ``shadow_price_cny_per_mwh`` (of the limit in the dispatch at these capacities, where it is known), ``status``.
    """
    import pandas as pd

    field, free = study.front_field, list(study.written.free)
    limit = FRONT_LIMITS[field]
    vary = [axis.path for axis in study.axes]
    solved = everything["status"] == SOLVED
    table = everything[["scenario", *vary]].copy()
    table["limit_key"], table["limit"] = study.front_path, everything[study.front_path].astype(float)
    missing = pd.Series(float("nan"), index=everything.index)
    known = bool(solved.any())
    table["reached"] = reached_share(field, everything, export_share_of) if known else missing
    table["cost_cny"] = everything["sizing_cost_cny"] if "sizing_cost_cny" in everything else everything["cost_total_cny"] if known else missing
    if free and known:
        table["bound_cny"], table["gap"] = everything["sizing_bound_cny"], everything["sizing_gap"]
    for path in free:
        table[path] = everything[path]
    energy = limit.energy(everything) if known else missing
    groups = [canonical(list(row)) for row in everything[vary].itertuples(index=False)] if vary else [""] * len(table)
    parts = [_priced(part, energy[part.index], limit.sign, solved[part.index]) for _, part in table.groupby(np.array(groups), sort=False)]
    priced = pd.concat(parts) if parts else table
    shadow = f"{study.front_path}.price_cny_per_mwh"
    priced["shadow_price_cny_per_mwh"] = everything[shadow] if shadow in everything else float("nan")
    priced["status"] = everything["status"]
    return priced.reset_index(drop=True)


def _priced(part: pd.DataFrame, energy: pd.Series, sign: float, solved: pd.Series) -> pd.DataFrame:
    """Order the points of one front, and price its steps."""
    order = np.argsort(np.nan_to_num(sign * part["limit"].to_numpy(float), nan=-np.inf), kind="stable")
    part = part.iloc[order].copy()
    good = solved.loc[part.index].to_numpy(bool)
    cost, reached = part["cost_cny"].to_numpy(float)[good], part["reached"].to_numpy(float)[good]
    prices, good_energy = {}, energy.loc[part.index].to_numpy(float)[good]
    for name, amount in (("step_cny_per_percentage_point", 100.0 * sign * reached), ("step_fen_per_kwh", good_energy)):
        step = np.diff(amount)
        price = np.full(len(part), np.nan)
        at = np.flatnonzero(good)[1:]
        price[at] = np.divide(np.diff(cost), step, out=np.full(step.size, np.nan), where=np.abs(step) > 1e-9 * max(1.0, np.abs(amount).max(initial=0.0)))
        prices[name] = price
    part["step_cny_per_percentage_point"] = prices["step_cny_per_percentage_point"]
    part["step_fen_per_kwh"] = prices["step_fen_per_kwh"] * FEN_PER_KWH
    part["dominated"] = False
    part.loc[part.index[good], "dominated"] = dominated(cost, sign * reached)
    return part


def dominated(cost: Sequence[float], good: Sequence[float]) -> np.ndarray:
    """Tell which points another beats in one and equals in the other; the differences of rounding decide nothing."""
    cost, good = np.asarray(cost, dtype=float), np.asarray(good, dtype=float)
    cheaper = cost[None, :] - cost[:, None] < -1e-9 * np.abs(cost[:, None])
    better = good[None, :] - good[:, None] > 1e-6
    return ((cheaper & ~better.T) | (better & ~cheaper.T)).any(axis=1)
