"""A kept program: changed in place, started from a basis, and quick where only costs move."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from gridsim.dispatch import highs
from gridsim.dispatch.highs import PRIMAL, Basis
from gridsim.dispatch.solve import KeptDispatch, solve
from gridsim.park.read import read_park

STARTER = Path(__file__).parents[2] / "networks" / "starter"


def starter(*overrides: str):
    return read_park(STARTER, overrides=overrides, hours=(0, 336))


PRICE, SIZE, LOSS = "tariffs.two_part_35kv.energy_price_cny_per_mwh=500", "technologies.battery_1.energy_mwh=20", "technologies.battery_1.charge_efficiency=0.8"

DEMAND = "technologies.factory.peak_mw=33"


def strategy(kept: KeptDispatch) -> int:
    return kept.highs.highs.getOptionValue("simplex_strategy")[1]


@pytest.fixture
def kept() -> KeptDispatch:
    one = KeptDispatch(starter(), with_network=False)
    one.solve()
    return one


@pytest.mark.parametrize(("change", "primal"), [(PRICE, True), (SIZE, False), (LOSS, False), (DEMAND, False)])
def test_a_changed_park_costs_what_it_costs_from_nothing(kept, change, primal):
    """Proves: prices move no bound, so that the old dispatch is still possible and the primal method goes on from it; sizes move bounds, losses
    coefficients, demands right-hand sides.
    """
    assert kept.change(starter(change))
    found = kept.solve().dispatch
    assert (strategy(kept) == PRIMAL) is primal
    assert found.objective_cny == pytest.approx(solve(starter(change)).dispatch.objective_cny, rel=1e-9)


def test_a_price_takes_few_steps(kept):
    """Proves: nearly none of the steps of a start from nothing, as most dispatches stay as they are. Breaks as: hundreds by the dual method."""
    cold = KeptDispatch(starter(PRICE), with_network=False).solve().dispatch.termination.iterations
    kept.change(starter(PRICE))
    assert kept.solve().dispatch.termination.iterations < 0.02 * cold


def test_a_basis_is_all_that_another_program_needs(kept):
    """Proves: from the basis of one process another goes on, and comes to the same numbers bit for bit, whatever either solved before."""
    basis = kept.basis()
    kept.change(starter(LOSS))
    kept.solve()
    kept.change(starter(SIZE))
    assert kept.start_from(basis)
    first = kept.solve().dispatch
    other = KeptDispatch(starter(SIZE), with_network=False)
    assert other.start_from(dataclasses.replace(basis, columns=basis.columns.copy()))
    second = other.solve().dispatch
    assert first.termination.iterations == second.termination.iterations > 0
    assert all(np.array_equal(first.flows[name], second.flows[name]) for name in first.flows)


def test_its_own_basis_leaves_nothing_to_do(kept):
    assert kept.start_from(kept.basis())
    assert kept.solve().dispatch.termination.iterations == 0


def test_a_basis_of_another_program_is_refused_and_the_next_solve_begins_from_nothing(kept):
    basis = kept.basis()
    assert not kept.start_from(Basis(basis.columns[:-1], basis.rows))
    assert kept.solve().dispatch.objective_cny == pytest.approx(solve(starter()).dispatch.objective_cny, rel=1e-12)


def test_whole_numbers_have_no_basis():
    one = KeptDispatch(read_park(STARTER, hours=(0, 24)), level="mixed_integer", with_network=False)
    assert not one.start_from(Basis(np.zeros(0, dtype=np.int8), np.zeros(0, dtype=np.int8)))
    one.solve()
    assert one.basis() is None


def test_options_of_the_caller_stand(monkeypatch: pytest.MonkeyPatch):
    """Proves: a method that the caller chose is kept in a warm solve too."""
    one = KeptDispatch(starter(), with_network=False, options={"simplex_strategy": highs.DUAL})
    one.solve()
    one.change(starter(PRICE))
    one.solve()
    assert strategy(one) == highs.DUAL
