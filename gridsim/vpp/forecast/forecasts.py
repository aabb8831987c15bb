"""Forecasts of every series of a park, by the model its kind was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.vpp.forecast.autoregressive import autoregressive
from gridsim.vpp.forecast.checks import forecast_findings
from gridsim.vpp.forecast.climate import Climate, climate_of
from gridsim.vpp.forecast.evolution import LONGEST_GROWTH_STEPS, News, estimates, paths
from gridsim.vpp.forecast.kinds import kinds
from gridsim.vpp.forecast.persistence import persistence
from gridsim.vpp.forecast.shipped import Choice, choice
from gridsim.vpp.forecast.tables import EnsembleTable, ForecastTable, looked_up, target_steps
from gridsim.vpp.forecast.user_table import read_forecasts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.park.park import Park
    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.forecast.kinds import Kind
    from gridsim.vpp.forecast.section import ForecastSection


def forecasts(park: Park, spec: ForecastSection | None, *, issue_steps: NDArray[np.int64], horizon_steps: int, seed: int) -> ForecastTable:
    """Forecast each profile of a park: the user's own table where there is one, else the model of its kind.

    Parameters
    ----------
    park : Park
        With what happens as profiles.
    spec : ForecastSection, optional
        ``vpp.forecast`` of the park file; None for what is shipped.
    issue_steps : array, shape (K,)
        Steps at whose start a forecast is made, rising.
    horizon_steps : int
        Steps that each forecast covers, H, the one that begins with the issue included.
    seed : int
        Chance of the ensemble model; its noise on a series depends on this, the series' name and the step alone.

    Returns
    -------
    ForecastTable
        Of the ensemble model, the best estimate: the mean of all paths that are possible (`ensembles` draws some of them).

    Raises
    ------
    gridsim.errors.DefinitionError
        With all problems of the section, or of the user's tables.
    """
    issue = _checked(park, spec, issue_steps, horizon_steps)
    own, notes = read_forecasts(park, spec.files if spec else [], issue, horizon_steps)
    values = dict(own)
    steps = target_steps(issue, horizon_steps)
    overall = spec.scale if spec else 1.0
    for name, kind in kinds(park).items():
        chosen, actual = choice(spec, kind), park.profiles[name]
        if name in own:
            values[name] = _scaled(own[name], actual, steps, overall)
            continue
        if chosen.model == "ensemble":
            climate, news = climate_and_news(actual, kind, park.time, chosen, name, seed)
            estimate = estimates(climate.score, news, issue, horizon_steps, park.time.first_step)
            forecast = climate.best(estimate, news.known_at(horizon_steps), steps)
        else:
            forecast = _scaled(_by_rule(park, name, kind, chosen, issue, horizon_steps), actual, steps, overall)
            if chosen.model != "perfect" and (early := int((issue < _DAY_MINUTES // park.time.step_minutes).sum())):
                notes.append(f"{name}: {early} issues had less than a day of past; the profile's mean stands in where nothing was known")
        values[name] = np.where(steps < actual.size, forecast, np.nan)
    return ForecastTable(issue, values, tuple(notes))


def ensembles(park: Park, spec: ForecastSection | None, *, issue_steps: NDArray[np.int64], horizon_steps: int, seed: int, members: int) -> EnsembleTable:
    """Draw equally likely paths of each profile around the estimate that `forecasts` returns; series of other models have members that are all alike.

    Shapes (K, M, H); parameters as of `forecasts`.
    """
    table = forecasts(park, spec, issue_steps=issue_steps, horizon_steps=horizon_steps, seed=seed)
    steps = table.target_step[:, None, :]
    values: dict[str, NDArray[np.float64]] = {}
    own = {profile for file in spec.files for profile in file.columns} if spec else set()
    for name, kind in kinds(park).items():
        chosen, actual = choice(spec, kind), park.profiles[name]
        if name in own or chosen.model != "ensemble":
            values[name] = np.repeat(table.values[name][:, None, :], members, axis=1)
            continue
        climate, news = climate_and_news(actual, kind, park.time, chosen, name, seed)
        estimate = estimates(climate.score, news, table.issue_step, horizon_steps, park.time.first_step)
        drawn = paths(estimate, news, table.issue_step, members, park.time.first_step)
        values[name] = np.where(steps < actual.size, climate.values(drawn, steps), np.nan)
    return EnsembleTable(table.issue_step, values, table.notes)


_DAY_MINUTES = 24 * 60


def climate_and_news(actual: NDArray[np.float64], kind: Kind, time: TimeAxis, chosen: Choice, name: str, seed: int) -> tuple[Climate, News]:
    """What is known of a series anyway, and how fast the rest becomes known so that the errors are those chosen."""
    climate = climate_of(actual, kind, time)
    growth = chosen.growth
    error = chosen.scale * climate.unit(growth.per) * growth.at(growth.leads(time.step_hours))
    known = np.minimum.accumulate(climate.information(error))
    streams = (f"kind:{kind}", f"series:{name}")
    return climate, News(known, growth.memory_hours / time.step_hours, growth.shared, streams, seed)


def _by_rule(park: Park, name: str, kind: Kind, chosen: Choice, issue: NDArray[np.int64], horizon_steps: int) -> NDArray[np.float64]:
    actual = park.profiles[name]
    if chosen.model == "perfect":
        return looked_up(actual, target_steps(issue, horizon_steps))
    model = persistence if chosen.model == "persistence" else autoregressive
    return model(actual, kind, park.time, issue, horizon_steps, park.profile_means.get(name, float(actual.mean())))


def _scaled(forecast: NDArray[np.float64], actual: NDArray[np.float64], steps: NDArray[np.int64], scale: float) -> NDArray[np.float64]:
    """Move forecasts of shape (K, H) away from, or nearer to, what happens."""
    if scale == 1.0:
        return forecast
    happens = actual[np.clip(steps, 0, actual.size - 1)]
    return happens + scale * (forecast - happens)


def _checked(park: Park, spec: ForecastSection | None, issue_steps: NDArray[np.int64], horizon_steps: int) -> NDArray[np.int64]:
    """Return the issues as an array; refuse what a caller or a user got wrong."""
    issue = np.asarray(issue_steps, dtype=np.int64)
    if issue.ndim != 1 or horizon_steps < 1 or (np.diff(issue) <= 0).any() or issue.size == 0 or issue[0] < 0 or issue[-1] >= park.time.steps:
        raise ValueError(f"issues must rise within 0 … {park.time.steps - 1} and the horizon be 1 step at least; found {issue_steps}, {horizon_steps}")
    if spec is None:
        return issue
    problems = [Problem(where, found, remedy) for where, found, remedy in forecast_findings(spec, park)]
    for kind in ("wind", "solar", "load", "price"):
        leads = getattr(spec, kind).lead_hours
        if leads and leads[-1] / park.time.step_hours > LONGEST_GROWTH_STEPS:
            found = f"{leads[-1]:g} h are {leads[-1] / park.time.step_hours:.0f} steps, more than {LONGEST_GROWTH_STEPS}"
            problems.append(Problem(f"vpp.forecast.{kind}.lead_hours", found, "end the growth of the error earlier"))
    if problems:
        raise DefinitionError(f"park '{park.name}'", problems)
    return issue
