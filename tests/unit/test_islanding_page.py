"""The two sections of the page on islands: why islands are lost, what is left out where one is, what storage buys."""

from __future__ import annotations

import numpy as np
import pytest

from gridsim.report.numbers import percent
from gridsim.report.vpp_page.frequency import away_carpet, frequency, furthest_hz, worst_steps
from gridsim.report.vpp_page.islanding import storage_table
from gridsim.report.vpp_page.vpp_view import VppView
from gridsim.report.words import Words
from gridsim.vpp.islanding.seconds import CAUSES
from gridsim.vpp.run import plain

NAN = float("nan")


def record(**changed):
    """Four hours: kept; lost with a surplus; lost without a unit that holds; lost with a deficit."""
    cause = {"hours": 1, "exchange_mw_mean": 12.0, "exchange_mw_least": 10.0, "beyond_mw_mean": 4.0, "beyond_mw_most": 6.0}
    found = {
        "hours": 4,
        "lost_hours": 3,
        "lost_by_cause": {name: cause for name in ("deficit", "surplus", "no_forming")},
        "decides_hours": {"forming": 3, "nothing": 1},
        "outcome": ["kept", "surplus", "no_forming", "deficit"],
        "lost": [False, True, True, True],
        "deficit_mw": [5.0, -12.0, 0.0, 12.0],
        "nadir_hz": [49.5, 50.0, NAN, 47.5],
        "peak_hz": [50.1, 51.5, NAN, 50.0],
        "initial_rocof_hz_per_s": [-1.0, 30.0, NAN, -8.0],
        "window_rocof_hz_per_s": [-0.5, NAN, NAN, NAN],
        "shed_mw": {name: [value, NAN, NAN, NAN] for name, value in (("conversions", 2.0), ("interruptible", 0.0), ("generation", 0.0), ("trip_51_hz", -1.5))},
    }
    return plain({**found, **changed})


def view(language="en", **seconds):
    park = {"start": "2030-01-01 00:00", "steps": 4, "step_minutes": 60, "labels": {"battery_1": "Battery"}, "share_of_year": 0.1}
    return VppView({"park": park, "record": {"seconds": record(**seconds)}}, {}, Words(language))


@pytest.mark.parametrize(("language", "of_surplus"), [("en", "exporting too much"), ("zh", "上网过多")])
def test_why_islands_are_lost_with_keys_that_help(language, of_surplus):
    """Proves: a row a cause with hours, share, what went and what was beyond the batteries, and keys of the park file beside it."""
    table = next(part for part in frequency(view(language)) if getattr(part, "title", "") in ("Why islands are lost", "失稳原因"))
    deficit, surplus, bare = table.rows
    assert surplus[0].startswith(of_surplus)
    assert [surplus[1], surplus[3], surplus[4]] == ["1", "12.0", "4.00"]
    assert "10.0" in surplus[3].note
    assert "6.00" in surplus[4].note
    assert "import_limit_mw" in deficit[5]
    assert "export_limit_mw" in surplus[5]
    assert "grid_forming" in bare[5]
    assert all("{" not in cell for row in table.rows for cell in row)


def test_every_cause_has_words():
    """Proves: what the engine may say, the page can tell, in both languages."""
    for language in ("en", "zh"):
        words = Words(language)
        assert all(words.get(f"vpp_lost.{cause}") and words.get(f"vpp_lost_remedy.{cause}") for cause in CAUSES)


def test_nothing_is_told_of_what_a_lost_island_does_not_have():
    """Proves: dashes for shed power, mean rate of change and, without a forming unit, for frequency; sums over what there is."""
    parts = frequency(view())
    worst = parts[-1]
    rows = {row[0]: row for row in worst.rows}
    assert [row[0][-5:] for row in worst.rows] == ["02:00", "01:00", "03:00", "00:00"]  # none at all, 30, 8 Hz/s; then the one that is kept
    assert rows["2030-01-01 01:00"][3:7] == ["50.00", "51.50", "–", "30.0"]
    assert rows["2030-01-01 01:00"][7:] == ["–"] * 4
    assert rows["2030-01-01 02:00"][3:] == ["–"] * 8
    assert rows["2030-01-01 00:00"][7:] == ["2.00", "0", "1.50", "0"]
    assert "in 1 with a deficit, in 1 with a surplus. In 1 hours there is no grid-forming source" in parts[0]
    shed = next(part for part in parts if getattr(part, "title", "") == "What is switched off to hold the frequency")
    assert [row[0] for row in shed.rows] == ["Electrolysers and other conversions", "over-frequency stage at 51 Hz"]


def test_the_furthest_frequency_is_on_either_side():
    """Proves: a surplus that was cut too far is furthest below; hours without a frequency have none, and are drawn nowhere."""
    found = furthest_hz(record(nadir_hz=[49.5, 47.5, NAN, 47.5]))
    assert found[[0, 1, 3]].tolist() == [49.5, 47.5, 47.5]
    assert np.isnan(found[2])
    distribution = frequency(view())[1]
    assert sum(sum(trace["y"]) for trace in distribution.data) == 3
    nothing = view(nadir_hz=[NAN] * 4, peak_hz=[NAN] * 4, lost=[True] * 4, initial_rocof_hz_per_s=[NAN] * 4)
    assert frequency(nothing)[1:4] == [None] * 3
    assert worst_steps(nothing.part("seconds")) == [1, 3, 0, 2]  # by imbalance alone


def test_what_storage_buys_tells_which_size_is_there_and_what_outlasts_the_horizon():
    """Proves: the row of today is marked, and a column tells how many starts are told with the horizon's length."""
    sizes = [
        {"energy_factor": f, "power_factor": 1.0, "energy_mwh": 30 * f, "power_mw": 15.0, "hours_mean_at_least": 6 * f, "hours_lowest": 0.0} for f in (1.0, 2.0)
    ]
    rows = [{**size, "share_at_durations": [0.5], "outlast_share": share} for size, share in zip(sizes, (0.0, 0.25), strict=True)]
    island = {"durations_hours": [24.0], "horizon_hours": 720.0, "storage": {"battery_1": rows}}
    table = storage_table(view(), island)
    assert [row[0].note for row in table.rows] == ["×1: as it is", "×2 energy"]
    assert table.columns[-1].title == "Outlast 720 h"
    assert [row[-1] for row in table.rows] == [percent(0.0), percent(0.25)]


def test_hours_that_nothing_holds_are_drawn_like_the_furthest(monkeypatch):
    """Proves: 0.5, 1.5 and 2.5 Hz away, and the hour without a unit that holds as dark as 2.5 Hz, which the caption tells."""
    drawn = []
    monkeypatch.setattr("gridsim.report.vpp_page.frequency.heatmap", lambda _, values, *rest: drawn.append((values.tolist(), rest[-1])) or {})
    monkeypatch.setattr(VppView, "long_enough", True)
    monkeypatch.setattr("gridsim.report.vpp_page.frequency.carpet_layout", lambda _: {})
    figure = away_carpet(view(), record())
    assert drawn == [([0.5, 1.5, 2.5, 2.5], (0.0, 2.5))]
    assert "like the furthest" in figure.caption
    assert not away_carpet(
        view(nadir_hz=[49.5, 50.0, 50.0, 47.5], peak_hz=[50.1, 51.5, 50.0, 50.0]), record(nadir_hz=[49.5, 50.0, 50.0, 47.5], peak_hz=[50.1, 51.5, 50.0, 50.0])
    ).caption
