"""Wind conversion: equal to windpowerlib's ModelChain on the same choices, and each refinement by hand."""

import os
from math import erf, log, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gridsim.errors import DefinitionError
from gridsim.profiles.conversion import Turbine, WindPark, library, wind_power_pu
from gridsim.profiles.conversion.choices import from_mapping
from gridsim.profiles.conversion.cut_out import cold_running, latched, storm_share
from gridsim.profiles.conversion.power_curve import averaged_curve, density_corrected_power_pu, synthetic_power_pu
from gridsim.profiles.conversion.wind import hub_density_kg_per_m3, hub_speed_m_per_s, standard_pressure_pa
from gridsim.profiles.site import Site
from gridsim.profiles.weather.series import Weather

pytest.importorskip("windpowerlib")

DATA = Path(os.environ.get("GRIDSIM_CASE_DATA", Path(__file__).parents[3] / "shared" / "data"))
DRESDEN = Site(51.05, 13.74, 113.0)
CHIFENG = Site(42.27, 118.96, 570.0)

PLAIN = {
    "wake_loss_share": 0.0,
    "availability": 1.0,
    "electrical_losses_share": 0.0,
    "spread_m_per_s": 0.0,
    "cold_cut_out": False,
    "density_correction": False,
}
"""The refinements off."""

STRAIGHT = Turbine("straight", 5.0, 150.0, (100.0,), 2.0, 25.0, 22.0, -30.0, (0.0, 2.0, 12.0, 25.0), (0.0, 0.0, 1.0, 1.0), "test")
"""A curve that one can calculate with: (v - 2) / 10 from 2 to 12 m/s."""


@pytest.fixture(scope="module")
def dresden():
    file = DATA / "dresden_tmy_hourly.csv"
    if not file.exists():
        pytest.skip(f"{file.name} is not in GRIDSIM_CASE_DATA")
    raw = pd.read_csv(file, parse_dates=["time"], index_col="time").tz_localize("UTC")
    table = raw.rename(columns={"temperature_C": "temperature_degc", "wind_speed_m_s": "wind_speed_m_per_s"})
    pressure = 100000.0 + 1500.0 * np.sin(np.arange(len(table)) / 50.0)
    return Weather(DRESDEN, table[["temperature_degc", "wind_speed_m_per_s"]].assign(pressure_pa=pressure))


def hours(speeds, temperature_degc=15.0, height_m=100.0, **more):
    index = pd.date_range("2030-01-01", periods=len(speeds), freq="h", tz="Etc/GMT-8")
    table = {"wind_speed_m_per_s": np.asarray(speeds, dtype=float), "temperature_degc": temperature_degc} | more
    return Weather(CHIFENG, pd.DataFrame(table, index=index), wind_height_m=height_m)


def model_chain_pu(weather, park, **models):
    """The same turbine by windpowerlib's ModelChain. [pu of rated power]"""
    from windpowerlib import ModelChain, WindTurbine

    turbine = WindTurbine(hub_height=park.hub_m, turbine_type=park.turbine_type.name.removeprefix("oedb:"))
    frame = pd.DataFrame(
        {
            ("wind_speed", weather.wind_height_m): weather.table["wind_speed_m_per_s"],
            ("temperature", 2.0): weather.table["temperature_degc"] + 273.15,
            ("pressure", 0.0): weather.table["pressure_pa"],
            ("roughness_length", 0.0): park.roughness_m,
        }
    )
    chain = ModelChain(turbine, density_model="barometric", temperature_model="linear_gradient", **models).run_model(frame)
    return chain.power_output.to_numpy() / turbine.nominal_power


@pytest.mark.parametrize("turbine", ["oedb:V126/3450", "oedb:N131/3000", "oedb:E-141/4200"])
@pytest.mark.parametrize("terrain", ["steppe", "villages"])
def test_equals_model_chain(dresden, turbine, terrain):
    """Proves: every hour of the Dresden year within 1e-6 of windpowerlib's ModelChain. Breaks as: 1e-2 and more by another height or curve."""
    park = WindPark(turbine=turbine, terrain=terrain, hub_height_m=135.0, **PLAIN)
    theirs = model_chain_pu(dresden, park, wind_speed_model="logarithmic")
    assert 500.0 < theirs.sum() < 6000.0
    assert np.abs(wind_power_pu(dresden, park) - theirs).max() < 1e-6


def test_equals_model_chain_with_density_and_power_law(dresden):
    """Proves: the same with corrected density and shear exponent, below the moved cut-out (ours stays where the anemometer has it)."""
    park = WindPark(turbine="oedb:V126/3450", shear_exponent=0.2, hub_height_m=117.0, **PLAIN | {"density_correction": True})
    theirs = model_chain_pu(dresden, park, wind_speed_model="hellman", hellman_exp=0.2, density_correction=True)
    below = hub_speed_m_per_s(dresden, park) < 20.0
    assert below.mean() > 0.99
    assert np.abs(wind_power_pu(dresden, park) - theirs)[below].max() < 1e-6


def test_density_correction_equals_windpowerlib_hour_by_hour():
    """Proves: our all-at-once equation is theirs for every combination of speed and air, the ends of the curve included."""
    from windpowerlib.power_output import power_curve_density_correction

    rng = np.random.default_rng(5)
    speed, density = rng.uniform(0.0, 32.0, 4000), rng.uniform(0.85, 1.45, 4000)
    turbine = library.turbine("oedb:V126/3450")
    curve = np.asarray(turbine.speeds_m_per_s), np.asarray(turbine.power_pu)
    theirs = power_curve_density_correction(speed, *curve, density)
    assert np.abs(density_corrected_power_pu(speed, density, *curve) - theirs).max() < 1e-12


def test_averaging_equals_windpowerlib_where_its_sum_is_fine_enough():
    """Proves: spread in proportion to speed is windpowerlib's smoothing by turbulence intensity, to 0.5 % of rated power between 6 and 14 m/s."""
    from windpowerlib.power_curves import smooth_power_curve

    turbine = library.turbine("oedb:V126/3450")
    speeds, power = np.asarray(turbine.speeds_m_per_s), np.asarray(turbine.power_pu)
    theirs = smooth_power_curve(pd.Series(speeds), pd.Series(power), block_width=0.1, turbulence_intensity=0.12, wind_speed_range=15.0)
    ours = np.interp(theirs["wind_speed"], *averaged_curve(speeds, power, 0.0, 0.12))
    middle = theirs["wind_speed"].between(6.0, 14.0).to_numpy()
    assert np.abs(ours - theirs["value"].to_numpy())[middle].max() < 0.005


def test_logarithmic_and_power_law_profiles_by_hand():
    """Proves: 5 m/s at 10 m over steppe is 5 ln(100/0.03) / ln(10/0.03) = 6.982 m/s at 100 m; with exponent 0.2 5 * 10^0.2 = 7.924 m/s."""
    weather = hours([5.0], height_m=10.0)
    steppe = WindPark(turbine=STRAIGHT, **PLAIN)
    assert hub_speed_m_per_s(weather, steppe)[0] == pytest.approx(5.0 * log(100 / 0.03) / log(10 / 0.03), abs=1e-9)
    assert hub_speed_m_per_s(weather, WindPark(turbine=STRAIGHT, shear_exponent=0.2, **PLAIN))[0] == pytest.approx(7.9245, abs=1e-4)
    assert wind_power_pu(weather, steppe)[0] == pytest.approx((6.982 - 2.0) / 10.0, abs=1e-3)
    rough = WindPark(turbine=STRAIGHT, terrain="villages", **PLAIN)
    assert hub_speed_m_per_s(weather, rough)[0] > hub_speed_m_per_s(weather, steppe)[0]
    assert hub_speed_m_per_s(hours([5.0], height_m=100.0), rough)[0] == 5.0


def test_density_at_the_hub_by_hand():
    """Proves: 570 m give 94 662 Pa (tables of the standard atmosphere: 500 m 95 461, 600 m 94 322); 100 m higher 1250 Pa less; 15 degC less
    0.637 K: 1.225 * 934.12 / 1013.3 * 288.15 / 287.513 = 1.1318 kg/m3.
    """
    park = WindPark(turbine=STRAIGHT, **PLAIN)
    assert standard_pressure_pa(570.0) == pytest.approx(94662.0, abs=5.0)
    density = hub_density_kg_per_m3(hours([5.0]), park)[0]
    assert density == pytest.approx(1.225 * (946.62 - 12.5) / 1013.3 * 288.15 / (288.15 - 0.637), abs=1e-4)
    given = hub_density_kg_per_m3(hours([5.0], pressure_pa=80000.0), park)[0]
    assert given / density == pytest.approx((800.0 - 12.5) / (946.62 - 12.5), rel=1e-4)


def test_density_moves_power_by_its_equation():
    """Proves: below 7.5 m/s the curve moves by (1.225/rho)^(1/3): at rho = 1.0 the power of 7 m/s is that of 7 * (1/1.225)^(1/3) = 6.542 m/s."""
    curve = np.arange(0.0, 26.0, 0.5), np.clip((np.arange(0.0, 26.0, 0.5) - 2.0) / 10.0, 0.0, 1.0)
    thin = density_corrected_power_pu(np.array([7.0]), np.array([1.0]), *curve)[0]
    assert thin == pytest.approx((7.0 * (1.0 / 1.225) ** (1 / 3) - 2.0) / 10.0, abs=1e-9)
    dense = density_corrected_power_pu(np.array([7.0]), np.array([1.4]), *curve)[0]
    assert thin < 0.5 < dense
    assert density_corrected_power_pu(np.array([13.0, 14.0]), np.array([1.225, 1.225]), *curve).tolist() == [1.0, 1.0]


def test_losses_multiply():
    """Proves: 8 % wakes, 96 % availability and 3 % cables leave 0.92 * 0.96 * 0.97 = 0.8567 of any power."""
    weather = hours([4.0, 8.0, 11.0, 20.0])
    lossy = WindPark(turbine=STRAIGHT, **PLAIN | {"wake_loss_share": 0.08, "availability": 0.96, "electrical_losses_share": 0.03})
    plain = wind_power_pu(weather, WindPark(turbine=STRAIGHT, **PLAIN))
    assert plain == pytest.approx([0.2, 0.6, 0.9, 1.0])
    assert wind_power_pu(weather, lossy) == pytest.approx(plain * 0.92 * 0.96 * 0.97)


def test_wake_curve_lowers_the_wind_not_the_rated_power():
    """Proves: dena_mean as windpowerlib applies it: power of the reduced wind; nothing is lost far above rated wind."""
    from windpowerlib.wake_losses import reduce_wind_speed

    speeds = np.array([4.0, 8.0, 11.0, 20.0])
    park = WindPark(turbine=STRAIGHT, wake_curve="dena_mean", **PLAIN)
    reduced = reduce_wind_speed(speeds, "dena_mean")
    power = wind_power_pu(hours(speeds), park)
    assert power == pytest.approx(np.clip((reduced - 2.0) / 10.0, 0.0, 1.0))
    assert power[1] < 0.6 and power[3] == 1.0


def test_storm_hysteresis_by_hand():
    """Proves: above 25 it stops, and comes back at 22 or less, not before. Breaks as: power at 24 m/s on the way down without hysteresis."""
    speeds = [20.0, 25.0, 25.5, 24.0, 22.5, 22.0, 24.0, 26.0]
    assert wind_power_pu(hours(speeds), WindPark(turbine=STRAIGHT, **PLAIN)).tolist() == [1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0]


def test_storm_control_turns_down_by_hand():
    """Proves: over a ramp of 5 m/s above 25 m/s, 26 leaves 4/5, 29 leaves 1/5, 30 nothing, and there is no waiting on the way back."""
    park = WindPark(turbine=STRAIGHT, storm="ramp_down", storm_ramp_m_per_s=5.0, **PLAIN)
    assert wind_power_pu(hours([25.0, 26.0, 29.0, 30.0, 40.0, 26.0]), park) == pytest.approx([1.0, 0.8, 0.2, 0.0, 0.0, 0.8])


def test_turbines_of_a_park_stop_one_after_another():
    """Proves: with 1 m/s between turbines half of them have stopped when the mean is at cut-out, Phi(-1) = 16 % a metre below; restart follows."""
    share = storm_share(np.array([20.0, 24.0, 25.0, 28.0, 15.0]), 1.0, 25.0, 22.0, 0.0)
    assert share == pytest.approx([1.0, 1.0 - 0.5 * (1 + erf(-1 / sqrt(2))), 0.5, 0.0, 1.0], abs=0.04)


def test_cold_stop_and_its_hysteresis_by_hand():
    """Proves: below -30 degC at the hub it stops; it starts again at -27 degC, 3 K warmer. The hub is 0.64 K colder than the ground."""
    ground = np.array([-20.0, -29.3, -29.4, -28.0, -26.4, -26.3, -28.0])
    assert cold_running(ground - 0.0065 * 98.0, -30.0, 3.0).tolist() == [True, True, False, False, False, True, True]
    power = wind_power_pu(hours([10.0] * 7, ground), WindPark(turbine=STRAIGHT, **PLAIN | {"cold_cut_out": True}))
    assert power == pytest.approx([0.8, 0.8, 0.0, 0.0, 0.0, 0.8, 0.8])
    warm = wind_power_pu(hours([10.0] * 7, ground), WindPark(turbine=STRAIGHT, min_operating_degc=-40.0, **PLAIN | {"cold_cut_out": True}))
    assert warm.min() > 0.0


def test_a_latch_starts_running_and_prefers_to_stop():
    both = np.array([True, False])
    assert latched(np.array([False, False]), np.array([False, False])).tolist() == [True, True]
    assert latched(both, both).tolist() == [False, False]


def test_spread_rounds_the_knee_by_its_equation():
    """Proves: a step at 12 m/s becomes Phi((v - 12) / s): 0.5 at the step and 0.8413 one deviation above. Energy on a straight line stays."""
    speeds, power = averaged_curve(np.array([0.0, 11.9999, 12.0, 30.0]), np.array([0.0, 0.0, 1.0, 1.0]), 1.5)
    assert np.interp([12.0, 13.5], speeds, power) == pytest.approx([0.5, 0.8413], abs=0.015)
    spread = WindPark(turbine=STRAIGHT, **PLAIN | {"spread_m_per_s": 0.5})
    assert wind_power_pu(hours([7.0]), spread)[0] == pytest.approx(0.5, abs=1e-6)
    assert wind_power_pu(hours([12.0]), spread)[0] == pytest.approx(1.0 - 0.05 / sqrt(2 * 3.141592653589793), abs=1e-3)


def test_synthetic_curve_by_hand():
    """Proves: without turbulence 6.7 MW on 191 m at 8 m/s give 0.5 * 1.225 * 28 652 m2 * 0.44 * 512 / 6.7e6 = 0.5901; turbulence of 10 % adds
    3 TI^2 = 3 % well below rated (third moment of a normal wind). Cut-in is sharp.
    """
    power = synthetic_power_pu(np.array([2.4, 5.0, 20.0]), 6.7, 191.0, 2.5)
    steady = 0.5 * 1.225 * 28652.1 * 0.44 * 125.0 / 6.7e6
    assert power[0] == 0.0
    assert power[1] == pytest.approx(1.03 * steady, rel=2e-3)
    assert power[2] == pytest.approx(1.0, abs=1e-6)


def test_synthetic_curves_meet_published_ones():
    """Proves: rotors above 110 m and at most 290 W/m2: at Weibull 7.5 m/s, k 2.1, energies within 1 % in the mean and 5 % for each."""
    import windpowerlib

    table = pd.read_csv(Path(windpowerlib.__file__).parent / "oedb" / "turbine_data.csv")
    table = table[table["has_power_curve"].astype(bool) & (table["rotor_diameter"] >= 110)]
    speed = np.arange(0.0, 35.0, 0.05)
    scale = 7.5 / 0.88569
    weight = 2.1 / scale * (speed / scale) ** 1.1 * np.exp(-((speed / scale) ** 2.1))
    differences = []
    for name in table["turbine_type"]:
        turbine = library.turbine(f"oedb:{name}")
        if 4e6 * turbine.rated_mw / (np.pi * turbine.rotor_diameter_m**2) > 290.0:
            continue
        published = np.interp(speed, turbine.speeds_m_per_s, turbine.power_pu, right=0.0) @ weight
        made = synthetic_power_pu(speed, turbine.rated_mw, turbine.rotor_diameter_m, turbine.cut_in_m_per_s)
        differences.append((made * (speed <= turbine.cut_out_m_per_s)) @ weight / published - 1.0)
    assert len(differences) >= 15
    assert abs(np.mean(differences)) < 0.01
    assert np.abs(differences).max() < 0.05


def test_default_park_on_a_chifeng_ridge_has_the_full_load_hours_of_the_region():
    """Proves: Weibull 7.6 m/s (k 2.1) at hub height, 8 degC at 640 m: 2900 to 3500 h for the default turbine; sum of independent hours."""
    rank = (np.arange(8760) + 0.5) / 8760
    speeds = 7.6 / 0.88569 * (-np.log(1.0 - rank)) ** (1 / 2.1)
    park = WindPark()
    weather = hours(np.random.default_rng(1).permutation(speeds), 8.0, height_m=park.hub_m)
    full_load_hours = wind_power_pu(Weather(Site(42.94, 119.02, 640.0), weather.table, park.hub_m), park).sum()
    assert 2900.0 < full_load_hours < 3500.0


def test_every_mistake_of_a_park_is_told_at_once():
    given = {"turbine": "goldwind_gwh191", "terrain": "meadow", "availability": 96, "wake_curve": "dena_mean", "hub_hight_m": 100}
    with pytest.raises(DefinitionError) as error:
        from_mapping(WindPark, given, "wind park 'ridge'")
    assert {problem.where for problem in error.value.problems} == {"turbine", "terrain", "availability", "wake_loss_share", "hub_hight_m"}
    assert "did you mean 'goldwind_gwh191_6700'" in str(error.value)
    with pytest.raises(DefinitionError, match="terrain and shear_exponent: exclude each other"):
        WindPark(terrain="steppe", shear_exponent=0.14)
    with pytest.raises(DefinitionError, match="not above half the rotor"):
        WindPark(turbine=STRAIGHT, hub_height_m=60.0)
    with pytest.raises(DefinitionError, match="'5' is not in the library"):
        WindPark(turbine=5)


def test_a_park_is_described_with_what_decides_its_power():
    text = WindPark(turbine="goldwind_gwh191_6700", terrain="farmland").described()
    assert text.startswith("goldwind_gwh191_6700, 6.7 MW, rotor 191 m, hub 115 m; curve synthetic")
    assert "wakes 0.08, availability 0.96, electrical losses 0.03" in text and "roughness 0.1 m" in text


def test_weather_without_wind_or_air_is_refused():
    weather = hours([5.0], height_m=0.01)
    with pytest.raises(DefinitionError, match="has 3 problems"):
        wind_power_pu(Weather(CHIFENG, weather.table[[]], 0.01), WindPark())
    calm = Weather(CHIFENG, weather.table[["wind_speed_m_per_s"]], 100.0)
    assert wind_power_pu(calm, WindPark(turbine=STRAIGHT, **PLAIN))[0] == pytest.approx(0.3)
