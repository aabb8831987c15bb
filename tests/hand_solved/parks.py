"""Parks of a few hours, built in memory and small enough to solve by head.

A test states only what it is about. Everything else is *ideal* (no losses, no wear, no minimum loads), or a shipped default where nothing
is ideal::

    @in_park(grid=grid([10.0, 100.0]), battery=battery(10.0, 10.0, charge_efficiency=0.8), load=load([0.0, 8.0]))
    def test_battery_pays_its_charging_loss(dispatch):
        assert dispatch.objective_cny == approx(100.0)

Each keyword of `tiny_park` is a technology's name. A list where a profile's name is expected becomes a profile; the longest list gives the
number of hours; buses appear where technologies name them, and a bus left out is called after its carrier.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gridsim.park.checks import CHECKS
from gridsim.park.defaults import Defaults
from gridsim.park.park import Park
from gridsim.park.sections import Bus, Finance, Limits
from gridsim.park.tariff import Tariff
from gridsim.profiles.time_axis import TimeAxis
from gridsim.technologies import registry
from gridsim.units import KWH_PER_KG_HYDROGEN

Fields = dict[str, Any]

KWH_PER_KG = KWH_PER_KG_HYDROGEN
"""Lower heating value of hydrogen: 1 kg/h is this many kW on a hydrogen bus."""


def tiny_park(
    *,
    hours: float | None = None,
    step_minutes: int = 60,
    start: str = "2030-01-07",
    limits: Fields | None = None,
    profiles: dict[str, list[float]] | None = None,
    year_means: dict[str, float] | None = None,
    sound: bool = True,
    **technologies: Fields,
) -> Park:
    """Return a park of a few steps from 2030-01-07 (a Monday) on.

    Parameters
    ----------
    hours : float, optional
        Length; left out, the longest profile's.
    limits, profiles : dict, optional
        As in a park file; a profile of one value is held over all steps.
    year_means : dict, optional
        Mean of a profile over the whole year, where these hours are only a part of it.
    sound : bool
        Refuse parks that `gridsim validate` would refuse.
    """
    series: dict[str, list[float]] = dict(profiles or {})
    tariffs: dict[str, Tariff] = {}
    checked = {name: _technology(name, dict(fields), series, tariffs) for name, fields in technologies.items()}
    steps = round(hours * 60 / step_minutes) if hours is not None else max((len(values) for values in series.values()), default=1)
    first = datetime.datetime.fromisoformat(start)
    arrays = {
        name: np.resize(np.asarray(values, dtype=float), steps) if len(values) == 1 else np.array(values, dtype=float)
        for name, values in series.items()
    }
    assert all(values.shape == (steps,) for values in arrays.values()), f"profiles need {steps} values"
    park = Park(
        name="tiny",
        description="",
        folder=Path(),
        stage=None,
        time=TimeAxis(first, steps, step_minutes),
        sites={},
        buses=_buses(checked),
        tariffs=tariffs,
        technologies=checked,
        limits=Limits(**(limits or {})),
        finance=Finance(discount_rate=0.07),
        profiles=arrays,
        profile_means={name: float(values.mean()) for name, values in arrays.items()} | (year_means or {}),
        profile_peaks={name: float(values.max()) for name, values in arrays.items()},
        year_hours=(datetime.date(first.year + 1, 1, 1) - datetime.date(first.year, 1, 1)).days * 24.0,
    )
    findings = [finding for check in CHECKS for finding in check(park)] if sound else []
    assert not findings, findings
    return park


def solve(park: Park, level: str = "linear", **options: Any) -> Any:
    """Return the dispatch; keywords are options of HiGHS."""
    from gridsim.dispatch.solve import solve as solve_park

    return solve_park(park, level=level, options=options).dispatch


def in_park(level: str = "linear", **park: Any) -> pytest.MarkDecorator:
    """Mark a test with the park of which its fixture ``dispatch`` is the solution; keywords are those of `tiny_park`.

    For parks with a rule that holds for the whole park (limits, green charging, green exports), call `solve` instead.
    """
    return pytest.mark.in_park(level, **park)


def case(*values: Any, id: str | None = None, level: str = "linear", **park: Any) -> Any:
    """Return one set of values for ``pytest.mark.parametrize`` with a park of its own."""
    return pytest.param(*values, marks=in_park(level, **park), id=id)


def approx(expected: Any) -> Any:
    """Equal up to what the solver's tolerances leave: 1e-6, relative or absolute."""
    return pytest.approx(expected, rel=1e-6, abs=1e-6)


def _technology(name: str, fields: Fields, series: dict[str, list[float]], tariffs: dict[str, Tariff]) -> Any:
    """Check one technology as the reader does: shipped defaults first, then its own definition."""
    model = registry()[fields["type"]]
    variant = model.variant_field and fields.get(model.variant_field, model.model_fields[model.variant_field].default)
    section = f"{fields['type']}/{variant}" if variant else fields["type"]
    defaults = {field: entry["value"] for field, entry in Defaults().of(section).items() if field in model.model_fields}
    buses = {field: carrier for field, carrier in model.bus_carriers.items() if model.model_fields[field].is_required()}
    for field in model.profile_fields:
        fields[field] = _profile(f"{name}.{field}", fields.get(field), series)
    if isinstance(fields.get("tariff"), dict):
        tariff = fields["tariff"]
        for field in ("energy_price_profile", "export_price_profile"):
            tariff = {**tariff, field: _profile(f"{name}.{field}", tariff.get(field), series)}
        tariffs[name], fields["tariff"] = Tariff(**tariff), name
    return model.model_validate({**defaults, **buses, **fields})


def _profile(name: str, value: Any, series: dict[str, list[float]]) -> Any:
    if not isinstance(value, list):
        return value
    series[name] = value
    return name


def _buses(technologies: dict[str, Any]) -> dict[str, Bus]:
    ports = [
        (getattr(technology, field), carrier) for technology in technologies.values() for field, carrier in technology.bus_carriers.items()
    ]
    return {bus: Bus(carrier=carrier) for bus, carrier in ports if bus is not None}


def grid(
    price: float | list[float] = 100.0, export_price: float | list[float] | None = None, *, tariff: Fields | None = None, **fields: Any
) -> Fields:
    """A grid connection of 100 MW that sells at ``price``; it buys where ``export_price`` is given. [CNY/MWh]"""
    terms: Fields = dict(tariff or {})
    terms["energy_price_profile" if isinstance(price, list) else "energy_price_cny_per_mwh"] = price
    if export_price is not None:
        terms["export_price_profile" if isinstance(export_price, list) else "export_price_cny_per_mwh"] = export_price
        fields = {"export_limit_mw": 100.0, **fields}
    return {"type": "grid_connection", "tariff": terms, "import_limit_mw": 100.0, **fields}


def load(demand_mw: list[float] | None = None, **fields: Any) -> Fields:
    """A load with its hourly demand. [MW]"""
    return {"type": "load", "profile": demand_mw, **fields}


def wind(availability: list[float], capacity_mw: float = 1.0, **fields: Any) -> Fields:
    """Wind turbines; with the capacity left out, ``availability`` is in MW up to 1.5 and per unit at the same time."""
    return {"type": "wind", "capacity_mw": capacity_mw, "profile": availability, **fields}


def solar(availability: list[float], capacity_mw: float = 1.0, **fields: Any) -> Fields:
    """Solar modules, as `wind`."""
    return {"type": "solar", "capacity_mw": capacity_mw, "profile": availability, **fields}


def battery(power_mw: float = 10.0, energy_mwh: float = 10.0, **fields: Any) -> Fields:
    """An ideal battery: no losses, no wear, the whole window, and the optimum chooses the level it starts and ends with."""
    ideal: Fields = {"charge_efficiency": 1.0, "discharge_efficiency": 1.0, "standing_loss_share_per_hour": 0.0}
    ideal |= {"level_min_share": 0.0, "level_max_share": 1.0, "throughput_cost_cny_per_mwh": 0.0}
    return {"type": "battery", "power_mw": power_mw, "energy_mwh": energy_mwh, **ideal, **fields}


def caes(power_mw: float = 10.0, energy_mwh: float = 10.0, **fields: Any) -> Fields:
    """An ideal adiabatic plant, empty at first and free at the end: no losses, no wear, any load."""
    ideal: Fields = {"compressor_min_load_share": 0.0, "expander_min_load_share": 0.0, "throughput_cost_cny_per_mwh": 0.0}
    ideal |= {"level_start_share": 0.0, "level_end": "free"}
    if fields.get("kind", "adiabatic") == "adiabatic":
        ideal |= {"compressor_efficiency": 1.0, "expander_efficiency": 1.0, "heat_standing_loss_share_per_hour": 0.0}
    return {"type": "caes", "power_mw": power_mw, "energy_mwh": energy_mwh, **ideal, **fields}


def electrolyser(capacity_mw: float = 10.0, **fields: Any) -> Fields:
    """Alkaline modules of 10 MW at 50 kWh/kg at any load (20 kg/h for each MW), from 10 % load on; no starts' cost, no standby, no heat."""
    ideal: Fields = {
        "module_mw": 10.0,
        "specific_energy_kwh_per_kg": 50.0,
        "part_load_curve": [[0.1, 1.0], [1.0, 1.0]],
        "min_load_share": 0.1,
    }
    ideal |= {"start_cost_cny_per_mw": 0.0, "start_time_hours": 0.0, "standby_share": 0.0}
    return {"type": "electrolyser", "capacity_mw": capacity_mw, **ideal, **fields}


def hydrogen_store(capacity_kg: float = 100.0, **fields: Any) -> Fields:
    """A tank without compression, losses or dead volume, empty at first and free at the end."""
    ideal: Fields = {
        "electricity_bus": "electricity",
        "compression_kwh_per_kg": 0.0,
        "level_min_share": 0.0,
        "standing_loss_share_per_hour": 0.0,
    }
    return {"type": "hydrogen_store", "capacity_kg": capacity_kg, **ideal, "level_start_share": 0.0, "level_end": "free", **fields}


def hydrogen_demand(kg_per_h: float, **fields: Any) -> Fields:
    """A demand with this mean rate over the year of 8760 hours. [kg/h]"""
    return {"type": "hydrogen_demand", "annual_kg": kg_per_h * 8760.0, **fields}


def ammonia_plant(capacity_t_per_h: float = 10.0, **fields: Any) -> Fields:
    """A synthesis with 180 kg/t of hydrogen and 1 MWh/t of electricity that may run at any load and ramp freely."""
    ideal: Fields = {"hydrogen_kg_per_t": 180.0, "synthesis_kwh_per_t": 700.0, "air_separation_kwh_per_t": 300.0, "min_load_share": 0.0}
    ideal |= {"ramp_share_per_hour": 1.0, "start_cost_cny": 0.0}
    return {"type": "ammonia_plant", "capacity_t_per_h": capacity_t_per_h, **ideal, **fields}


def ammonia_demand(t_per_h: float, **fields: Any) -> Fields:
    """A demand with this mean rate over the year of 8760 hours. [t/h]"""
    return {"type": "ammonia_demand", "annual_t": t_per_h * 8760.0, **fields}


def line(from_bus: str, to_bus: str, capacity_mw: float = 100.0, **fields: Any) -> Fields:
    """A line without losses."""
    return {"type": "transmission_line", "from_bus": from_bus, "to_bus": to_bus, "capacity_mw": capacity_mw, "loss_share": 0.0, **fields}


def response(kind: str, **fields: Any) -> Fields:
    """Demand response of one kind on the load called ``load``."""
    of = {} if kind == "process" else {"load": "load"}
    return {"type": "demand_response", "kind": kind, **of, **fields}
