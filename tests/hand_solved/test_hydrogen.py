"""Hydrogen beyond the electrolyser (50 kWh/kg: 100 kg take 5 MWh): tanks, compressors between two pressures, and demands."""

import pytest

from hand_solved.parks import approx, case, electrolyser, grid, hydrogen_demand, hydrogen_store, in_park, load

LATE = {"grid": grid([100.0, 1000.0]), "plant": electrolyser(), "steel": hydrogen_demand(50.0, profile=[0.0, 100.0])}
"""100 kg are wanted in the second hour; made in the first they cost 500 CNY, in the second 5000."""


@pytest.mark.parametrize(
    "cost",
    [
        case(500.0, id="ideal", tank=hydrogen_store(), **LATE),
        case(510.0, id="compression", tank=hydrogen_store(compression_kwh_per_kg=1.0), **LATE),
        case(200.0 + 3000.0, id="filling rate", tank=hydrogen_store(charge_kg_per_h=40.0), **LATE),
        case(150.0 + 3500.0, id="emptying rate", tank=hydrogen_store(discharge_kg_per_h=30.0), **LATE),
        case(300.0 + 2000.0, id="size", tank=hydrogen_store(capacity_kg=60.0), **LATE),
        case(
            350.0 + 1500.0, id="level window", tank=hydrogen_store(level_min_share=0.2, level_max_share=0.9, level_start_share=0.2), **LATE
        ),
        case(1000.0, id="loss", tank=hydrogen_store(capacity_kg=200.0, standing_loss_share_per_hour=0.5), **LATE),
    ],
)
def test_tank_carries_hydrogen_into_the_dear_hour(dispatch, cost):
    """**Proves**: what each property of the tank takes from 500 CNY.

    1 kWh/kg of compression takes 0.1 MWh: 510. Rates of 40 and 30 kg/h, a size of 60 kg, and a window of 70 kg leave 60, 70, 40, 30 kg to
    the dear hour. Where half is lost in an hour, 200 kg are made.

    **Breaks as**: 500 CNY wherever the property is lost; a rate in MW of heating value instead of kg/h would be thirty times wider.
    """
    assert dispatch.objective_cny == approx(cost)


@in_park(grid=grid(-100.0), tank=hydrogen_store(compression_kwh_per_kg=10.0, level_start_share=0.5, level_end="same"), load=load([1.0]))
def test_tank_is_not_filled_and_emptied_at_once(dispatch):
    """**Proves**: at −100 CNY/MWh a compressor of 10 kWh/kg could burn 1 MW in a circle of 100 kg/h; it does not, only the load's 1 MW is
    bought: −100 CNY.

    **Breaks as**: −200 CNY if both ran at once.
    """
    assert dispatch.objective_cny == approx(-100.0)


@pytest.mark.parametrize(
    "work",
    [
        case(
            2.0,
            id="given",
            grid=grid(100.0),
            plant=electrolyser(hydrogen_bus="low"),
            compressor={
                "type": "hydrogen_compressor",
                "from_bus": "low",
                "to_bus": "high",
                "capacity_kg_per_h": 100.0,
                "inlet_bar": 30.0,
                **{"outlet_bar": 450.0, "specific_energy_kwh_per_kg": 2.0},
            },
            steel=hydrogen_demand(100.0, bus="high"),
        ),
        case(
            2.0 * 1.204882,
            id="from pressures",
            grid=grid(100.0),
            plant=electrolyser(hydrogen_bus="low"),
            compressor={
                "type": "hydrogen_compressor",
                "from_bus": "low",
                "to_bus": "high",
                "capacity_kg_per_h": 100.0,
                "inlet_bar": 30.0,
                **{"outlet_bar": 30.0 * 2.0 ** (1.405 / 0.405), "stages": 1, "isentropic_efficiency": 0.5, "motor_efficiency": 1.0},
            },
            steel=hydrogen_demand(100.0, bus="high"),
        ),
    ],
)
def test_compressor_between_two_pressures(dispatch, work):
    """**Proves**: 100 kg/h at 2 kWh/kg draw 0.2 MW beside the electrolyser's 5 MW: 520 CNY.

    From pressures: a ratio that doubles the temperature needs R T k/(k−1) = 4124.5 × 303.15 × 3.4691 J/kg = 1.2049 kWh/kg, twice that at
    an efficiency of 0.5.

    **Breaks as**: 500 CNY without work; 1167 if 2 kWh were taken for each kWh of heating value, not for each kg.
    """
    assert dispatch.objective_cny == approx(500.0 + 100.0 * 0.1 * work)
    assert dispatch.draft.park.technologies["compressor"].report("compressor", dispatch)["hydrogen_kg"] == approx(100.0)


@in_park(
    grid=grid(100.0),
    plant=electrolyser(hydrogen_bus="low"),
    compressor={
        **{
            "type": "hydrogen_compressor",
            "from_bus": "low",
            "to_bus": "high",
            "capacity_kg_per_h": 40.0,
            "inlet_bar": 30.0,
            "outlet_bar": 450.0,
        },
        "specific_energy_kwh_per_kg": 0.0,
    },
    steel=hydrogen_demand(100.0, bus="high", unserved_price_cny_per_kg=10.0),
)
def test_compressor_capacity_limits_the_high_pressure(dispatch):
    """**Proves**: 40 kg/h pass; the other 60 kg stay unserved at 10 CNY/kg: 40 × 5 + 600 = 800 CNY.

    **Breaks as**: 500 CNY without limit.
    """
    assert dispatch.objective_cny == approx(800.0)


@pytest.mark.parametrize(
    "cost",
    [
        case(
            775.0,
            id="hour",
            grid=grid([100.0, 10.0, 100.0, 100.0]),
            plant=electrolyser(),
            steel=hydrogen_demand(50.0, flexible_within="hour"),
        ),
        case(
            100.0,
            id="day",
            grid=grid([100.0, 10.0, 100.0, 100.0]),
            plant=electrolyser(),
            steel=hydrogen_demand(50.0, flexible_within="day"),
        ),
    ],
)
def test_quota_of_a_day_is_made_in_the_cheapest_hour(dispatch, cost):
    """**Proves**: 50 kg/h over four hours are 200 kg, 10 MWh: in the cheapest hour 100 CNY; fixed by the hour 2.5 × (100 + 10 + 100 +
    100) = 775 CNY.

    A day cut short asks for its hours' share only.

    **Breaks as**: infeasible if four hours had to deliver the 1200 kg of a whole day.
    """
    assert dispatch.objective_cny == approx(cost)
    assert dispatch.draft.park.technologies["steel"].report("steel", dispatch)["delivered_kg"] == approx(200.0)


@pytest.mark.parametrize(
    "cost",
    [
        case(
            300.0,
            id="day",
            start="2030-01-31T22:00",
            grid=grid([10.0, 100.0, 100.0, 50.0]),
            plant=electrolyser(),
            steel=hydrogen_demand(50.0, flexible_within="day"),
        ),
        case(
            300.0,
            id="month",
            start="2030-01-31T22:00",
            grid=grid([10.0, 100.0, 100.0, 50.0]),
            plant=electrolyser(),
            steel=hydrogen_demand(50.0, flexible_within="month"),
        ),
        case(
            100.0,
            id="year",
            start="2030-01-31T22:00",
            grid=grid([10.0, 100.0, 100.0, 50.0]),
            plant=electrolyser(),
            steel=hydrogen_demand(50.0, flexible_within="year"),
        ),
    ],
)
def test_each_period_has_its_own_quota(dispatch, cost):
    """**Proves**: from 22:00 on January 31 two hours belong to one day and month, two to the next: 100 kg at 10 and 100 kg at 50: 50 +
    250 = 300 CNY.

    One year's quota is made in the cheapest hour: 100 CNY.

    **Breaks as**: other costs for days or months where they began elsewhere; that one quota must not serve two periods is proved by
    `test_a_day_cannot_deliver_for_the_next`.
    """
    assert dispatch.objective_cny == approx(cost)


@in_park(
    grid=grid([100.0, 10.0, 50.0, 100.0]), plant=electrolyser(), steel=hydrogen_demand(50.0, flexible_within="day", max_kg_per_h=100.0)
)
def test_rate_of_delivery_is_limited(dispatch):
    """**Proves**: at most 100 kg/h: 100 kg at 10 and 100 kg at 50: 50 + 250 = 300 CNY.

    **Breaks as**: 100 CNY without limit.
    """
    assert dispatch.objective_cny == approx(300.0)


@pytest.mark.parametrize(
    "within",
    [
        case(
            "hour",
            hours=2,
            grid=grid([100.0, 10.0]),
            plant=electrolyser(10.0 if "hour" == "hour" else 2.0, module_mw=2.0),
            steel=hydrogen_demand(50.0, flexible_within="hour", unserved_price_cny_per_kg=3.0),
        ),
        case(
            "day",
            hours=2,
            grid=grid([100.0, 10.0]),
            plant=electrolyser(10.0 if "day" == "hour" else 2.0, module_mw=2.0),
            steel=hydrogen_demand(50.0, flexible_within="day", unserved_price_cny_per_kg=3.0),
        ),
    ],
)
def test_hydrogen_stays_unserved_above_its_price(dispatch, within):
    """**Proves**: a kilogram costs 5 CNY at 100 and 0.5 at 10; at 3 CNY/kg the dear ones are not delivered.

    Fixed: 50 kg unserved at 3 and 50 made for 25: 175 CNY. As a quota, 2 MW make 40 kg in the cheap hour for 20, 60 kg are missed at 3:
    200 CNY.

    **Breaks as**: 275 CNY, or infeasible, if every kilogram had to be delivered.
    """
    figures = dispatch.draft.park.technologies["steel"].report("steel", dispatch)
    assert dispatch.objective_cny == approx({"hour": 175.0, "day": 200.0}[within])
    assert (figures["delivered_kg"], figures["unserved_kg"]) == approx({"hour": (50.0, 50.0), "day": (40.0, 60.0)}[within])
