r"""Types of lines, cables and transformers: ``gridsim/data/line_types.csv`` and ``transformer_types.csv``, and a park's own in files of the same names.

Overhead lines are computed from the conductor (GB/T 1179) and the distance of the phases, at 50 Hz:

.. math::
    r = \frac{r_{20}}{n}\,(1 + 0.00403\,(\vartheta - 20)), \qquad
    x = 0.1445 \lg \frac{D_m}{r_{eq}} + \frac{0.0157}{n}, \qquad
    c = \frac{24.1}{\lg (D_m / r_{eq})}

in ohm/km and nF/km, with :math:`n` conductors a phase, mean distance of phases :math:`D_m`, and :math:`r_{eq} = \sqrt[n]{r\,d_{12} \cdots d_{1n}}` of a
bundle on a circle. The current they carry is that of tables for 70 degC conductor and 25 degC air, times :math:`\sqrt{(70-\vartheta_{air})/(70-25)}` for the
air of a hot day. The resistance is given at 50 degC, between a mean day and the limit (A).
Corona and leakage are left out.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from gridsim.park.definition import Definition

DATA = Path(__file__).parents[2] / "data"
LINE_TYPES_FILE, TRANSFORMER_TYPES_FILE = "line_types.csv", "transformer_types.csv"

Certainty = Literal["V1", "V2", "C", "M", "M?", "A"]
"""V1 read in a primary text, V2 in a secondary copy, C computed from such, M recalled and not verified, M? shaky, A assumed or judged."""

DEGREES_PER_HOUR = 30.0
"""A clock hour of a vector group. [degree]"""


def _quantity(unit: str, **limits: Any) -> Any:
    return Field(json_schema_extra={"unit": unit}, **limits)


class _Type(Definition):
    name: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=3)]
    """Where the numbers come from; nothing is taken without."""
    certainty: Certainty


class LineType(_Type):
    """An overhead line or a cable, one circuit of three phases."""

    kind: Literal["overhead", "cable"]
    voltage_kv: Annotated[float, _quantity("kV", gt=0)]
    """Nominal voltage it is built for; it may run at a lower one. [kV]"""
    r_ohm_per_km: Annotated[float, _quantity("ohm/km", gt=0)]
    """At ``r_temperature_degc``, alternating current. [ohm/km]"""
    x_ohm_per_km: Annotated[float, _quantity("ohm/km", gt=0)]
    c_nf_per_km: Annotated[float, _quantity("nF/km", ge=0)]
    max_i_ka: Annotated[float, _quantity("kA", gt=0)]
    """Lasting current. [kA]"""
    r_temperature_degc: Annotated[float, _quantity("degC", ge=-40, le=120)]
    limit_temperature_degc: Annotated[float, _quantity("degC", ge=40, le=250)]
    """Of the conductor at ``max_i_ka``. [degC]"""
    ambient_degc: Annotated[float, _quantity("degC", ge=-20, le=60)]
    """Air (overhead) or soil (cable) for which ``max_i_ka`` holds. [degC]"""
    short_circuit_degc: Annotated[float, _quantity("degC", ge=100, le=400)]
    """Highest conductor temperature at the end of a short circuit. [degC]"""
    conductors: Annotated[int, Field(ge=1, le=8)] = 1
    """In a phase."""
    conductor_r20_ohm_per_km: Annotated[float, _quantity("ohm/km", gt=0)] | None = None
    """Direct current at 20 degC, one conductor. [ohm/km]"""
    conductor_current_ka: Annotated[float, _quantity("kA", gt=0)] | None = None
    """One conductor at 70 degC in air of 25 degC. [kA]"""
    diameter_mm: Annotated[float, _quantity("mm", gt=0)] | None = None
    bundle_spacing_mm: Annotated[float, _quantity("mm", gt=0)] | None = None
    """Between neighbours of a bundle. [mm]"""
    phase_distance_m: Annotated[float, _quantity("m", gt=0)] | None = None
    """Geometric mean of the distances between phases. [m]"""
    cost_cny_per_km: Annotated[float, _quantity("CNY/km", ge=0)] | None = None
    """Of one circuit, built. [CNY/km]"""


class TransformerType(_Type):
    """A transformer of two windings; the third of an autotransformer or a tertiary is left out."""

    sn_mva: Annotated[float, _quantity("MVA", gt=0)]
    hv_kv: Annotated[float, _quantity("kV", gt=0)]
    """Rated voltage of the high-voltage winding, at the middle tap. [kV]"""
    lv_kv: Annotated[float, _quantity("kV", gt=0)]
    uk_percent: Annotated[float, _quantity("%", gt=0, lt=40)]
    """Short-circuit voltage. [% of rated voltage, as standards and nameplates give it]"""
    load_loss_kw: Annotated[float, _quantity("kW", gt=0)]
    """At rated current, 75 degC. [kW]"""
    no_load_loss_kw: Annotated[float, _quantity("kW", ge=0)]
    i0_percent: Annotated[float, _quantity("%", ge=0, lt=10)]
    """No-load current. [% of rated current]"""
    vector_group: str
    """Such as YNd11; the clock hour is at its end."""
    tap_side: Literal["hv", "lv"]
    tap_steps: Annotated[int, Field(ge=0, le=20)]
    """Positions to each side of the middle one."""
    tap_step_percent: Annotated[float, _quantity("%", ge=0, le=5)]
    on_load: bool
    """True where the tap can change under load."""
    cost_cny_per_kva: Annotated[float, _quantity("CNY/kVA", ge=0)] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> TransformerType:
        if self.hv_kv <= self.lv_kv:
            raise ValueError(f"hv_kv {self.hv_kv:g} is not above lv_kv {self.lv_kv:g}", "exchange the two")
        if self.resistance_percent >= self.uk_percent:
            found = f"load_loss_kw {self.load_loss_kw:g} is more than uk_percent {self.uk_percent:g} allows at {self.sn_mva:g} MVA"
            raise ValueError(found, "the losses are in kW, the power in MVA")
        if not self.vector_group.rstrip("0123456789") or not self.vector_group[-1].isdigit() or self.clock_hour > 11:
            raise ValueError(f"vector_group '{self.vector_group}' has no clock hour of 0 to 11", "write for example YNd11")
        return self

    @property
    def resistance_percent(self) -> float:
        """Share of the short-circuit voltage that is resistive. [%]"""
        return 100.0 * self.load_loss_kw / (1000.0 * self.sn_mva)

    @property
    def clock_hour(self) -> int:
        """Hour of the low-voltage phasor when the high-voltage one stands at 12."""
        return int(self.vector_group[len(self.vector_group.rstrip("0123456789")) :])


@cache
def shipped_line_types() -> dict[str, LineType]:
    """Return the line and cable types of ``gridsim/data/line_types.csv``."""
    return {row.name: row for row in _shipped(LINE_TYPES_FILE, LineType)}


@cache
def shipped_transformer_types() -> dict[str, TransformerType]:
    """Return the transformer types of ``gridsim/data/transformer_types.csv``."""
    return {row.name: row for row in _shipped(TRANSFORMER_TYPES_FILE, TransformerType)}


def _shipped(file: str, model: type[_Type]) -> list:
    from gridsim.distribution.tables.reading import TableKind, read_rows
    from gridsim.errors import BuildError, Problem

    problems: list[Problem] = []
    placed = read_rows(DATA, TableKind(file, model), problems).rows
    if problems:
        raise BuildError("; ".join(map(str, problems)))
    return [entry.row for entry in placed]
