"""Loads from annual energy: sizes to the last digit, calendars and cycles by hand."""

import datetime
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("holidays")

from gridsim.errors import DefinitionError
from gridsim.profiles.loads.furnace import FurnaceShop, cycle_level
from gridsim.profiles.loads.kinds import kinds, labels, numbers
from gridsim.profiles.loads.request import LoadRequest, MaintenanceBreak
from gridsim.profiles.loads.series import load_series, loads_table
from gridsim.profiles.loads.working_days import Year, on_shift
from gridsim.profiles.time_axis import TimeAxis

FACTS = {
    "aluminium": (0.97, 0.99),
    "zinc": (0.90, 0.95),
    "copper": (0.85, 0.92),
    "steel_mill": (0.75, 0.85),
    "electric_arc_furnace": (0.5, 0.7),
    "fermentation": (0.85, 0.95),
    "lithium_chemistry": (0.85, 0.92),
    "kiln": (0.85, 0.92),
    "workshop": (0.59, 0.61),
    "residents": (0.4, 0.6),
}
"""Load factors of the facts table."""
ELECTRIC = [name for name, kind in kinds().items() if kind.carrier == "electricity"]


def year(first=2030, step_minutes=60, years=1):
    days = (datetime.date(first + years, 1, 1) - datetime.date(first, 1, 1)).days
    return TimeAxis(datetime.datetime(first, 1, 1), days * 1440 // step_minutes, step_minutes)


def temperature(axis):
    """A year between -12 in January and 24 degC in July, with a daily swing of 5 K."""
    days = np.arange(axis.steps) * axis.step_hours / 24
    return 6.0 - 18.0 * np.cos(2 * np.pi * days / 365) - 5.0 * np.cos(2 * np.pi * days)


def made(axis=None, **keys):
    axis = axis or year()
    return load_series(LoadRequest(**keys), axis, temperature(axis))


def plain(**keys):
    """A works without ripple, stops or overhaul: only what is asked for shapes it."""
    return {"kind": "steel_mill", "annual_energy_mwh": 8760.0, "maintenance": [], "outages_per_year": 0.0} | keys


@pytest.fixture
def _no_ripple(monkeypatch):
    shapes = {name: replace(kind, ripple=0.0) for name, kind in kinds().items()}
    monkeypatch.setattr("gridsim.profiles.loads.request.kinds", lambda: shapes)


# --- sizes


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("step_minutes", [15, 60])
def test_energy_is_met_to_the_last_digits(kind, step_minutes):
    load = made(year(step_minutes=step_minutes), kind=kind, annual_energy_mwh=123456.0)
    assert load.energy_mwh == pytest.approx(123456.0, rel=1e-12)
    assert (load.power_mw >= 0.0).all()
    assert np.isfinite(load.power_mw).all()


@pytest.mark.parametrize(("kind", "load_factor"), [*((name, sum(band) / 2) for name, band in FACTS.items()), ("steam", 0.6), ("space_heat", 0.3)])
@pytest.mark.parametrize("step_minutes", [5, 15, 60])
def test_peak_and_load_factor_are_as_asked(kind, load_factor, step_minutes):
    """Proves: 10 MW at peak and a load factor f are 10 f 8760 MWh."""
    load = made(year(step_minutes=step_minutes), kind=kind, peak_mw=10.0, load_factor=load_factor)
    assert load.power_mw.max() == pytest.approx(10.0, rel=1e-9)
    assert load.load_factor == pytest.approx(load_factor, rel=1e-9)
    assert load.energy_mwh == pytest.approx(10.0 * load_factor * 8760.0, rel=1e-9)


def test_energy_and_peak_fix_the_load_factor():
    load = made(kind="workshop", annual_energy_mwh=4380.0, peak_mw=1.0)
    assert load.power_mw.max() == pytest.approx(1.0, rel=1e-9)
    assert load.load_factor == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize(("kind", "band"), FACTS.items())
def test_shipped_load_factors_lie_in_their_published_ranges(kind, band):
    """The kind's own load factor is that of quarter hours, whatever the step."""
    quarter = made(year(step_minutes=15), kind=kind, peak_mw=1.0)
    assert band[0] <= quarter.load_factor <= band[1]
    assert quarter.power_mw.max() == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("kind", kinds())
def test_hours_are_the_means_of_the_quarter_hours(kind):
    """Breaks as: the hourly series has chances of its own."""
    quarter, hour = (made(year(step_minutes=step), kind=kind, annual_energy_mwh=1e5).power_mw for step in (15, 60))
    if kinds()[kind].uses_temperature:  # the temperatures of the quarter hours are not those of the hour
        assert quarter.reshape(-1, 4).mean(axis=1) == pytest.approx(hour, rel=0.05, abs=0.02 * hour.max())
    else:
        assert quarter.reshape(-1, 4).mean(axis=1) == pytest.approx(hour, rel=1e-9)


def test_metered_peak_can_be_meant_in_hourly_series():
    """Proves: with peak_of_minutes 15, four quarter hours are the hour, and the hour's own peak is lower."""
    keys = {"kind": "electric_arc_furnace", "annual_energy_mwh": 5e4, "load_factor": 0.55, "peak_of_minutes": 15}
    quarter, hour = made(year(step_minutes=15), **keys), made(**keys)
    assert quarter.reactive_mvar.reshape(-1, 4).mean(axis=1) == pytest.approx(hour.reactive_mvar, rel=1e-9)
    assert quarter.power_mw.max() == pytest.approx(5e4 / (0.55 * 8760), rel=1e-9)
    assert hour.power_mw.max() < 0.9 * quarter.power_mw.max()


def test_leap_years_and_many_years_have_the_energy_in_each():
    axis = year(2027, years=2)  # 2028 has a 29 February
    load = made(axis, kind="copper", annual_energy_mwh=1000.0)
    assert axis.steps == 8760 + 8784
    assert load.power_mw[:8760].sum() == pytest.approx(1000.0)
    assert load.power_mw[8760:].sum() == pytest.approx(1000.0)
    assert load.power_mw[:1416] != pytest.approx(load.power_mw[8760:10176], rel=1e-3)  # chances of its own, up to 29 February
    alone = load_series(LoadRequest(kind="copper", annual_energy_mwh=1000.0), year(2028), temperature(axis)[8760:])
    assert alone.power_mw == pytest.approx(load.power_mw[8760:], rel=1e-12)


def test_chance_is_that_of_name_and_seed():
    first, again = (made(kind="zinc", peak_mw=1.0).power_mw for _ in range(2))
    assert (first == again).all()
    other_seed = made(kind="zinc", peak_mw=1.0, seed=1).power_mw
    other_name = load_series(LoadRequest(kind="zinc", peak_mw=1.0), year(), name="zinc_2").power_mw
    assert not np.allclose(first, other_seed)
    assert not np.allclose(first, other_name)


# --- what cannot be had


@pytest.mark.parametrize(
    ("keys", "field", "words"),
    [
        ({"annual_energy_mwh": 8760.0, "peak_mw": 0.5}, "peak_mw", "0.5 MW give at most 4380 MWh"),
        ({"annual_energy_mwh": 1.0, "load_factor": 0.95, "shifts": 1}, "load_factor", "cannot be had; this pattern allows"),
        ({"annual_energy_mwh": 1.0, "load_factor": 0.05}, "load_factor", "cannot be had"),
        ({"load_factor": 0.5}, "annual_energy_mwh", "is missing"),
        ({"annual_energy_mwh": 1.0, "peak_mw": 1.0, "load_factor": 0.5}, "load_factor", "give two of them"),
        ({"peak_mw": 1.0, "furnaces": 2}, "furnaces", "does not apply to workshop"),
        ({"peak_mw": 1.0, "kind": "steam", "power_factor": 0.9}, "power_factor", "does not apply to steam"),
        ({"peak_mw": 1.0, "kind": "space_heat", "shifts": 1}, "shifts", "does not apply to space_heat"),
        ({"peak_mw": 1.0, "kind": "space_heat", "load_factor": 0.3, "heating_limit_degc": 16.0}, "heating_limit_degc", "each decides"),
        ({"peak_mw": 1.0, "kind": "space_heat", "load_factor": 0.9}, "load_factor", "cannot be had"),
    ],
)
def test_contradictions_are_named(keys, field, words):
    with pytest.raises(DefinitionError, match=words) as caught:
        made(**({"kind": "workshop"} | keys))
    assert caught.value.problems[0].where.endswith(f".{field}")
    assert caught.value.problems[0].remedy


@pytest.mark.parametrize("keys", [{"maintenance": [MaintenanceBreak(first_day="01-01", days=366)]}, {"kind": "space_heat", "heating_limit_degc": -20.0}])
def test_a_load_of_which_nothing_is_left_is_refused(keys):
    with pytest.raises(DefinitionError, match="nothing is left of the load in 2030"):
        made(**({"kind": "zinc", "annual_energy_mwh": 1.0} | keys))


def test_parts_of_years_are_refused():
    with pytest.raises(DefinitionError, match="whole calendar years"):
        load_series(LoadRequest(kind="zinc", peak_mw=1.0), TimeAxis(datetime.datetime(2030, 1, 1), 8759))


def test_space_heat_asks_for_the_temperature_and_others_say_that_they_lack_it():
    with pytest.raises(DefinitionError, match="air temperature"):
        load_series(LoadRequest(kind="space_heat", peak_mw=1.0), year())
    assert "heating and cooling are left out" in load_series(LoadRequest(kind="office", peak_mw=1.0), year()).notes[0]
    assert load_series(LoadRequest(kind="zinc", peak_mw=1.0), year()).notes == ()
    with pytest.raises(DefinitionError, match="expected 8760"):
        load_series(LoadRequest(kind="office", peak_mw=1.0), year(), np.zeros(24))


# --- the calendar


def test_shift_hours():
    """One shift of 8 hours, two of 7.5 each, three of 24; half the work is under way at the hour it begins."""
    hours = kinds()["workshop"].shift_hours
    assert [on_shift(hours[number], 0.5).sum() / 12 for number in (1, 2, 3)] == pytest.approx([8.0, 15.0, 24.0])
    one = on_shift(hours[1], 0.5).reshape(24, 12).mean(axis=1)
    assert one[[3, 7, 8, 10, 12, 14, 17, 22]] == pytest.approx([0, 0.0625, 0.9375, 1, 0.125, 1, 0.0625, 0], abs=1e-9)


@pytest.mark.usefixtures("_no_ripple")
def test_a_one_shift_works_by_hand():
    """Proves: idle 0.25 and 8 full hours on 365 days make a mean of 0.25 + 0.75 * 8 / 24 = 0.5 of the peak."""
    load = made(**plain(shifts=1, idle_share=0.25))
    assert load.load_factor == pytest.approx(0.5, rel=1e-9)
    days = load.power_mw.reshape(365, 24) / load.power_mw.max()
    assert days[:, [0, 10, 20]] == pytest.approx(np.tile([0.25, 1.0, 0.25], (365, 1)))


@pytest.mark.usefixtures("_no_ripple")
def test_weekends_and_public_holidays_fall_to_their_shares():
    """2025: Spring Festival 28 January to 4 February, National Day 1 to 8 October; 26 January, a Sunday, was worked in exchange.

    Breaks as: 0.6 on 8 February (a worked Saturday) if exchanges are not known; 0.2 on a holiday at a weekend must stay below 0.6.
    """
    load = made(year(2025), **plain(saturday_share=0.6, sunday_share=0.2, holiday_share=0.3))
    day = load.power_mw.reshape(365, 24).mean(axis=1) / load.power_mw.max()

    def share(month, number):
        return day[(datetime.date(2025, month, number) - datetime.date(2025, 1, 1)).days]

    assert [share(1, number) for number in (25, 26, 27, 28, 31)] == pytest.approx([0.6, 1.0, 1.0, 0.3, 0.3])
    assert [share(2, number) for number in (1, 2, 4, 5, 8, 9)] == pytest.approx([0.6, 0.2, 0.3, 1.0, 1.0, 0.2])
    assert [share(10, number) for number in (1, 7, 8, 9, 11)] == pytest.approx([0.3, 0.3, 0.3, 1.0, 1.0])
    # 11 February 2024 is a Sunday within the Spring Festival: the smaller share counts
    assert Year(2024).share_of_days(0.6, 0.2, 0.3)[[40, 41, 42]].tolist() == [0.3, 0.2, 0.3]


def test_holidays_can_be_worked():
    day = made(year(2025), **plain(saturday_share=1.0, sunday_share=1.0, holiday_share=0.3, holidays=False)).power_mw.reshape(365, 24).mean(axis=1)
    assert day[273] > 0.7 * day.mean()  # 1 October


def test_the_spring_festival_of_other_years():
    """10 February 2024 and 17 February 2026 were New Year's Days of the moon; 2024 had the leap day."""
    for number, day in ((2024, datetime.date(2024, 2, 10)), (2026, datetime.date(2026, 2, 17))):
        assert Year(number).is_holiday[(day - datetime.date(number, 1, 1)).days]
    assert Year(2024).days == 366
    assert not Year(2030).is_worked_weekend.any()  # not announced yet


@pytest.mark.usefixtures("_no_ripple")
def test_planned_work_takes_its_share_and_runs_over_new_year():
    breaks = [
        MaintenanceBreak(first_day="06-10", days=10, depth=0.3),
        MaintenanceBreak(first_day="06-15", days=1),
        MaintenanceBreak(first_day="12-31", days=2, depth=0.5),
    ]
    load = made(**plain(maintenance=breaks))
    day = load.power_mw.reshape(365, 24).mean(axis=1) / load.power_mw.max()
    assert day[160 - 1 : 171] == pytest.approx([1.0, 0.7, 0.7, 0.7, 0.7, 0.7, 0.0, 0.7, 0.7, 0.7, 0.7, 1.0])
    assert day[[0, 1, 363, 364]] == pytest.approx([0.5, 1.0, 1.0, 0.5])
    assert load.energy_mwh == pytest.approx(8760.0)


@pytest.mark.usefixtures("_no_ripple")
def test_outages_take_their_hours_and_depth():
    """Proves: about 100 stops of 10 h to half load stand for 100 * 10 / 8760 of the year, less where they overlap."""
    load = made(year(step_minutes=5), **plain(outages_per_year=100.0, outage_hours=10.0, outage_depth=0.5))
    power = load.power_mw / load.power_mw.max()
    assert set(power.round(9)) == {0.5, 1.0}
    assert 0.07 < (power < 0.75).mean() < 0.14


def test_a_changed_pattern_sets_its_own_load_factor():
    """A workshop of one shift cannot have the 0.60 of one that works into the night; asked for 0.35, it gets it."""
    one = made(kind="workshop", annual_energy_mwh=1000.0, shifts=1)
    assert one.load_factor < 0.5
    assert made(kind="workshop", annual_energy_mwh=1000.0, shifts=1, load_factor=0.35).load_factor == pytest.approx(0.35, rel=1e-9)


def test_the_workshop_follows_its_published_day():
    """Peak at 10:00, least at 03:00; offices rest on National Day, a Tuesday in 2030."""
    day = made(kind="workshop", peak_mw=1.0).power_mw.reshape(365, 24).mean(axis=0)
    assert (day.argmax(), day.argmin()) == (10, 3)
    office = made(kind="office", peak_mw=1.0).power_mw.reshape(365, 24)
    assert office[273].max() < 0.4 < 0.6 < office[266].max()


# --- heat


def test_space_heat_is_proportional_to_degree_hours_within_the_season():
    """Proves: -12 degC on a whole January day and 3 degC on a whole April day need 30 : 15; none on 14 October and 16 April, however cold.

    21 degC on 2 January need nothing, and give nothing back.
    """
    axis = year()
    air = np.full(8760, 3.0)
    air[:24] = -12.0
    air[24:48] = 21.0
    heat = load_series(LoadRequest(kind="space_heat", annual_energy_mwh=1e4), axis, air).heat_mw_th.reshape(365, 24).mean(axis=1)
    assert heat[0] / heat[104] == pytest.approx(2.0)
    assert heat[104] > 0  # 15 April
    assert heat[1] == 0.0
    assert (heat[105:287] == 0.0).all()  # 16 April … 14 October
    assert heat[287] == pytest.approx(heat[104])  # 15 October
    season_days = 105 + 78
    assert heat.sum() * 24 == pytest.approx(1e4)
    assert heat[104] * 24 == pytest.approx(1e4 / season_days)  # 1 January counts twice, 2 January not at all


def test_the_heating_limit_is_the_users():
    """Proves: with a limit of 3 degC, hours of 3 degC need nothing."""
    air = np.full(8760, 3.0)
    air[:24] = -12.0
    heat = load_series(LoadRequest(kind="space_heat", peak_mw=5.0, heating_limit_degc=3.0), year(), air).heat_mw_th
    assert heat[:24] == pytest.approx(5.0)
    assert (heat[24:] == 0.0).all()


def test_heat_has_no_reactive_power():
    load = made(kind="steam", annual_energy_mwh=1.0)
    assert load.active_mw is None and load.reactive_mvar is None
    assert list(load.columns("steam")) == ["steam_mw_th"]


# --- the furnace


def shop(**changes):
    """One furnace without chance: 6 min charging, 16 + 12 min melting at 1, 4 min charging, 10 min refining at 0.45, 8 min tapping."""
    kind = replace(
        kinds()["electric_arc_furnace"], furnaces=1, phase_spread=0.0, reactive_spread=0.0, outages_per_year=0.0, maintenance=(), auxiliary_share=0.0
    )
    return FurnaceShop.drawn(replace(kind, **changes), Year(2030), 0, "shop", holidays=False)


def test_energy_of_a_heat_by_hand():
    """Proves: (16 + 12 + 10 * 0.45) / 56 = 32.5 / 56 of melting power, in every heat of the year."""
    assert cycle_level(kinds()["electric_arc_furnace"]) == pytest.approx(32.5 / 56)
    power = shop().active(0.0)
    assert power.mean() == pytest.approx(32.5 / 56, rel=1e-4)
    heat = power[: 56 * 9].reshape(9, 56)  # 56 minutes are 11.2 steps: five heats are 56 steps
    assert heat.mean(axis=1) == pytest.approx(32.5 / 56, rel=1e-9)
    assert power.max() == pytest.approx(1.0)
    assert power.min() == pytest.approx(0.0, abs=1e-9)


def test_pauses_stretch_the_heat():
    """Proves: with waits of 28 min on average, a heat takes 84 min: 32.5 / 84."""
    assert shop(pause_minutes=28.0).active(1.0).mean() == pytest.approx(32.5 / 84, rel=0.01)


def test_auxiliaries_run_on_while_furnaces_rest():
    """Proves: 0.15 of auxiliaries stay in a week of relining; the mean is 0.15 + 0.85 * 32.5 / 56."""
    power = shop(auxiliary_share=0.15).active(0.0)
    assert power.min() == pytest.approx(0.15)
    assert power.mean() == pytest.approx(0.15 + 0.85 * 32.5 / 56, rel=1e-3)


def test_furnaces_are_out_of_step():
    """Two furnaces swing less than one, and yet melt together at times."""
    one, two = (made(year(step_minutes=15), kind="electric_arc_furnace", peak_mw=1.0, furnaces=number).power_mw for number in (1, 2))
    assert one.std() > 1.2 * two.std()
    assert two.max() == pytest.approx(1.0)


def test_tap_to_tap_time_shows_in_the_spectrum():
    """Proves: a heat of 70 minutes without waits comes back 20.57 times a day; 56 minutes would 25.7 times."""
    furnace = load_series(LoadRequest(kind="electric_arc_furnace", peak_mw=1.0, furnaces=1, tap_to_tap_minutes=70.0), year(step_minutes=5))
    spectrum = np.abs(np.fft.rfft(furnace.power_mw - furnace.power_mw.mean())) ** 2
    per_day = np.arange(len(spectrum)) / 365
    band = (per_day > 10) & (per_day < 40)
    assert per_day[band][spectrum[band].reshape(-1)[: band.sum()].argmax()] == pytest.approx(1440 / 76, rel=0.1)  # 6 minutes of wait


# --- reactive power


@pytest.mark.parametrize("kind", [name for name in ELECTRIC if name != "electric_arc_furnace"])
def test_reactive_power_is_the_active_times_tan_phi(kind):
    load = made(kind=kind, annual_energy_mwh=1e4, power_factor=0.8)
    assert load.reactive_mvar == pytest.approx(load.active_mw * 0.75, rel=1e-12)  # tan(arccos 0.8) = 0.6 / 0.8


def test_the_furnace_has_a_low_and_varying_power_factor():
    load = made(year(step_minutes=15), kind="electric_arc_furnace", annual_energy_mwh=1e5)
    factor = load.active_mw / np.hypot(load.active_mw, load.reactive_mvar)
    assert 0.78 < load.active_mw.sum() / np.hypot(load.active_mw.sum(), load.reactive_mvar.sum()) < 0.88
    assert factor.min() < 0.80 < 0.90 < factor.max()
    asked = made(year(step_minutes=15), kind="electric_arc_furnace", annual_energy_mwh=1e5, power_factor=0.8)
    assert asked.reactive_mvar.sum() == pytest.approx(0.75 * asked.active_mw.sum(), rel=1e-9)
    assert np.std(asked.reactive_mvar / asked.active_mw) > 0.05


def test_reactive_energy_of_a_heat_by_hand():
    """Proves: Q of the year is that of the phases: (16 tan acos 0.78 + 12 tan acos 0.80 + 4.5 tan acos 0.87) / 56."""
    tangents = np.tan(np.arccos([0.78, 0.80, 0.87]))
    expected = (tangents * [16, 12, 4.5]).sum() / 56
    furnace = shop()
    assert furnace.reactive(0.0).mean() == pytest.approx(expected, rel=1e-3)


# --- the data file and the table


def test_every_number_has_a_source_and_a_certainty():
    for number in numbers():
        assert number.source
        assert number.certainty in {"V1", "V2", "C", "M", "A"}
        assert number.source.startswith("judged") == (number.certainty == "A"), number
    assert labels().keys() == kinds().keys()
    assert all(label.keys() == {"en", "zh"} for label in labels().values())


def test_the_table_is_labelled_at_a_fixed_offset():
    axis = year(step_minutes=15)
    loads = {"shop": made(axis, kind="electric_arc_furnace", peak_mw=1.0), "heat": made(axis, kind="space_heat", peak_mw=1.0)}
    table = loads_table(loads)
    assert list(table.columns) == ["shop_mw", "shop_mvar", "heat_mw_th"]
    assert str(table.index[0]) == "2030-01-01 00:00:00+08:00"
    assert len(table) == 35040
