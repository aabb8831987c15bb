"""What a row of each table may hold.

Every row may have ``from_stage`` (the first stage it is there; empty: always), ``until_stage`` (the last stage it is there; empty: for good) and a ``note``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from gridsim.distribution.tables.standard_types import _quantity
from gridsim.park.definition import Definition
from gridsim.units import PositiveShare

Name = Annotated[str, Field(min_length=1)]
PerUnit = Annotated[float, _quantity("p.u.", ge=0.5, le=1.5)]
LengthKm = Annotated[float, _quantity("km", gt=0, le=3000)]
Parallel = Annotated[int, Field(ge=1, le=200)]
LoadingShare = Annotated[float, _quantity("1", gt=0, le=2)]


class Row(Definition):
    """Base of all rows."""

    from_stage: str | None = None
    until_stage: str | None = None
    note: str = ""


class BusRow(Row):
    """A busbar, or a section of one."""

    name: Name
    site: str | None = None
    """Site of the park."""
    voltage_kv: Annotated[float, _quantity("kV", gt=0, le=1200)]
    """Nominal voltage. [kV]"""
    label: str = ""
    x_km: float | None = None
    """Place in the single-line diagram, eastward. [km]"""
    y_km: float | None = None
    """Place in the single-line diagram, northward. [km]"""
    min_vm_pu: PerUnit | None = None
    """Lowest voltage; left out, that of its level. [p.u.]"""
    max_vm_pu: PerUnit | None = None
    """Highest voltage; left out, that of its level. [p.u.]"""


class LineRow(Row):
    """Circuits between two buses of one voltage."""

    name: Name
    from_bus: str
    to_bus: str
    type: str
    """Of ``line_types.csv``."""
    length_km: LengthKm
    parallel: Parallel = 1
    """Circuits that go out of service together only if all fail; give each its own row where one may fail alone."""
    in_service: bool = True
    max_loading_share: LoadingShare | None = None
    """Largest loading in normal operation; left out, that of all lines. [1]"""
    asset: str | None = None
    """Transmission line of the park that this circuit is a part of."""


class TransformerRow(Row):
    """Transformers between two buses."""

    name: Name
    hv_bus: str
    lv_bus: str
    type: str
    """Of ``transformer_types.csv``."""
    parallel: Parallel = 1
    in_service: bool = True
    tap_position: int = 0
    """Steps from the middle position; where no rule moves it, the position of all hours."""
    tap_controlled_bus: str | None = None
    """Bus whose voltage the tap changer holds."""
    tap_set_point_pu: PerUnit | None = None
    tap_dead_band_pu: Annotated[float, _quantity("p.u.", gt=0, le=0.2)] | None = None
    """Whole width: the tap moves when the voltage is further than half of it from the set-point. [p.u.]"""
    max_loading_share: LoadingShare | None = None


class ShuntRow(Row):
    """A capacitor bank or reactor in equal steps."""

    name: Name
    bus: str
    kind: Literal["capacitor", "reactor"]
    step_mvar: Annotated[float, _quantity("Mvar", gt=0)]
    """Reactive power of one step at nominal voltage: supplied by a capacitor, drawn by a reactor. [Mvar]"""
    steps: Annotated[int, Field(ge=1)] = 1
    steps_in_service: Annotated[int, Field(ge=0)] | None = None
    """Left out, all."""

    @model_validator(mode="after")
    def _not_more_than_there_are(self) -> ShuntRow:
        if self.steps_in_service is not None and self.steps_in_service > self.steps:
            raise ValueError(f"has {self.steps_in_service} of {self.steps} steps in service", "at most all of them")
        return self


class CompensatorRow(Row):
    """A synchronous condenser or static var generator that holds its bus at a voltage within its reactive power."""

    name: Name
    bus: str
    vm_pu: Annotated[float, _quantity("p.u.", ge=0.8, le=1.2)]
    """Voltage that it holds. [p.u.]"""
    q_max_mvar: Annotated[float, _quantity("Mvar", ge=0)]
    """Largest supply. [Mvar]"""
    q_min_mvar: Annotated[float, _quantity("Mvar", le=0)]
    """Largest draw, negative. [Mvar]"""
    kind: Literal["condenser", "static"] = "condenser"
    """condenser: a synchronous machine, which feeds a short circuit; static: a var generator of converters, which feeds little more than its rated current."""
    xdss_pu: Annotated[float, _quantity("p.u.", ge=0.05, le=1)] = 0.25
    """Sub-transient reactance of a condenser as its bus sees it, on its largest reactive power. The default: 0.12 to 0.2 of the machine and 0.1 to 0.14 of the
    transformer that the tables leave out (recalled, M; smaller feeds more). [p.u.]"""


class SwitchRow(Row):
    """A switch between two buses, or at one end of a line or transformer."""

    name: Name
    bus: str
    element_type: Literal["bus", "line", "transformer"]
    element: str
    """Name of the other bus, the line or the transformer."""
    closed: bool


class SourceRow(Row):
    """The public grid: holds its bus at a fixed voltage and balances the park."""

    name: Name
    bus: str
    vm_pu: Annotated[float, _quantity("p.u.", ge=0.8, le=1.2)]
    short_circuit_mva: Annotated[float, _quantity("MVA", gt=0)]
    """Largest short-circuit power of the grid there. [MVA]"""
    short_circuit_min_mva: Annotated[float, _quantity("MVA", gt=0)] | None = None
    """Smallest; left out, the largest. [MVA]"""
    rx: Annotated[float, _quantity("1", ge=0, le=2)] = 0.1
    """Resistance over reactance of the grid. [1]"""
    asset: str | None = None
    """Grid connection of the park that is metered here."""


class ConnectionRow(Row):
    """Where an asset of the park hangs, which share of it, and its reactive power: one rule, or none for a power factor of 1."""

    asset: Name
    bus: str
    share: PositiveShare
    """Of the asset's power at every hour. [1]"""
    cos_phi: Annotated[float, _quantity("1", gt=0, le=1)] | None = None
    """Fixed power factor. [1]"""
    reactive: Literal["draws", "supplies"] | None = None
    """What it does with reactive power, whichever way the active power flows; loads and rectifiers draw."""
    q_u_curve: str | None = None
    """Reactive power by voltage; a name in curves.csv."""
    cos_phi_p_curve: str | None = None
    """Power factor by active power; a name in curves.csv."""

    @model_validator(mode="after")
    def _one_rule(self) -> ConnectionRow:
        rules = [column for column in ("cos_phi", "q_u_curve", "cos_phi_p_curve") if getattr(self, column) is not None]
        if len(rules) > 1:
            raise ValueError(f"has {' and '.join(rules)}", "a connection has one rule for its reactive power; empty the others")
        with_sign = self.cos_phi_p_curve is not None or (self.cos_phi or 1.0) < 1.0
        if with_sign and self.reactive is None:
            raise ValueError("has a power factor without a direction", "write draws or supplies in the column 'reactive'")
        if self.reactive is not None and not with_sign:
            raise ValueError(f"'{self.reactive}' has no power factor below 1 to go with", "empty the column 'reactive', or give cos_phi or cos_phi_p_curve")
        return self


class CurveRow(Row):
    """One point of a curve; straight between points, level beyond the ends."""

    name: Name
    kind: Literal["q_u", "cos_phi_p"]
    at: Annotated[float, _quantity("p.u.", ge=0, le=2)]
    """q_u: voltage in p.u.; cos_phi_p: active power over rated power, as it flows either way."""
    value: Annotated[float, _quantity("p.u.", ge=-1, le=1)]
    """q_u: reactive power supplied over rated power, negative where it draws; cos_phi_p: power factor."""
