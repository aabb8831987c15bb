"""What each model says, by hand where it can be, and that none looks ahead."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from gridsim.errors import DefinitionError
from gridsim.park.read import read_park
from gridsim.vpp.forecast.autoregressive import Fit, autoregressive, fitted
from gridsim.vpp.forecast.calendar import envelope, last_same_time
from gridsim.vpp.forecast.calibration import calibrated
from gridsim.vpp.forecast.checks import forecast_findings
from gridsim.vpp.forecast.climate import climate_of
from gridsim.vpp.forecast.forecasts import ensembles, forecasts
from gridsim.vpp.forecast.kinds import kinds, mw_per_unit
from gridsim.vpp.forecast.persistence import persistence
from gridsim.vpp.forecast.scores import ensemble_scores, scores
from gridsim.vpp.forecast.section import ForecastFile, ForecastSection, KindForecast
from gridsim.vpp.forecast.shipped import data, shipped_growth
from gridsim.vpp.forecast.tables import ForecastTable, looked_up, target_steps

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def park():
    """The starter park over its year, with a market price that follows its load."""
    park = read_park(ROOT / "networks/starter")
    tariff = next(iter(park.tariffs.values()))
    priced = tariff.model_copy(update={"energy_price_cny_per_mwh": None, "energy_price_profile": "price"})
    noise = np.random.default_rng(5).normal(size=park.time.steps)
    price = 200.0 + 250.0 * park.profiles["load"] + 40.0 * np.convolve(noise, np.exp(-np.arange(24) / 6.0), mode="same") / 1.8
    return dataclasses.replace(park, tariffs={name: priced for name in park.tariffs}, profiles={**park.profiles, "price": price})


def all_of(model: str, **more: float) -> ForecastSection:
    """One model for every kind."""
    kind = KindForecast(model=model, **more)
    return ForecastSection(wind=kind, solar=kind, load=kind, price=kind)


def test_a_profile_s_kind_is_who_uses_it(park):
    """**Proves**: technologies and tariffs decide; a profile of two kinds is refused by name."""
    assert kinds(park) == {"wind": "wind", "solar": "solar", "load": "load", "price": "price"}
    assert mw_per_unit(park, "wind") == 60.0
    assert mw_per_unit(park, "load") == pytest.approx(30.0 / park.profile_peaks["load"], rel=1e-12)
    assert mw_per_unit(park, "price") is None
    technologies = {**park.technologies, "solar_1": park.technologies["solar_1"].model_copy(update={"profile": "wind"})}
    with pytest.raises(DefinitionError, match="'wind' is used as wind and as solar"):
        kinds(dataclasses.replace(park, technologies=technologies))


def test_perfect_is_what_happens_and_ends_with_the_series(park):
    """**Proves**: column h is step issue + h; beyond the year there is no value."""
    table = forecasts(park, all_of("perfect"), issue_steps=np.array([0, 8758]), horizon_steps=4, seed=1)
    assert table.at(0)["wind"].tolist() == park.profiles["wind"][:4].tolist()
    assert table.series("wind")[1, :2].tolist() == park.profiles["wind"][8758:].tolist()
    assert np.isnan(table.series("wind")[1, 2:]).all()
    assert table.target_step[1].tolist() == [8758, 8759, 8760, 8761]


def test_the_same_time_of_day_before_an_issue():
    """**Proves**: at the start of step 30, step 30 was last seen at 6, step 53 at 29, step 54 (two days on) at 6."""
    steps = target_steps(np.array([30]), 25)
    before = last_same_time(steps, np.array([30]), 24)[0]
    assert (before[0], before[23], before[24]) == (6, 29, 6)
    assert (before < 30).all()


def test_persistence_by_kind(park):
    """**Proves**: wind the last value; load the same hour of the day before; sun: envelope of 15 days times the last day's clearness."""
    time, issue = park.time, np.array([0, 1000])
    wind, load, sun = (park.profiles[name] for name in ("wind", "load", "solar"))
    assert persistence(wind, "wind", time, issue, 3, 0.4).tolist() == [[0.4] * 3, [wind[999]] * 3]
    found = persistence(load, "load", time, issue, 30, 0.5)
    assert found[1, :24].tolist() == load[976:1000].tolist()
    assert found[1, 24] == load[976]
    clear = np.array([sun[[999 - 24 * day - (999 - 988) + 0 for day in range(15)]].max()])  # step 1012 was last seen at 988
    clear_day = sum(max(sun[step - 24 * day] for day in range(15)) for step in range(976, 1000))
    expected = clear[0] * sun[976:1000].sum() / clear_day
    assert persistence(sun, "solar", time, issue, 20, 0.2)[1, 12] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("model", [persistence, autoregressive])
@pytest.mark.parametrize("name", ["wind", "solar", "load", "price"])
def test_what_is_to_come_does_not_matter(park, model, name):
    """**Proves**: no leakage: other values from the issue on leave the forecast as it was (of the sun: other values of the same sunlit hours)."""
    actual, issue = park.profiles[name], np.array([400, 2000, 2001])
    changed = actual.copy()
    changed[2001:] *= 0.37
    first, second = (model(series, name, park.time, issue, 48, 0.3) for series in (actual, changed))
    assert first.tolist() == second.tolist()
    last = model(np.where(np.arange(actual.size) == 2000, actual * 0.5 + 0.1, actual), name, park.time, np.array([2001]), 48, 0.3)
    assert name == "solar" or last[0].tolist() != first[2].tolist()


def test_yule_walker_finds_the_coefficients_it_was_given():
    """**Proves**: order 2 with 1.2 and −0.4 from 40,000 steps, and the forecast two steps ahead φ₁² + φ₂, φ₁ φ₂ of the last two values."""
    from scipy.signal import lfilter

    series = 5.0 + lfilter([1.0], [1.0, -1.2, 0.4], np.random.default_rng(3).normal(size=40_000))
    fit = fitted(series)
    assert fit.mean == pytest.approx(5.0, abs=0.15)
    assert fit.coefficients[:2] == pytest.approx([1.2, -0.4], abs=0.03)
    assert Fit(0.0, np.array([1.2, -0.4])).weights(2) == pytest.approx(np.array([[1.2, -0.4], [1.04, -0.48]]), abs=1e-12)


def test_autoregression_beats_persistence_where_the_series_forgets(park):
    """**Proves**: on each shipped series its error an hour ahead is smaller by a quarter at least; a day ahead it is not much worse anywhere."""
    issue = np.arange(1500, 8700, 5)
    for name, kind in kinds(park).items():
        actual = park.profiles[name]
        rule, fit = (ForecastTable(issue, {name: model(actual, kind, park.time, issue, 24, float(actual.mean()))}) for model in (persistence, autoregressive))
        skill = scores(fit, actual, name, step_hours=1.0, reference=rule).skill
        assert skill[0] > 0.25, name
        assert skill[23] > -0.02, name


def test_the_climate_gives_back_what_happened(park):
    """**Proves**: b + s g(z) is the series itself, to rounding; nothing known is the error of the climate, everything known none."""
    for name, kind in kinds(park).items():
        actual = park.profiles[name]
        climate = climate_of(actual, kind, park.time)
        assert climate.values(climate.score, np.arange(actual.size)) == pytest.approx(actual, abs=1e-9)
        assert climate.information(np.array([0.0, 1e9])).tolist() == [1.0, 0.0]
    wind = climate_of(park.profiles["wind"], "wind", park.time)
    assert wind.unit("variation") == pytest.approx(park.profiles["wind"].std(), rel=2e-3)


def test_errors_of_the_ensemble_are_those_asked_for(park):
    """**Proves**: root mean square errors by lead within 5 % of the shipped growth, over three seeds; no bias beyond 1 % of capacity; nights are zero."""
    issue, growth = np.arange(0, 8700, 3), shipped_growth("wind")
    sunlit = envelope(park.profiles["solar"], 24, 15, 15) > 0
    leads, square, sun = np.array([1, 4, 24, 48]), np.zeros(4), np.zeros(4)
    for seed in (1, 2, 3):
        table = forecasts(park, None, issue_steps=issue, horizon_steps=48, seed=seed)
        found = scores(table, park.profiles["wind"], "wind", step_hours=1.0)
        square += found.rmse[leads - 1] ** 2 / 3
        assert np.abs(found.bias).max() < 0.012
        sun += scores(table, park.profiles["solar"], "solar", step_hours=1.0, counted=sunlit).rmse[leads - 1] ** 2 / 3
        dark = ~sunlit[np.clip(table.target_step, 0, 8759)]
        assert (table.values["solar"][dark & (table.target_step < 8760)] == 0.0).all()
        for name, largest in (("wind", 1.0), ("solar", 1.0), ("load", 1.2)):
            assert np.nanmin(table.values[name]) >= 0.0 and np.nanmax(table.values[name]) <= largest
    assert np.sqrt(square) == pytest.approx(growth.at(leads.astype(float)), rel=0.05)
    assert np.sqrt(sun) == pytest.approx(shipped_growth("solar").at(leads.astype(float)), rel=0.06)


def test_a_later_forecast_is_an_update_of_the_earlier(park):
    """**Proves**: a martingale: what an issue changes is foreseen neither from the earlier forecast nor left in the later one's error."""
    table = forecasts(park, None, issue_steps=np.arange(8700), horizon_steps=30, seed=4)
    values, actual = table.values["wind"], looked_up(park.profiles["wind"], table.target_step)
    earlier, later, happened = values[:-6, 26], values[6:, 20], actual[6:, 20]
    assert abs(np.corrcoef(later - earlier, earlier)[0, 1]) < 0.05
    assert abs(np.corrcoef(later - earlier, happened - later)[0, 1]) < 0.05
    assert np.corrcoef(happened - later, happened - earlier)[0, 1] > 0.8
    assert (happened - later).std() < (happened - earlier).std()


def test_members_are_reliable_and_their_mean_is_the_forecast(park):
    """**Proves**: ranks flat within 3 %, spread within 20 % of the error (few holidays decide that of the load), mean of 400 members near the best estimate."""
    few = ensembles(park, None, issue_steps=np.arange(0, 8700, 11), horizon_steps=24, seed=6, members=10)
    for name in ("wind", "solar", "load", "price"):
        found = ensemble_scores(few, park.profiles[name], name, step_hours=1.0)
        assert found.unevenness < 0.03, name
        assert (found.spread[[0, 3, 23]] / found.rmse_of_mean[[0, 3, 23]]) == pytest.approx(np.ones(3), abs=0.2), name
    issue = np.array([100, 3000])
    many = ensembles(park, None, issue_steps=issue, horizon_steps=24, seed=6, members=400)
    best = forecasts(park, None, issue_steps=issue, horizon_steps=24, seed=6)
    error = np.abs(many.mean().values["wind"] - best.values["wind"])
    assert (error <= 4 * many.values["wind"].std(axis=1) / 20 + 1e-4).all()
    one = ensembles(park, None, issue_steps=issue, horizon_steps=24, seed=6, members=1)
    assert many.member(0).values["wind"] == pytest.approx(one.values["wind"][:, 0], abs=1e-9)


def test_parks_of_one_kind_share_their_weather(park):
    """**Proves**: errors of two farms with one series of wind correlate more than the noise alone would, and fully where all noise is shared."""
    farm = park.technologies["wind_1"].model_copy(update={"profile": "wind_2"})
    two = dataclasses.replace(park, technologies={**park.technologies, "wind_2": farm}, profiles={**park.profiles, "wind_2": park.profiles["wind"]})
    issue = np.arange(0, 8700, 12)
    correlation = {}
    for shared in (0.0, 0.6, 1.0):
        spec = ForecastSection(wind=KindForecast(shared=shared))
        table = forecasts(two, spec, issue_steps=issue, horizon_steps=24, seed=8)
        first, second = (table.values[name][:, 23] - looked_up(park.profiles["wind"], table.target_step)[:, 23] for name in ("wind", "wind_2"))
        correlation[shared] = float(np.corrcoef(first, second)[0, 1])
    assert correlation[0.0] < correlation[0.6] < correlation[1.0] == pytest.approx(1.0, abs=1e-12)
    assert correlation[0.6] > 0.6


def test_calibration_gives_back_the_growth_it_was_made_with(park):
    """**Proves**: a year's table in, the growth out within 5 %, the memory within a third; and it can be written into the section again."""
    own = KindForecast(lead_hours=[1.0, 6.0, 24.0, 48.0], error=[0.05, 0.09, 0.15, 0.17], per="capacity", memory_hours=6.0)
    table = forecasts(park, ForecastSection(wind=own), issue_steps=np.arange(8760), horizon_steps=48, seed=9)
    found = calibrated(table, park.profiles["wind"], "wind", kind="wind", time=park.time, lead_hours=(1.0, 6.0, 24.0, 48.0))
    assert found.growth.error == pytest.approx((0.05, 0.09, 0.15, 0.17), rel=0.05)
    assert found.memory_found and found.growth.memory_hours == pytest.approx(6.0, rel=0.34)
    assert np.abs(found.bias).max() < 0.012
    again = KindForecast(lead_hours=list(found.growth.lead_hours), error=list(found.growth.error), per=found.growth.per, memory_hours=found.growth.memory_hours)
    assert not list(forecast_findings(ForecastSection(wind=again), park))
    lone = ForecastTable(np.array([5]), {"wind": table.values["wind"][5:6]})
    assert not calibrated(lone, park.profiles["wind"], "wind", kind="wind", time=park.time).memory_found


@pytest.mark.parametrize("model", ["ensemble", "persistence", "autoregressive"])
def test_one_scale_moves_the_error_of_every_kind_alike(park, model: str):
    """**Proves**: at 0 each series is what happens; the error's spread is in proportion, of rules exactly, of the ensemble while it is far from the climate's.

    The error of each kind is on top: half of twice is once.
    """
    issue = np.arange(48, 8000, 12 if model == "ensemble" else 480)

    def of(scale: float, own: float = 1.0) -> dict[str, np.ndarray]:
        spec = all_of(model, **({"scale": own} if own != 1.0 else {})).model_copy(update={"scale": scale})
        table = forecasts(park, spec, issue_steps=issue, horizon_steps=6, seed=3)
        return {name: values - looked_up(park.profiles[name], table.target_step) for name, values in table.values.items()}

    whole, half, none = of(0.5), of(0.25), of(0.0)
    assert set(whole) == {"wind", "solar", "load", "price"}
    for name in whole:
        np.testing.assert_allclose(none[name], 0.0, atol=1e-9)
        if model == "ensemble":
            assert half[name].std() / whole[name].std() == pytest.approx(0.5, abs=0.03), name
        else:
            np.testing.assert_allclose(half[name], 0.5 * whole[name], atol=1e-9)
    if model == "ensemble":
        twice = of(0.25, own=2.0)
        assert all((twice[name] == whole[name]).all() for name in whole)


def test_one_scale_moves_a_table_of_the_users_own(park, tmp_path):
    """**Proves**: half way between what happens and the table."""
    hours = [f"2030-01-01 {hour:02d}:00" for hour in range(4)]
    lines = ["issue_time,target_time,w", *(f"{hours[0]},{hour},0.9" for hour in hours)]
    (tmp_path / "f.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    spec = ForecastSection(scale=0.5, files=[ForecastFile(file="f.csv", columns={"wind": "w"})])
    table = forecasts(dataclasses.replace(park, folder=tmp_path), spec, issue_steps=np.array([0]), horizon_steps=4, seed=1)
    np.testing.assert_allclose(table.values["wind"][0], 0.45 + 0.5 * park.profiles["wind"][:4])


def test_a_scale_of_no_error_is_refused(park):
    """**Proves**: where every kind is perfect a scale does nothing, and says so."""
    assert [where for where, _, _ in forecast_findings(all_of("perfect").model_copy(update={"scale": 2.0}), park)] == ["vpp.forecast.scale"]
    assert not list(forecast_findings(ForecastSection(scale=2.0), park))
    with pytest.raises(ValueError, match="scale"):
        ForecastSection(scale=-1.0)


def test_every_shipped_error_has_a_source_and_a_certainty():
    """**Proves**: no figure without both; errors never fall with the lead."""
    for kind, entry in data().items():
        points = [*entry["growth"], entry["memory_hours"], entry["shared"]]
        assert all(point["source"] and point["certainty"] in {"V1", "V2", "C", "M", "M?", "A", "X"} for point in points), kind
        errors = [point["error"] for point in entry["growth"]]
        assert errors == sorted(errors)


def test_all_findings_at_once(park):
    """**Proves**: each mistake of the section is named with its path and a remedy."""
    spec = ForecastSection(
        wind=KindForecast(lead_hours=[1.0, 24.0], error=[0.2, 0.1], per="capacity"),
        solar=KindForecast(error=[0.1]),
        load=KindForecast(model="persistence", scale=2.0),
        price=KindForecast(lead_hours=[2.0, 1.0], error=[0.1, 0.2], per="capacity"),
        files=[ForecastFile(file="a.csv", columns={"wnd": "x", "price": "p"}, units={"price": "MW", "load": "MW"}, time_zone="Asia/Shanghi")],
    )
    with pytest.raises(DefinitionError) as caught:
        forecasts(park, spec, issue_steps=np.array([0]), horizon_steps=2, seed=1)
    places = {problem.where for problem in caught.value.problems}
    assert places == {
        "vpp.forecast.wind.error",
        "vpp.forecast.solar.lead_hours",
        "vpp.forecast.solar.per",
        "vpp.forecast.load.scale",
        "vpp.forecast.price.lead_hours",
        "vpp.forecast.price.per",
        "vpp.forecast.files.0.time_zone",
        "vpp.forecast.files.0.columns.wnd",
        "vpp.forecast.files.0.units.price",
        "vpp.forecast.files.0.units.load",
    }
    assert all(problem.remedy for problem in caught.value.problems)


def test_first_hours_are_filled_and_said(park):
    """**Proves**: an issue without past takes the mean, and the table says so; misuse by a caller is refused."""
    table = forecasts(park, all_of("persistence"), issue_steps=np.array([0, 30]), horizon_steps=2, seed=1)
    assert table.values["wind"][0].tolist() == [park.profile_means["wind"]] * 2
    assert any("wind: 1 issues had less than a day of past" in note for note in table.notes)
    with pytest.raises(ValueError, match="must rise"):
        forecasts(park, None, issue_steps=np.array([3, 3]), horizon_steps=2, seed=1)
    with pytest.raises(ValueError, match="shapes"):
        ForecastTable(np.array([1]), {"wind": np.zeros((2, 3))})
