"""What must close for any small park without storage and exports, alone and joined (C6: three parks of the national contest of 2024).

The contest's hourly series are not at hand, so its totals cannot be met; its identities can, on random days.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsim.dispatch.result import Dispatch
from gridsim.dispatch.solve import solve
from gridsim.park.read import read_park

HOURS = 24
SITES = ("a", "b", "c")

shares = st.lists(st.floats(0.0, 1.0), min_size=HOURS, max_size=HOURS).map(np.array)
loads_mw = st.lists(st.floats(0.05, 1.0), min_size=HOURS, max_size=HOURS).map(np.array)
"""Around the contest's 0.2 to 0.5 MW a park."""

days = st.fixed_dictionaries(
    {f"{what}_{site}": series for site in SITES for what, series in {"wind": shares, "sun": shares, "load": loads_mw}.items()},
)
sizes_mw = st.fixed_dictionaries({f"{what}_{site}": st.floats(0.0, 2.0) for site in SITES for what in ("wind", "sun")})


def park_yaml(sizes: dict[str, float], *, joined: bool) -> str:
    """Three sites with a connection each, or one bus with one connection."""
    bus_of = {site: "all" if joined else site for site in SITES}
    buses = sorted(set(bus_of.values()))
    lines = ["name: three small parks", f"time: {{start: 2024-05-01, hours: {HOURS}}}", "profiles:"]
    lines += [f'  {what}_{site}: "day.csv#{what}_{site}"' for site in SITES for what in ("wind", "sun", "load")]
    lines += ["buses:", *(f"  {bus}: {{carrier: electricity}}" for bus in buses)]
    lines += ["tariffs:", "  flat: {energy_price_cny_per_mwh: 1000}", "technologies:"]
    for site, bus in bus_of.items():
        wind_mw, sun_mw = sizes[f"wind_{site}"], sizes[f"sun_{site}"]
        lines += [
            f"  wind_{site}: {{type: wind, bus: {bus}, capacity_mw: {wind_mw!r}, profile: wind_{site}, variable_cost_cny_per_mwh: 500}}",
            f"  sun_{site}: {{type: solar, bus: {bus}, capacity_mw: {sun_mw!r}, profile: sun_{site}, variable_cost_cny_per_mwh: 400}}",
            f"  load_{site}: {{type: load, bus: {bus}, profile: load_{site}}}",
        ]
    lines += [f"  grid_{bus}: {{type: grid_connection, bus: {bus}, tariff: flat, import_limit_mw: 10}}" for bus in buses]
    return "\n".join(lines) + "\n"


def solved(day: dict[str, np.ndarray], sizes: dict[str, float], *, joined: bool) -> Dispatch:
    rows = [",".join(["hour", *day])]
    rows += [",".join([str(hour), *(repr(float(series[hour])) for series in day.values())]) for hour in range(HOURS)]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "day.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        (Path(folder) / "park.yaml").write_text(park_yaml(sizes, joined=joined), encoding="utf-8")
        return solve(read_park(folder)).dispatch


def totals(dispatch: Dispatch, bus: str) -> dict[str, float]:
    """Load, used, bought, generation and curtailment at one bus over the day. [MWh]"""
    flows = {role: np.zeros(HOURS) for role in ("load", "renewable", "import")}
    available = np.zeros(HOURS)
    for component, flow in dispatch.by_bus[bus]:
        flows[component.role] = flows[component.role] + np.abs(flow)
        if component.role == "renewable":
            available = available + dispatch.draft.available(component)
    return {
        "load": flows["load"].sum(),
        "used": flows["renewable"].sum(),
        "bought": flows["import"].sum(),
        "generation": available.sum(),
        "curtailed": (available - flows["renewable"]).sum(),
    }


@settings(max_examples=4, deadline=None)
@given(day=days, sizes=sizes_mw)
def test_load_and_generation_close_alone_and_joined(day, sizes):
    """Proves: load = used + bought and generation = used + curtailed, with used = Σ min(load, available); joining parks never costs energy.

    Breaks as: a park that buys while it curtails, or a joined zone that buys more than its parks did one by one.
    """
    apart, joined = solved(day, sizes, joined=False), solved(day, sizes, joined=True)
    available = {site: sum(sizes[f"{what}_{site}"] * day[f"{what}_{site}"] for what in ("wind", "sun")) for site in SITES}
    found = {site: totals(apart, site) for site in SITES} | {"all": totals(joined, "all")}
    load = {site: day[f"load_{site}"] for site in SITES}
    load["all"], available["all"] = sum(load.values()), sum(available.values())
    for place, figures in found.items():
        by_head = {
            "load": load[place].sum(),
            "used": np.minimum(load[place], available[place]).sum(),
            "bought": np.maximum(load[place] - available[place], 0.0).sum(),
            "generation": available[place].sum(),
            "curtailed": np.maximum(available[place] - load[place], 0.0).sum(),
        }
        assert figures == pytest.approx(by_head, abs=1e-6)
        assert figures["load"] == pytest.approx(figures["used"] + figures["bought"], abs=1e-6)
        assert figures["generation"] == pytest.approx(figures["used"] + figures["curtailed"], abs=1e-6)
    assert found["all"]["bought"] <= sum(found[site]["bought"] for site in SITES) + 1e-6
