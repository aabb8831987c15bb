"""What a park file says about forecasts: ``vpp.forecast:``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gridsim.park.definition import Definition
from gridsim.units import Factor, Share

Model = Literal["perfect", "persistence", "autoregressive", "ensemble"]

Per = Literal["capacity", "mean", "variation"]

Unit = Literal["pu", "kW", "MW", "CNY/MWh", "CNY/kWh"]

Lead = Annotated[float, Field(gt=0, le=168)]


class KindForecast(Definition):
    """How one kind of series is forecast; what is left out is shipped (``gridsim/data/forecast.yaml``)."""

    model: Model | None = None
    """``perfect``: what happens; ``persistence``: what was; ``autoregressive``: fitted on what was; ``ensemble``: what happens with an error that grows
    with the lead."""
    scale: Factor = 1.0
    """Factor on the error of ``ensemble``: 0 is perfect, 2 twice the error. It ends where the climate's own variance is reached. [1]"""
    lead_hours: list[Lead] | None = None
    """Leads at which ``error`` is given, rising. [h]"""
    error: list[Share] | None = None
    """Root mean square error at these leads, never falling, as a share of ``per``. [1]"""
    per: Per | None = None
    """What ``error`` is a share of: rated power (of sunlit hours for the sun), the mean of the series, or its root mean square departure from its daily
    rhythm."""
    memory_hours: Annotated[float, Field(ge=0)] | None = None
    """Time over which an error lasts from one hour to the next. [h]"""
    shared: Share | None = None
    """Correlation of the noise between series of this kind. [1]"""


class ForecastFile(Definition):
    """A table of the user's own forecasts: columns ``issue_time``, ``target_time``, and one for each series."""

    file: str
    """CSV, relative to the park's folder."""
    columns: Annotated[dict[str, str], Field(min_length=1)]
    """Profile → column."""
    units: dict[str, Unit] = Field(default_factory=dict)
    """Profile → unit of its column; left out, the profile's own."""
    time_zone: str | None = None
    """Of times without an offset from UTC; left out, the park's standard time."""
    missing: Literal["refuse", "earlier_issue"] = "refuse"
    """Where a forecast is not in the table: refuse the table, or take the latest earlier issue of the same hour, and persistence where there is none."""


class ForecastSection(Definition):
    """How each kind of series is forecast, and which series have forecasts of the user's own."""

    scale: Factor = 1.0
    """Factor on the error of all forecasts alike, over that of each kind: 0 is perfect, 2 twice the error. That of ``ensemble`` ends where the climate's own
    variance is reached; forecasts by rule or from a table of the user's own move by it from what happens. [1]"""
    wind: KindForecast = KindForecast()
    solar: KindForecast = KindForecast()
    load: KindForecast = KindForecast()
    price: KindForecast = KindForecast()
    files: list[ForecastFile] = Field(default_factory=list)
    """These come first: a series in them is not modelled."""
