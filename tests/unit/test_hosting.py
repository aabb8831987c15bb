"""Hosting capacity: two buses with a closed form, limits of every kind, shares of hours, and what the search must not miss."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower")

from gridsim.distribution.hosting import extreme_hours, hosting_capacity, store_shape  # noqa: E402
from gridsim.distribution.hosting_curve import hosting_curve  # noqa: E402
from gridsim.distribution.hosting_park import hosting_of_park  # noqa: E402
from gridsim.distribution.hosting_study import limits_of_wires  # noqa: E402
from gridsim.distribution.powerflow import Injections, PowerFactorCurve, TapControl, prepare, solve  # noqa: E402
from gridsim.errors import DefinitionError  # noqa: E402

KV, R_OHM, X_OHM = 10.0, 1.0, 0.5
LOW, HIGH = 0.95, 1.05


def line(r_ohm=R_OHM, x_ohm=0.0, max_i_ka=10.0):
    """A source of 1.0 p.u. and one 10 kV line to bus 'end', which has the band 0.95 to 1.05."""
    net = pandapower.create_empty_network(sn_mva=1.0)
    pandapower.create_bus(net, KV, name="grid", min_vm_pu=0.9, max_vm_pu=1.1)
    pandapower.create_bus(net, KV, name="end", min_vm_pu=LOW, max_vm_pu=HIGH)
    pandapower.create_ext_grid(net, 0, vm_pu=1.0)
    pandapower.create_line_from_parameters(net, 0, 1, 1.0, r_ohm, x_ohm, 0.0, max_i_ka, name="way")
    return prepare(net)


def nothing(wires, hours=1):
    return Injections(np.zeros((hours, wires.buses)), np.zeros((hours, wires.buses)))


def only(wires, injections, shape, **options):
    (found,) = hosting_capacity(wires, injections, ["end"], np.asarray(shape, dtype=float), **options)
    return found


def test_supply_over_a_resistive_line():
    """Proves: r = 1 / 100 p.u. of 1 MVA; the current is (V - 1)/r and p = V (V - 1)/r, so 1.05 p.u. is reached at 1.05 · 0.05 · 100 = 5.25 MW.

    Breaks as: 5.0 MW if the voltage rise is taken as linear.
    """
    found = only(line(), nothing(line()), [1.0])
    assert found.capacity_mw == pytest.approx(5.25, rel=1e-4)
    assert (found.binding.kind, found.binding.element, found.binding.supplies) == ("voltage_high", "end", True)
    assert found.binding.value == pytest.approx(1.05, abs=1e-5) and found.binding.limit == 1.05
    assert found.broken_hours == found.broken_before == 0


def test_electrolyser_is_limited_by_low_voltage():
    """Proves: the draw at which V = 0.95 is 0.95 · (1 - 0.95) · 100 = 4.75 MW."""
    found = only(line(), nothing(line()), [-1.0])
    assert found.capacity_mw == pytest.approx(4.75, rel=1e-4)
    assert (found.binding.kind, found.binding.supplies) == ("voltage_low", False)


def test_store_is_judged_both_ways():
    """Proves: charging breaks a limit first (4.75 MW); where the bus draws 1 MW already it is 3.75, as both add up at the same bus."""
    wires = line()
    found = only(wires, nothing(wires, 3), store_shape(3))
    assert found.capacity_mw == pytest.approx(4.75, rel=1e-4) and not found.binding.supplies
    drawn = nothing(wires, 3)
    drawn.p_mw[1, wires.bus("end")] = -1.0
    found = only(wires, drawn, store_shape(3))
    assert found.capacity_mw == pytest.approx(3.75, rel=1e-4) and found.binding.hour == 1
    drawn.p_mw[2, wires.bus("end")] = 3.0
    found = only(wires, drawn, store_shape(3))
    assert found.capacity_mw == pytest.approx(2.25, rel=1e-4) and found.binding.hour == 2 and found.binding.supplies


def test_line_rating():
    """Proves: S = sqrt(3) V I; with V = 1 + r I p.u. and I = 0.1 kA (1.732 p.u. of 57.735 A), V = 1.01732, hence p = 1.01732 · 1.732 = 1.7620 MW; 80 % less."""
    wires = line(max_i_ka=0.1)
    current = 0.1 * np.sqrt(3.0) * KV
    found = only(wires, nothing(wires), [1.0])
    assert found.capacity_mw == pytest.approx(current * (1.0 + 0.01 * current), rel=1e-4)
    assert (found.binding.kind, found.binding.element) == ("line", "way") and found.binding.value == pytest.approx(1.0, abs=1e-4)
    lower = replace(limits_of_wires(wires), loading=np.array([0.8]))
    found = only(wires, nothing(wires), [1.0], limits=lower)
    assert found.capacity_mw == pytest.approx(0.8 * current * (1.0 + 0.008 * current), rel=1e-4)


def test_export_limit():
    """Proves: at 2 MW of export, 2 = i of the grid's 1.0 p.u., V = 1 + 0.01 · 2 = 1.02, so the asset supplies 2.04 MW."""
    wires = line()
    found = only(wires, nothing(wires), [1.0], limits=replace(limits_of_wires(wires), export_mw=2.0))
    assert found.capacity_mw == pytest.approx(2.04, abs=2e-3) and found.binding.kind == "connection"  # the connection is judged to 1e-3 MW
    assert found.binding.value == pytest.approx(2.001, abs=1e-4)


def test_drawing_reactive_power_raises_the_capacity():
    """Proves: with v² = (1 + r p + x q)... exactly: |V|² - |V| cos δ = r p + x q and |V| sin δ = x p - r q; r = 0.01, x = 0.005, q = -0.4843 p (cos φ 0.9).

    The pair is solved for p at |V| = 1.05: 1.05² = 1.05 cos δ + r' p, 1.05 sin δ = x' p, with r' = r - 0.4843 x, x' = x + 0.4843 r.
    """
    wires, v = line(x_ohm=X_OHM), 1.05
    r, x = R_OHM / KV**2, X_OHM / KV**2

    def capacity(tangent):
        along, across = r + tangent * x, x - tangent * r
        # (v² - along p)² + (across p)² = v²
        return np.roots([along**2 + across**2, -2.0 * v**2 * along, v**4 - v**2]).min()

    tangent = np.tan(np.arccos(0.9))
    expected = {1.0: capacity(0.0), -0.9: capacity(-tangent), 0.9: capacity(tangent)}
    assert expected[0.9] < expected[1.0] < expected[-0.9]
    for power_factor, p_mw in expected.items():
        assert only(wires, nothing(wires), [1.0], power_factor=power_factor).capacity_mw == pytest.approx(p_mw, rel=1e-4)


def test_power_factor_holds_its_sign_when_the_asset_draws():
    """Proves: an electrolyser of power factor 0.9 that supplies reactive power props the voltage up; one that draws it takes less."""
    wires = line(x_ohm=X_OHM)
    supplies, one, draws = (only(wires, nothing(wires), [-1.0], power_factor=factor).capacity_mw for factor in (0.9, 1.0, -0.9))
    assert supplies > one > draws


def test_hours_decide_and_a_share_of_them_may_break():
    """Proves: 100 hours of supply 0.01 to 1.00 per MW; none may break: 5.25 MW. Of ten that may, the hour of 0.90 decides: 5.25 / 0.9 = 5.8333 MW."""
    wires, hours = line(), 100
    shape = np.random.default_rng(3).permutation(np.arange(1, hours + 1) / hours)
    found = only(wires, nothing(wires, hours), shape)
    assert found.capacity_mw == pytest.approx(5.25, rel=1e-4) and shape[found.binding.hour] == 1.0
    found = only(wires, nothing(wires, hours), shape, share_of_hours=0.10)
    assert found.capacity_mw == pytest.approx(5.25 / 0.90, rel=1e-4)
    assert found.broken_hours == 10 and shape[found.binding.hour] == 0.90


def test_large_share_of_many_hours():
    """Proves: of 3000 hours of supply 1/3000 to 1, 1500 may break: the hour of 0.5 decides, 10.5 MW; more hours may break than are extreme in anything."""
    wires, hours = line(), 3000
    shape = np.random.default_rng(4).permutation(np.arange(1, hours + 1) / hours)
    found = only(wires, nothing(wires, hours), shape, share_of_hours=0.5)
    assert found.capacity_mw == pytest.approx(10.5, rel=1e-4) and found.broken_hours == 1500


def test_search_does_not_depend_on_the_hours_it_starts_with():
    """Proves: the one hour that binds is not among those that the search starts with; the check of all hours finds it.

    In it one side branch supplies what another draws, so that it is extreme neither in the sum nor at the asset's own bus.
    """
    net = pandapower.create_empty_network(sn_mva=1.0)
    for number, name in enumerate(("grid", "end", "side", "far")):
        pandapower.create_bus(net, KV, name=name, min_vm_pu=0.9, max_vm_pu=1.05)
        if number:
            pandapower.create_line_from_parameters(net, max(number - 1, 0) if name == "end" else 1, number, 1.0, R_OHM, 0.0, 0.0, 10.0, name=f"to {name}")
    pandapower.create_ext_grid(net, 0, vm_pu=1.0)
    wires, hours = prepare(net), 4000
    random = np.random.default_rng(5)
    injections = nothing(wires, hours)
    injections.p_mw[:, [wires.bus("side"), wires.bus("far")]] = random.uniform(-1.0, 1.0, (hours, 2))
    shape = random.uniform(0.0, 1.0, hours)
    injections.p_mw[1717, [wires.bus("side"), wires.bus("far")]] = 3.5, -3.5
    shape[1717] = 0.9
    found = only(wires, injections, shape)
    assert 1717 not in extreme_hours_of(wires, injections, shape)
    assert (found.binding.hour, found.binding.element) == (1717, "side") and found.searched_hours < hours / 10
    alone = only(wires, Injections(injections.p_mw[1717:1718], injections.q_mvar[1717:1718]), shape[1717:1718])
    assert found.capacity_mw == pytest.approx(alone.capacity_mw, rel=1e-4)
    p_mw = injections.p_mw.copy()
    p_mw[:, wires.bus("end")] += found.capacity_mw * shape
    assert solve(wires, Injections(p_mw, injections.q_mvar)).vm_pu.max() <= 1.05 + 1e-6


def extreme_hours_of(wires, injections, shape):
    from gridsim.distribution.hosting_study import make_study

    study = make_study(wires, injections, ["end"], shape, rules=(), limits=None, power_factor=1.0, worsening=None, enforce_q_limits=False)
    return extreme_hours(study, wires.bus("end"))


def test_limit_that_is_broken_already():
    """Proves: with 6 MW there already nothing can be added, and it is said why; a draw heals it, and counts only what it worsens: 4.75 MW in the idle hour."""
    wires = line()
    injections = nothing(wires, 2)
    injections.p_mw[1, wires.bus("end")] = 6.0
    for shape in ([1.0, 1.0], [-1.0, -1.0]):
        found = only(wires, injections, shape)
        assert (found.capacity_mw, found.broken_before, found.binding.kind, found.binding.hour) == (0.0, 1, "voltage_high", 1)
        assert found.searched_hours == 0
    assert only(wires, injections, [-1.0, -1.0], worsening=1e-4).capacity_mw == pytest.approx(4.75, rel=1e-4)
    assert only(wires, injections, [1.0, 1.0], worsening=1e-4).capacity_mw < 0.02
    assert only(wires, injections, [1.0, 0.0], worsening=1e-4).capacity_mw == pytest.approx(5.25, rel=1e-4)
    assert only(wires, injections, [1.0, 1.0], share_of_hours=0.5).capacity_mw == pytest.approx(5.25, rel=1e-4)


def test_what_no_limit_binds_reaches_the_largest_tried():
    wires = line()
    (found,) = hosting_capacity(wires, nothing(wires), ["grid"], np.ones(1), most_mw=500.0)
    assert (found.capacity_mw, found.binding) == (500.0, None)
    assert only(wires, nothing(wires, 2), [0.0, 0.0], most_mw=500.0).capacity_mw == 500.0


def test_voltage_collapse_is_a_limit():
    """Proves: without limits a draw over r = 0.01 p.u. ends where its voltage is half: p = 0.5 · 0.5 / 0.01 = 25 MW, beyond which there is no solution."""
    wires = line()
    free = replace(limits_of_wires(wires), vm_min_pu=np.full(2, -np.inf), loading=np.array([np.inf]))
    found = only(wires, nothing(wires), [-1.0], limits=free)
    assert found.capacity_mw == pytest.approx(25.0, rel=1e-3) and found.binding.kind == "no_solution"


def test_rules_of_the_hours_are_kept():
    """Proves: 3 MW there already, drawing reactive power by its own rule, leave more room than without the rule; each hour has its own rule's power."""
    wires = line(x_ohm=X_OHM)
    injections = nothing(wires, 200)
    injections.p_mw[150, wires.bus("end")] = 3.0
    rule = PowerFactorCurve("end", injections.p_mw[:, wires.bus("end")], (0.0,), (-0.9,))
    without, with_rule = only(wires, injections, np.ones(200)), only(wires, injections, np.ones(200), rules=[rule])
    assert with_rule.capacity_mw > without.capacity_mw + 0.5
    fixed = Injections(injections.p_mw, injections.q_mvar.copy())
    fixed.q_mvar[150, wires.bus("end")] = -3.0 * np.tan(np.arccos(0.9))
    assert only(wires, fixed, np.ones(200)).capacity_mw == pytest.approx(with_rule.capacity_mw, rel=1e-6)


def tapped():
    """110 kV of 1.03 p.u., a transformer of 17 positions to 'bar', a line to 'end'; bands of 0.95 to 1.05."""
    net = pandapower.create_empty_network(sn_mva=10.0)
    pandapower.create_bus(net, 110.0, name="grid")
    pandapower.create_bus(net, 10.0, name="bar", min_vm_pu=0.95, max_vm_pu=1.05)
    pandapower.create_bus(net, 10.0, name="end", min_vm_pu=0.95, max_vm_pu=1.05)
    pandapower.create_ext_grid(net, 0, vm_pu=1.03)
    pandapower.create_transformer_from_parameters(
        net, 0, 1, 40.0, 110.0, 10.0, 0.5, 10.5, 0.0, 0.0, name="unit",
        tap_side="hv", tap_neutral=0, tap_min=-8, tap_max=8, tap_step_percent=1.25, tap_pos=0, tap_changer_type="Ratio",
    )  # fmt: skip
    pandapower.create_line_from_parameters(net, 1, 2, 1.0, 0.5, 0.3, 0.0, 2.0, name="way")
    return prepare(net)


CONTROL = TapControl("unit", "end", 0.99, 1.01)


def fits(wires, shape, capacity_mw):
    """Whether the tap changers' own year at this capacity breaks no limit."""
    injections = nothing(wires, len(shape))
    injections.p_mw[:, wires.bus("end")] = capacity_mw * shape
    vm_pu = solve(wires, injections, rules=[CONTROL]).vm_pu[:, 1:]
    return bool((vm_pu >= 0.95 - 1e-6).all() and (vm_pu <= 1.05 + 1e-6).all())


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_tap_changers_move_with_the_asset(sign):
    """Proves: a tap changer that holds the far end lets it supply more than one that stays where it was; let it draw more, and the bar before it is lifted out
    of its band. What is found holds for the year as it runs, what is 0.4 % more does not. Breaks as: the capacity of fixed taps, 40 and 143 % of it, if the
    search ends with the taps of the hours without the asset.
    """
    wires, shape = tapped(), sign * np.random.default_rng(7).uniform(0.3, 1.0, 60)
    still, moving = only(wires, nothing(wires, 60), shape), only(wires, nothing(wires, 60), shape, rules=[CONTROL])
    ratio = moving.capacity_mw / still.capacity_mw
    assert ratio > 1.3 if sign > 0.0 else ratio < 0.8
    assert fits(wires, shape, moving.capacity_mw) and not fits(wires, shape, 1.004 * moving.capacity_mw)
    assert moving.solved_years > 0 and still.solved_years == 0
    assert moving.binding.element == "bar" and moving.binding.kind == ("voltage_low" if sign > 0.0 else "voltage_high")


def test_tap_changers_that_need_not_move_take_one_solve_of_the_year():
    """Proves: where a rating binds at 0.1 kA and the voltage stays in its dead band, fixed and moving taps agree, and the year is solved once."""
    wires, shape = tapped(), np.random.default_rng(8).uniform(0.3, 1.0, 200)
    low = replace(limits_of_wires(wires), loading=np.array([0.02, 1.0]))
    wide = TapControl("unit", "end", 0.97, 1.06)
    still, moving = (only(wires, nothing(wires, 200), shape, limits=low, rules=rules) for rules in ([], [wide]))
    assert moving.capacity_mw == pytest.approx(still.capacity_mw, rel=2e-3) and moving.solved_years == 1
    assert moving.binding.element == still.binding.element == "way" and moving.searched_hours < 200


def test_curve_of_hours_and_energy():
    """Proves: at 10.5 MW the hours above 0.5 per MW do not fit, 50 of 100; each is cut back to 5.25 MW, so sum(10.5 s - 5.25) for s = 0.51 to 1 is lost."""
    wires, hours = line(), 100
    shape = np.arange(1, hours + 1) / hours
    curve = hosting_curve(wires, nothing(wires, hours), "end", shape, [2.0, 10.5], step_hours=0.5)
    np.testing.assert_array_equal(curve.hours_not_fitting, [0.0, 25.0])
    lost = 0.5 * (10.5 * shape[50:] - 5.25).sum()
    np.testing.assert_allclose(curve.energy_not_fitting_mwh, [0.0, lost], rtol=1e-3)
    np.testing.assert_allclose(curve.energy_mwh, [0.5 * 2.0 * shape.sum(), 0.5 * 10.5 * shape.sum()], rtol=1e-12)
    np.testing.assert_allclose(curve.fitting_mw[1, 50:], 5.25, rtol=1e-3)
    np.testing.assert_allclose(curve.fitting_mw[1, :50], 10.5 * shape[:50])


def park_on_a_line(feasible=True, solar=40.0):
    """The line of two buses with a park: wind and sun at the site 'west' of the bus 'end', a second wind farm of twice the size in the east."""
    wires = line()
    zones = {"grid": None, "end": "west"}
    fleet = {
        "wind_1": SimpleNamespace(type="wind", bus="w", capacity_mw=10.0, profile="ridge", profile_scale=1.0),
        "wind_2": SimpleNamespace(type="wind", bus="e", capacity_mw=20.0, profile="plain", profile_scale=0.5),
        "solar_1": SimpleNamespace(type="solar", bus="w", capacity_mw=solar, profile="sun", profile_scale=1.0),
    }
    park = SimpleNamespace(
        technologies=fleet,
        buses={"w": SimpleNamespace(site="west"), "e": SimpleNamespace(site="east")},
        profiles={"ridge": np.array([0.5, 0.25]), "plain": np.array([0.2, 0.4]), "sun": np.array([0.0, 0.8])},
    )
    net = SimpleNamespace(bus={"zone": [zones[name] for name in wires.bus_names]})
    injections = nothing(wires, 2)
    return SimpleNamespace(
        network=SimpleNamespace(wires=wires, net=net, limits=replace(limits_of_wires(wires), export_mw=30.0)),
        dispatch=SimpleNamespace(draft=SimpleNamespace(park=park), time=SimpleNamespace(steps=2)),
        connected=SimpleNamespace(injections=injections, rules=()),
        flow=solve(wires, injections),
        feasible=feasible,
    )


def test_hosting_of_a_park():
    """Proves: at 5.25 MW of supply or 4.75 MW of draw (above), wind of its own site at most 0.5: 10.5 MW; sun 0.8: 6.5625; electrolyser and battery 4.75.

    At the source's bus, which has no site, the mean of both wind farms, (10 · (0.5, 0.25) + 20 · 0.5 · (0.2, 0.4)) / 30 = (0.2333, 0.2167), exports 30 MW at
    128.571 MW. Breaks as: 60 MW with the wind of the west.
    """
    table = hosting_of_park(park_on_a_line())
    assert list(table["kind"]) == 2 * ["wind", "solar", "electrolyser", "battery"] and list(table["bus"][::4]) == ["grid", "end"]
    end = table[table["bus"] == "end"].set_index("kind")
    np.testing.assert_allclose(end["capacity_mw"], [10.5, 6.5625, 4.75, 4.75], rtol=1e-4)
    assert list(end["binding_kind"]) == ["voltage_high", "voltage_high", "voltage_low", "voltage_low"] and set(end["binding_element"]) == {"end"}
    assert (end.at["wind", "hour"], end.at["solar", "hour"], end.at["wind", "limit"], end.at["wind", "kv"]) == (0, 1, 1.05, 10.0)
    grid = table[table["bus"] == "grid"].set_index("kind")
    assert grid.at["wind", "capacity_mw"] == pytest.approx(30.0 / 0.233333, rel=1e-4) and grid.at["wind", "binding_kind"] == "connection"
    assert grid.at["electrolyser", "capacity_mw"] == 1e4 and grid.at["electrolyser", "binding_kind"] == ""
    (one,) = hosting_of_park(park_on_a_line(), ["battery"], ["end"]).itertuples()
    assert one.capacity_mw == pytest.approx(4.75, rel=1e-4)
    with pytest.raises(DefinitionError) as caught:
        hosting_of_park(park_on_a_line(solar=0.0), ["solar", "batery"], ["ende"])
    assert [problem.where for problem in caught.value.problems] == ["kinds", "kinds", "buses"] and "did you mean 'battery'" in str(caught.value)


def test_everything_that_does_not_fit_is_named():
    wires = line()
    with pytest.raises(DefinitionError) as caught:
        hosting_capacity(wires, nothing(wires, 2), ["ende"], np.array([1.0, np.nan]), power_factor=1.2, worsening=-1.0)
    assert [problem.where for problem in caught.value.problems] == ["buses", "shape", "power_factor", "worsening"]
    assert "did you mean 'end'" in str(caught.value)
    with pytest.raises(DefinitionError, match=r"share_of_hours is 1\.5"):
        hosting_capacity(wires, nothing(wires), ["end"], np.ones(1), share_of_hours=1.5)
    with pytest.raises(DefinitionError, match=r"in each of the 1 hours"):
        hosting_capacity(wires, nothing(wires), ["end"], np.ones(3))
    with pytest.raises(DefinitionError, match=r"limits\.loading"):
        hosting_capacity(wires, nothing(wires), ["end"], np.ones(1), limits=replace(limits_of_wires(wires), loading=np.ones(5)))
