"""Short circuits by hand: sources, K_T, two sources in parallel, machines, converters; breakers and how strong the grid is."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower")

from gridsim.distribution.short_circuit import short_circuits, table  # noqa: E402
from gridsim.distribution.short_circuit_breakers import Breaker, breaker_at, breakers_of  # noqa: E402
from gridsim.errors import DefinitionError  # noqa: E402

ROOT3 = math.sqrt(3.0)


def grid(net, bus, largest=2000.0, smallest=1000.0, rx=0.1):
    return pandapower.create_ext_grid(net, bus, s_sc_max_mva=largest, s_sc_min_mva=smallest, rx_max=rx, rx_min=rx, name="grid")


def source_ohm(kv, mva, c, rx=0.1):
    size = c * kv**2 / mva
    reactance = size / math.sqrt(1.0 + rx**2)
    return complex(rx * reactance, reactance)


def chain(parallel=1, tap=0):
    """Grid at 110 kV, a transformer of 40 MVA with 12 % and 0.5 %, and 5 km of a 10 kV line."""
    net = pandapower.create_empty_network()
    for name, kv in (("grid", 110.0), ("bar", 10.0), ("end", 10.0)):
        pandapower.create_bus(net, kv, name=name)
    grid(net, 0)
    pandapower.create_transformer_from_parameters(
        net, 0, 1, 40.0, 110.0, 10.5, 0.5, 12.0, 30.0, 0.1, name="unit", parallel=parallel,
        tap_side="hv", tap_neutral=0, tap_min=-8, tap_max=8, tap_step_percent=1.25, tap_pos=tap, tap_changer_type="Ratio",
    )  # fmt: skip
    pandapower.create_line_from_parameters(net, 1, 2, 5.0, 0.12, 0.35, 200.0, 0.4, name="line", endtemp_degree=80.0)
    return net


def transformer_ohm(corrected=True):
    """At the lower side."""
    r, z = 0.005, 0.12
    x = math.sqrt(z**2 - r**2)
    factor = 0.95 * 1.1 / (1.0 + 0.6 * x) if corrected else 1.0
    return factor * complex(r, x) * 10.5**2 / 40.0


def by_name(found):
    return {bus.bus: bus for bus in found}


def test_grid_transformer_and_line_by_hand():
    r"""Proves: :math:`I_k'' = c U_n / (\sqrt 3 |Z_k|)` with K_T = 0.95 · 1.1 / (1 + 0.6 · 0.1199) = 0.9749; κ of a chain by its R/X.

    Breaks as: 2.6 % less at the bar without K_T; 10 % less with c = 1; other values where the smallest case took K_T or the largest grid.
    """
    found = by_name(short_circuits(chain()))
    above = source_ohm(110.0, 2000.0, 1.1) * (10.5 / 110.0) ** 2
    bar = above + transformer_ohm()
    end = bar + 5.0 * (0.12 + 0.35j)
    assert found["grid"].ik_max_ka == pytest.approx(2000.0 / (ROOT3 * 110.0), rel=1e-6)
    assert found["bar"].ik_max_ka == pytest.approx(1.1 * 10.0 / (ROOT3 * abs(bar)), rel=1e-6)
    assert found["end"].ik_max_ka == pytest.approx(1.1 * 10.0 / (ROOT3 * abs(end)), rel=1e-6)
    kappa = 1.02 + 0.98 * math.exp(-3.0 * end.real / end.imag)
    assert found["end"].ip_max_ka == pytest.approx(kappa * math.sqrt(2.0) * found["end"].ik_max_ka, rel=1e-6)
    small = source_ohm(110.0, 1000.0, 1.0) * (10.5 / 110.0) ** 2 + transformer_ohm(corrected=False)
    warm = small + 5.0 * (0.12 * (1.0 + 0.004 * 60.0) + 0.35j)
    assert found["bar"].ik_min_ka == pytest.approx(10.0 / (ROOT3 * abs(small)), rel=1e-6)
    assert found["end"].ik_min_ka == pytest.approx(10.0 / (ROOT3 * abs(warm)), rel=1e-6)
    assert found["bar"].sk_min_mva == pytest.approx(ROOT3 * 10.0 * found["bar"].ik_min_ka)
    assert found["bar"].grid_ka == found["bar"].ik_max_ka
    assert found["bar"].machines_ka == found["bar"].converters_ka == 0.0


def test_the_position_of_a_tap_does_not_count():
    assert by_name(short_circuits(chain(tap=6)))["bar"].ik_max_ka == pytest.approx(by_name(short_circuits(chain()))["bar"].ik_max_ka, rel=1e-9)


def test_a_line_given_warm_is_brought_to_20_degrees():
    """Proves: 0.12 ohm/km at 50 degC are 0.12 / 1.12 at 20."""
    warm = by_name(short_circuits(chain(), line_degc=50.0))["end"].ik_max_ka
    end = source_ohm(110.0, 2000.0, 1.1) * (10.5 / 110.0) ** 2 + transformer_ohm() + 5.0 * (0.12 / 1.12 + 0.35j)
    assert warm == pytest.approx(1.1 * 10.0 / (ROOT3 * abs(end)), rel=1e-6)


def test_two_sources_in_parallel():
    """Proves: a grid of 2000 MVA and one of 1000 MVA (R/X 0.1 and 0.3) behind 10 km feed by their impedances in parallel."""
    net = pandapower.create_empty_network()
    for name in ("one", "other"):
        pandapower.create_bus(net, 110.0, name=name)
    grid(net, 0)
    grid(net, 1, 1000.0, 500.0, 0.3)
    pandapower.create_line_from_parameters(net, 0, 1, 10.0, 0.12, 0.4, 9.0, 0.4, name="line", endtemp_degree=80.0)
    one, other = source_ohm(110.0, 2000.0, 1.1), source_ohm(110.0, 1000.0, 1.1, 0.3) + 10.0 * (0.12 + 0.4j)
    both = one * other / (one + other)
    assert by_name(short_circuits(net))["one"].ik_max_ka == pytest.approx(1.1 * 110.0 / (ROOT3 * abs(both)), rel=1e-6)


def machine(net, bus, mvar, xdss, name="condenser", **more):
    kv = net.bus.vn_kv.at[bus]
    pandapower.create_gen(
        net, bus, p_mw=0.0, vm_pu=1.0, name=name, sn_mva=mvar, vn_kv=kv, xdss_pu=xdss, rdss_ohm=0.05 * xdss * kv**2 / mvar, cos_phi=0.0, **more
    )


@pytest.mark.parametrize("units", [1, 2])
def test_a_condenser_adds_its_current(units):
    """Proves: Z_G = K_G (0.05 + j) 0.25 · 110² / 300, K_G = 1.1 / 1.25; two of 150 Mvar at one bus are the one of 300."""
    net = chain()
    for number in range(units):
        machine(net, 0, 300.0 / units, 0.25, f"condenser {number}")
    found = by_name(short_circuits(net))["grid"]
    one, other = source_ohm(110.0, 2000.0, 1.1), 1.1 / 1.25 * complex(0.05, 1.0) * 0.25 * 110.0**2 / 300.0
    assert found.ik_max_ka == pytest.approx(1.1 * 110.0 / (ROOT3 * abs(one * other / (one + other))), rel=1e-6)
    assert found.grid_ka == pytest.approx(2000.0 / (ROOT3 * 110.0), rel=1e-6)
    assert found.machines_ka == pytest.approx(found.ik_max_ka - found.grid_ka)


def test_unlike_machines_at_one_bus():
    """Proves: 200 Mvar at 0.2 and 100 Mvar at 0.4 p.u. are 800 MVA at 0.24 over 300 together: K_G = 1.1 / 1.24. Breaks as: the K_G of the last one."""
    net = chain()
    machine(net, 0, 200.0, 0.2)
    machine(net, 0, 100.0, 0.4, "second")
    one, other = source_ohm(110.0, 2000.0, 1.1), 1.1 / 1.24 * complex(0.05, 1.0) * 0.24 * 110.0**2 / 300.0
    expected = 1.1 * 110.0 / (ROOT3 * abs(one * other / (one + other)))
    assert by_name(short_circuits(net))["grid"].ik_max_ka == pytest.approx(expected, rel=1e-6)


def test_converters_add_their_current_and_weigh_on_the_grid():
    """Proves: 30 MVA at the end feed 1.2 · 30 / (√3 · 10) = 2.078 kA there, and at the bar, where the whole current passes, the same; ratio Sk / 30 at both
    ends.

    At 110 kV they weigh the same 30 MVA at the rated ratio 110/10.5: 10 / 10.5 of it.
    """
    found = by_name(short_circuits(chain(), converter_mva={"end": 30.0}))
    own = 1.2 * 30.0 / (ROOT3 * 10.0)
    assert found["end"].converters_ka == pytest.approx(own, rel=1e-6)
    assert found["bar"].converters_ka == pytest.approx(own, rel=1e-6)
    assert found["grid"].infeed_mva == pytest.approx(30.0 * 10.5 / 10.0, rel=1e-6)
    assert (found["end"].converter_mva, found["bar"].converter_mva) == (30.0, 0.0)
    assert found["end"].short_circuit_ratio == pytest.approx(found["end"].sk_min_mva / 30.0, rel=1e-6)
    plain = by_name(short_circuits(chain()))
    assert found["end"].ik_min_ka == plain["end"].ik_min_ka  # none in the smallest case
    assert found["end"].ip_max_ka == pytest.approx(plain["end"].ip_max_ka + math.sqrt(2.0) * own, rel=1e-6)
    assert np.isnan(plain["end"].short_circuit_ratio)


def test_a_static_var_generator_is_a_converter():
    net = chain()
    machine(net, 1, 20.0, 0.25)
    net.gen["static"] = True
    found = by_name(short_circuits(net))["bar"]
    assert found.machines_ka == 0.0
    assert found.converters_ka == pytest.approx(1.2 * 20.0 / (ROOT3 * 10.0), rel=1e-6)


def test_breakers_margin_strength_and_order():
    """Proves: the bar's current against 10 kV breakers of 20 kA, the peak against 2.5 times that; 110 kV by the shipped table; smallest margin first."""
    weak = Breaker(name="old", voltage_kv=10.0, breaking_ka=20.0, source="nameplate", certainty="V1")
    rows = short_circuits(chain(), breakers=(weak, *breakers_of()), converter_mva={"bar": 60.0})
    found = by_name(rows)
    assert found["bar"].breaker == "old"
    assert found["bar"].margin == pytest.approx(1.0 - max(found["bar"].ik_max_ka / 20.0, found["bar"].ip_max_ka / 50.0))
    assert found["bar"].exceeds
    assert found["grid"].breaking_ka == 40.0
    assert not found["grid"].exceeds
    assert {bus.strength for bus in rows} <= {"strong", "weak", "very weak"}
    assert table(rows).bus.iloc[0] == "bar"
    assert breaker_at(breakers_of(), 0.4) is None
    assert breaker_at(breakers_of(), 10.5).voltage_kv == 10.0


def test_units_in_parallel_can_be_split():
    """Proves: with a section for each of two units the current is that of one; converters of the other section come in from above."""
    found = by_name(short_circuits(chain(parallel=2), converter_mva={"bar": 30.0}))["bar"]
    alone = by_name(short_circuits(chain(), converter_mva={"bar": 15.0, "grid": 15.0}))["bar"]
    assert found.units == 2
    assert found.ik_split_ka == pytest.approx(alone.ik_max_ka, rel=1e-9)
    assert found.ik_split_ka < found.ik_max_ka
    assert by_name(short_circuits(chain()))["bar"].units == 1


def test_a_park_brings_its_own_breakers(tmp_path: Path):
    (tmp_path / "breakers.csv").write_text("name,voltage_kv,breaking_ka,source,certainty\nnew_10,10,40,nameplate,V1\n", encoding="utf-8")
    assert breaker_at(breakers_of(tmp_path), 10.0).name == "new_10"
    assert breaker_at(breakers_of(tmp_path), 35.0).breaking_ka == 31.5
    (tmp_path / "breakers.csv").write_text("name,voltage_kv,breaking_ka,source,certainty\nnew_10,ten,40,,V1\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"(?s)voltage_kv.*source"):
        breakers_of(tmp_path)


def test_what_is_missing_is_told_together():
    net = chain()
    pandapower.create_gen(net, 1, p_mw=0.0, name="unit")
    net.ext_grid["s_sc_max_mva"] = np.nan
    with pytest.raises(DefinitionError, match=r"(?s)'bra'.*grid.*s_sc_max_mva.*unit.*xdss_pu"):
        short_circuits(net, converter_mva={"bra": 3.0})
