"""Units, signs and time: the conventions of gridsim, in this one place.

Units
    Electric power MW at the bus, energy MWh, hydrogen kg (inside the network MW of lower heating value), ammonia t, heat MW_th, money CNY,
    shares 0..1 and never percent. The unit stands in the name of every field.
Signs
    Supply to a bus is positive, demand negative. A field that says what it is (``import_mw``, ``charge_mw``) is never negative.
Time
    A snapshot is labelled by the start of its interval, in standard time of the park's time zone, without daylight saving.
    Energies are powers times the snapshot's hours.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

KWH_PER_KG_HYDROGEN = 33.33
"""Lower heating value of hydrogen. [kWh/kg]"""

MWH_PER_KG_HYDROGEN = KWH_PER_KG_HYDROGEN / 1000.0
"""Lower heating value of hydrogen. [MWh/kg]"""


def _quantity(unit: str, **limits: float) -> object:
    return Field(json_schema_extra={"unit": unit}, **limits)


PowerMW = Annotated[float, _quantity("MW", ge=0)]
EnergyMWh = Annotated[float, _quantity("MWh", ge=0)]
Share = Annotated[float, _quantity("1", ge=0, le=1)]
PositiveShare = Annotated[float, _quantity("1", gt=0, le=1)]
Factor = Annotated[float, _quantity("1", ge=0)]
MassKg = Annotated[float, _quantity("kg", ge=0)]
MassT = Annotated[float, _quantity("t", ge=0)]
Hours = Annotated[float, _quantity("h", ge=0)]
Years = Annotated[float, _quantity("a", gt=0)]
PressureBar = Annotated[float, _quantity("bar", gt=0)]
PriceCNYPerMWh = Annotated[float, _quantity("CNY/MWh")]
CostCNY = Annotated[float, _quantity("CNY", ge=0)]
