"""Scores of forecasts against closed forms, numerical integrals and sums done by hand."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr, ndtri

from gridsim.vpp.forecast.scores import crps, crps_normal, ensemble_scores, pinball, scores
from gridsim.vpp.forecast.tables import EnsembleTable, ForecastTable


def test_crps_of_a_normal_is_the_integral_of_its_definition():
    """**Proves**: ∫ (F(x) − 1{x ≥ y})² dx for three places of what happened."""
    for happened in (-1.0, 0.3, 2.5):
        below = quad(lambda x: ndtr((x - 0.5) / 1.5) ** 2, -30, happened)[0]
        above = quad(lambda x: (1 - ndtr((x - 0.5) / 1.5)) ** 2, happened, 30)[0]
        assert crps_normal(np.array(0.5), np.array(1.5), np.array(happened)) == pytest.approx(below + above, abs=1e-8)


def test_crps_of_an_ensemble_is_the_integral_over_its_steps():
    """**Proves**: of members 0, 1, 4 and 2: ∫ = 1·(1/3)² + 1·(2/3)² + 2·(1/3)² = 7/9; fair: 5/3 − (1 + 4 + 3) / 6 = 1/3."""
    members = np.array([4.0, 0.0, 1.0])
    assert crps(members, np.array(2.0), fair=False) == pytest.approx(7 / 9, abs=1e-12)
    assert crps(members, np.array(2.0)) == pytest.approx(1 / 3, abs=1e-12)


def test_the_fair_score_of_few_members_is_that_of_many():
    """**Proves**: three members of a normal have the closed form's score on average; **sensitivity**: not fair, it is 0.188 σ larger."""
    rng = np.random.default_rng(1)
    members, happened = rng.normal(size=(400_000, 3)), 0.7
    closed = float(crps_normal(np.array(0.0), np.array(1.0), np.array(happened)))
    assert crps(members, np.full(400_000, happened)).mean() == pytest.approx(closed, abs=4e-3)
    unfair = crps(members, np.full(400_000, happened), fair=False).mean()
    assert unfair - closed == pytest.approx(1 / np.sqrt(np.pi) / 3, abs=4e-3)


def test_the_pinball_loss_over_all_levels_is_half_the_crps():
    """**Proves**: CRPS = 2 ∫ pinball dα, a third way."""
    levels = (np.arange(20_000) + 0.5) / 20_000
    losses = [pinball(ndtri(level), level, np.array(0.4)) for level in levels]
    assert 2 * np.mean(losses) == pytest.approx(float(crps_normal(np.array(0.0), np.array(1.0), np.array(0.4))), abs=1e-4)


def test_errors_by_column():
    """**Proves**: forecasts 1, 2 and 5 of 2, 2, 3: errors of column 0 are −1 and 2; what lies beyond the series does not count."""
    actual = np.array([2.0, 3.0])
    table = ForecastTable(np.array([0, 1]), {"load": np.array([[1.0, 4.0], [5.0, np.nan]])})
    reference = ForecastTable(np.array([0, 1]), {"load": np.array([[4.0, 3.0], [2.0, np.nan]])})
    found = scores(table, actual, "load", step_hours=1.0, norm=2.0, reference=reference)
    assert found.count.tolist() == [2, 1]
    assert found.mae.tolist() == [1.5, 1.0]
    assert found.bias.tolist() == [0.5, 1.0]
    assert found.rmse[0] == pytest.approx(np.sqrt(2.5), abs=1e-12)
    assert found.nmae.tolist() == [0.75, 0.5]
    assert found.skill[0] == pytest.approx(0.0, abs=1e-12)  # reference errors 2, −1
    assert np.isnan(found.skill[1])  # the reference is right
    half = scores(table, actual, "load", step_hours=1.0, counted=np.array([True, False]))
    assert half.mae[0] == 1.0


def test_ranks_are_flat_where_what_happens_is_one_of_the_members():
    """**Proves**: reliability: flat ranks and a spread as large as the error; an ensemble of half the spread shows it."""
    rng = np.random.default_rng(2)
    actual, centre = np.zeros(40_000), rng.normal(size=40_000)
    actual[:] = centre + rng.normal(size=40_000)
    members = centre[:, None, None] + rng.normal(size=(40_000, 9, 1))
    found = ensemble_scores(EnsembleTable(np.arange(40_000), {"wind": members}), actual, "wind", step_hours=1.0)
    assert found.unevenness < 0.01
    assert found.ranks == pytest.approx(np.full(10, 0.1), abs=0.006)
    assert found.spread[0] == pytest.approx(found.rmse_of_mean[0], rel=0.015)
    narrow = centre[:, None, None] + 0.5 * (members - centre[:, None, None])
    shy = ensemble_scores(EnsembleTable(np.arange(40_000), {"wind": narrow}), actual, "wind", step_hours=1.0)
    assert shy.ranks[[0, -1]].min() > 0.18
    assert shy.crps[0] > found.crps[0]


def test_nights_have_no_rank():
    """**Proves**: members that are all alike are left out of the ranks, not spread over them."""
    table = EnsembleTable(np.arange(3), {"sun": np.zeros((3, 4, 2))})
    found = ensemble_scores(table, np.zeros(4), "sun", step_hours=1.0)
    assert found.rank_count == 0
    assert found.crps.tolist() == [0.0, 0.0]
    assert table.mean().values["sun"].shape == (3, 2)
    assert table.member(1).at(2)["sun"].tolist() == [0.0, 0.0]
