"""What a user may write in ``vpp.islanding:``, and what is told of mistakes; the shipped figures."""

from __future__ import annotations

import pytest
from hand_solved.parks import battery, caes, grid, load, tiny_park, wind
from pydantic import ValidationError

from gridsim.vpp.islanding.checks import islanding_findings
from gridsim.vpp.islanding.defaults import figures, shipped_figures
from gridsim.vpp.islanding.section import FrequencySection, GenerationTripping, IslandingSection, LoadShedding

PARK = tiny_park(grid=grid([10.0]), wind=wind([1.0], 10.0), cell=battery(), air=caes(), factory=load([4.0]), office=load([1.0]))


def findings(**fields):
    return dict((path, found) for path, found, _ in islanding_findings(IslandingSection(**fields), PARK))


def test_nothing_said_is_fine():
    """Proves: the defaults, and a section that uses every field, have no findings."""
    assert findings() == {}
    assert (
        findings(
            tiers={"critical": {"office": 1.0, "factory": 0.2}, "second": {"factory": 0.3}},
            policy="serve_all",
            reserve_share=0.3,
            grid_forming={"cell": 0.1},
            discharge_order=["air", "cell"],
            charge_order=["cell"],
            level_min_share={"cell": 0.0},
            frequency=FrequencySection(lowest_hz=47.0, load_shedding=[LoadShedding(threshold_hz=49.25, share=0.1, delay_s=0.2)]),
        )
        == {}
    )


@pytest.mark.parametrize(
    ("fields", "path", "words"),
    [
        ({"tiers": {"critical": {"offce": 1.0}}}, "tiers.critical.offce", "not a technology"),
        ({"tiers": {"critical": {"wind": 1.0}}}, "tiers.critical.wind", "draws no power"),
        ({"tiers": {"critical": {"office": 0.7}, "second": {"office": 0.4}}}, "tiers", "1.1 of office"),
        ({"tiers": {"rest": {"office": 1.0}}}, "tiers.rest", "no tier names"),
        ({"tiers": {"critical": {"office": 1.0}, "second": {}}}, "tiers.second", "names no load"),
        ({"tiers": {"critical": {"office": 0.0}}}, "tiers", "is empty"),
        ({"grid_forming": {"wind": 0.1}}, "grid_forming.wind", "follows the grid"),
        ({"grid_forming": {"air": 0.1}}, "grid_forming.air", "only while it turns"),
        ({"grid_forming": {"cel": 0.1}}, "grid_forming.cel", "not a technology"),
        ({"discharge_order": ["cell", "cell"]}, "discharge_order", "2 times"),
        ({"charge_order": ["wind"]}, "charge_order", "not a store"),
        ({"level_min_share": {"cell": 1.0}}, "level_min_share.cell", "not below its highest"),
        ({"level_min_share": {"factory": 0.1}}, "level_min_share.factory", "not a store"),
        ({"reserve_share": 0.2}, "reserve_share", "no meaning"),
        ({"durations_hours": [1.0, 800.0]}, "durations_hours", "horizon ends at 720"),
        ({"frequency": FrequencySection(lowest_hz=50.0)}, "frequency.lowest_hz", "not below 50"),
        ({"frequency": FrequencySection(highest_hz=50.0)}, "frequency.highest_hz", "not above 50"),
        (
            {"frequency": FrequencySection(load_shedding=[LoadShedding(threshold_hz=47.0, share=0.1, delay_s=0.2)])},
            "frequency.load_shedding[0].threshold_hz",
            "outside 47.5 to 50",
        ),
        (
            {"frequency": FrequencySection(load_shedding=[LoadShedding(threshold_hz=hertz, share=0.6, delay_s=0.2) for hertz in (49.0, 48.8)])},
            "frequency.load_shedding",
            "1.2 of the load",
        ),
        (
            {"frequency": FrequencySection(load_shedding=[LoadShedding(threshold_hz=49.0, share=0.1, delay_s=delay) for delay in (0.2, 20.0)])},
            "frequency.load_shedding",
            "2 stages act at 49 Hz",
        ),
        (
            {"frequency": FrequencySection(generation_tripping=[GenerationTripping(threshold_hz=hertz, share=0.6, delay_s=0.2) for hertz in (50.6, 50.8)])},
            "frequency.generation_tripping",
            "trip 1.2 of wind and sun",
        ),
        (
            {"frequency": FrequencySection(generation_tripping=[GenerationTripping(threshold_hz=49.0, share=0.1, delay_s=0.2)])},
            "frequency.generation_tripping[0].threshold_hz",
            "outside 50 to 51.5",
        ),
    ],
)
def test_each_mistake_is_told_where_it_stands(fields, path, words):
    """Proves: one finding, at its key, in words."""
    found = findings(**fields)
    assert list(found) == [f"vpp.islanding.{path}"]
    assert words in found[f"vpp.islanding.{path}"]


def test_a_park_without_loads_has_nothing_to_keep():
    """Proves: without tiers and loads a finding says so."""
    bare = tiny_park(grid=grid([10.0]), cell=battery(), hours=1.0)
    assert [path for path, _, _ in islanding_findings(IslandingSection(), bare)] == ["vpp.islanding.tiers"]


def test_unknown_keys_and_shares_above_one_are_refused():
    """Proves: the section is closed and bounded."""
    for fields in ({"tier": {}}, {"tiers": {"critical": {"office": 1.2}}}, {"reserve_share": -0.1}, {"durations_hours": []}, {"horizon_hours": 0.0}):
        with pytest.raises(ValidationError):
            IslandingSection(**fields)


def test_every_figure_is_sourced_and_may_be_replaced():
    """Proves: unit, source, certainty and both labels stand by each figure; a park's own takes its place, and only its own."""
    known = shipped_figures()
    for name, figure in known.items():
        assert figure.unit and figure.source and figure.label_en and figure.label_zh, name
        assert figure.certainty in {"V1", "V2", "C", "M", "M?", "A", "X"}, name
    own = figures(FrequencySection(load_inertia_s=0.0, load_shedding=[LoadShedding(threshold_hz=49.25, share=0.1, delay_s=0.2)]))
    assert own["load_inertia_s"].value == 0.0
    assert own["load_shedding"].value == [{"threshold_hz": 49.25, "share": 0.1, "delay_s": 0.2}]
    assert own["load_damping"] == known["load_damping"]
    assert known["load_inertia_s"].value > 0
    settable = FrequencySection.model_fields.keys() - {"loss", "conversions_trip", "generation_trips"}
    assert settable <= known.keys()
