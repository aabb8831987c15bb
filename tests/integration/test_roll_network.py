"""A plain network operated window after window, beside PyPSA's own solve."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa
import pytest

from gridsim.dispatch.rolling_network import roll_network
from gridsim.errors import DefinitionError

EXACT = {"mip_rel_gap": 0.0}


def network(load, *, up_time=3, start_cost=50.0):
    """A dear generator without limits, and a cheap one that runs from 4 to 10 MW, must stay on for some hours and costs something to start."""
    made = pypsa.Network()
    made.set_snapshots(pd.RangeIndex(len(load), name="snapshot"))
    made.add("Carrier", ["AC", "any"])
    made.add("Bus", "bus", carrier="AC")
    made.add("Load", "load", bus="bus", p_set=pd.Series(load, made.snapshots, dtype=float))
    made.add("Generator", "dear", bus="bus", carrier="any", p_nom=100.0, marginal_cost=40.0)
    made.add(
        "Generator",
        "cheap",
        bus="bus",
        carrier="any",
        p_nom=10.0,
        marginal_cost=10.0,
        committable=True,
        p_min_pu=0.4,
        min_up_time=up_time,
        start_up_cost=start_cost,
        up_time_before=0,
    )
    made.add("Store", "store", bus="bus", carrier="any", e_nom=6.0, e_initial=2.0)
    return made


def spent(made):
    power, status = made.generators_t.p, made.generators_t.status["cheap"]
    starts = np.maximum(np.diff(status.to_numpy().round(), prepend=0.0), 0.0).sum()
    return float((power * made.generators.marginal_cost).to_numpy().sum() + starts * made.generators.start_up_cost["cheap"])


LOADS = [5, 6, 8, 12, 3, 2, 7, 11, 9, 4, 3, 10]


@pytest.mark.filterwarnings("ignore")
def test_one_window_is_pypsas_own_optimum():
    ours, theirs = network(LOADS), network(LOADS)
    roll_network(ours, horizon=len(LOADS), overlap=0, options=EXACT)
    theirs.optimize(solver_name="highs", include_objective_constant=False, mip_rel_gap=0.0, output_flag=False, progress=False)
    assert spent(ours) == pytest.approx(spent(theirs), rel=1e-6)
    assert ours.objective == pytest.approx(theirs.objective, rel=1e-6)


@pytest.mark.parametrize(("horizon", "overlap"), [(4, 2), (3, 2), (5, 0)])
def test_every_row_of_the_whole_time_is_kept(horizon, overlap):
    """Balance, bounds, levels and hours that a unit must stay on hold over the borders of windows."""
    made = network(LOADS)
    windows = roll_network(made, horizon=horizon, overlap=overlap, options=EXACT)
    assert [window.first for window in windows[1:]] == [window.kept_until for window in windows[:-1]]
    assert windows[-1].kept_until == len(LOADS)
    assert not any(window.broken for window in windows)
    supplied = made.generators_t.p.sum(axis=1) + made.stores_t.p["store"]
    assert supplied.to_numpy() == pytest.approx(np.array(LOADS, dtype=float), abs=1e-6)
    level = 2.0 - made.stores_t.p["store"].cumsum()
    assert made.stores_t.e["store"].to_numpy() == pytest.approx(level.to_numpy(), abs=1e-6)
    on = made.generators_t.status["cheap"].to_numpy().round()
    running = np.diff(np.flatnonzero(np.diff(on, prepend=0.0, append=0.0)))[::2]
    assert (running[:-1] >= 3).all()


def test_a_unit_that_was_started_stays_on_in_the_next_window():
    """Worth starting for the first hour alone; two hours without load follow, in which it must run at 4 MW and fill the store: single hours would stop it."""
    made = network([10, 0, 0, 0], start_cost=0.0)
    made.stores.loc["store", "e_nom"] = 20.0
    roll_network(made, horizon=1, overlap=0, options=EXACT)
    assert made.generators_t.status["cheap"].to_numpy() == pytest.approx([1.0, 1.0, 1.0, 0.0])
    assert made.generators_t.p["cheap"].to_numpy()[1:] == pytest.approx([4.0, 4.0, 0.0])


def test_what_cannot_be_rolled_is_refused_with_its_reasons():
    made = network(LOADS)
    made.stores.loc["store", "e_cyclic"] = True
    made.generators.loc["dear", "p_nom_extendable"] = True
    with pytest.raises(DefinitionError) as refused:
        roll_network(made, horizon=3, overlap=3)
    assert [problem.where for problem in refused.value.problems] == ["overlap", "Store store", "Generator dear"]
