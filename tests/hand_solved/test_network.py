"""The solved network is a plain `pypsa.Network` that says what the dispatch says, also after a trip through a file."""

import pypsa
import pytest

from gridsim.dispatch.solve import solve
from hand_solved.parks import ammonia_demand, ammonia_plant, approx, battery, electrolyser, grid, hydrogen_store, load, tiny_park, wind


@pytest.fixture(scope="module")
def solved():
    """Three hours with generators of both signs, links of two and three ports, stores, and a load."""
    return solve(
        tiny_park(
            grid=grid([10.0, 100.0, 50.0], export_price=5.0),
            wind=wind([1.0, 0.0, 1.5], 10.0),
            battery=battery(charge_efficiency=0.9),
            load=load([4.0, 8.0, 2.0]),
            plant=electrolyser(50.0),
            tank=hydrogen_store(500.0, compression_kwh_per_kg=1.0),
            synthesis=ammonia_plant(1.0, tank_t=1.0),
            users=ammonia_demand(0.5),
        )
    )


@pytest.fixture(scope="module")
def reopened(solved, tmp_path_factory):
    """The network written as NetCDF and opened again."""
    path = tmp_path_factory.mktemp("network") / "network.nc"
    solved.network.export_to_netcdf(path)
    return pypsa.Network(path)


def test_flows_and_levels_survive_the_file(solved, reopened):
    """**Proves**: ``generators_t.p``, ``loads_t.p``, ``stores_t.p`` and ``stores_t.e``, ``links_t.p0`` equal the dispatch, for every
    component.

    **Breaks as**: a missing column, or a sign.
    """
    tables = {"Generator": "p", "Load": "p", "Store": "p", "Link": "p0"}
    for component in solved.dispatch.draft.components.values():
        written = reopened.c[component.kind].dynamic[tables[component.kind]][component.name]
        assert written.to_numpy() == approx(solved.dispatch.flows[component.name])
    for name, level in solved.dispatch.levels.items():
        assert reopened.stores_t.e[name].to_numpy() == approx(level)


def test_every_bus_balances_in_pypsas_own_signs(solved, reopened):
    """**Proves**: what generators, stores and loads inject (``buses_t.p``) is what links take (``p0``, ``p1``, ``p2``), at each bus and
    hour.

    **Breaks as**: an efficiency or a third port that is written with the wrong sign.
    """
    taken = reopened.buses_t.p.copy()
    for port in ("0", "1", "2"):
        for link, bus in reopened.links[f"bus{port}"].items():
            if bus:
                taken[bus] -= reopened.links_t[f"p{port}"][link]
    assert taken.to_numpy().ravel() == approx([0.0] * taken.size)
    injected = reopened.generators_t.p * reopened.generators.sign
    at_park = [name for name, bus in reopened.generators.bus.items() if bus == "electricity"]
    assert (injected[at_park].sum(axis=1) - reopened.loads_t.p["load"]).to_numpy() == approx(reopened.buses_t.p["electricity"].to_numpy())


def test_prices_objective_and_hours_survive_the_file(solved, reopened):
    """**Proves**: marginal prices, the objective, the snapshots, and capacities as built.

    **Breaks as**: a network that has to be solved again before it can be read.
    """
    for bus, price in solved.dispatch.prices.items():
        assert reopened.buses_t.marginal_price[bus].to_numpy() == approx(price)
    assert reopened.objective == approx(solved.dispatch.objective_cny)
    assert list(reopened.snapshots.strftime("%Y-%m-%d %H:%M")) == ["2030-01-07 00:00", "2030-01-07 01:00", "2030-01-07 02:00"]
    assert reopened.generators.p_nom_opt["wind"] == 10.0
    assert reopened.stores.e_nom_opt["battery.store"] == 10.0


@pytest.mark.filterwarnings("ignore::linopy.LinopySemanticsWarning")
def test_pypsas_own_optimum_is_the_same(solved, reopened):
    """**Proves**: `Network.optimize` on the reopened network, where no request binds, finds the same cost: nothing of the model is lost.

    **Breaks as**: another objective, if bounds, costs or efficiencies had not reached the file.
    """
    status, condition = reopened.optimize(solver_name="highs", log_to_console=False, include_objective_constant=False)
    assert (status, condition) == ("ok", "optimal")
    assert reopened.objective == approx(solved.dispatch.objective_cny)
