"""A user's own forecasts: read as they are, refused with every reason, filled as the section says."""

import datetime
from pathlib import Path

import numpy as np
import pytest

from gridsim.errors import DefinitionError
from gridsim.park.read import read_park
from gridsim.vpp.forecast.forecasts import ensembles, forecasts
from gridsim.vpp.forecast.section import ForecastFile, ForecastSection, KindForecast

ROOT = Path(__file__).parents[2]
ISSUES = np.array([0, 6, 12])
HORIZON = 12


@pytest.fixture(scope="module")
def starter():
    """Two days of the starter park."""
    return read_park(ROOT / "networks/starter", hours=(0, 48))


@pytest.fixture
def park(starter, tmp_path):
    """The same park, with a folder to write to."""
    import dataclasses

    return dataclasses.replace(starter, folder=tmp_path)


def rows(value=lambda issue, target: 0.01 * issue + 0.001 * target, issues=ISSUES, horizon=HORIZON):
    """Lines of a table, in the park's time."""
    start = datetime.datetime(2030, 1, 1)
    hour = datetime.timedelta(hours=1)
    return [
        f"{start + issue * hour},{start + target * hour},{value(issue, target):.6f}" for issue in issues.tolist() for target in range(issue, issue + horizon)
    ]


def read(park, lines, *, head="issue_time,target_time,wind", issues=ISSUES, horizon=HORIZON, **more):
    """Forecasts of the park with these lines as its file; load and sun are perfect."""
    (park.folder / "own.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    perfect = KindForecast(model="perfect")
    file = ForecastFile(**{"file": "own.csv", "columns": {"wind": "wind"}, **more})
    spec = ForecastSection(wind=perfect, solar=perfect, load=perfect, files=[file])
    return spec, forecasts(park, spec, issue_steps=issues, horizon_steps=horizon, seed=1)


def problems(park, lines, **more):
    """What is wrong with these lines."""
    with pytest.raises(DefinitionError) as caught:
        read(park, lines, **more)
    assert all(problem.remedy and problem.where.startswith("vpp.forecast.files.0") for problem in caught.value.problems)
    return "\n".join(str(problem) for problem in caught.value.problems)


def test_a_table_is_taken_as_it_is(park):
    """**Proves**: issue and target find their row and column, in any order of rows; other series keep their model."""
    spec, table = read(park, rows()[::-1])
    expected = 0.01 * ISSUES[:, None] + 0.001 * (ISSUES[:, None] + np.arange(HORIZON))
    assert table.values["wind"] == pytest.approx(expected, abs=1e-6)
    assert table.values["load"][1].tolist() == park.profiles["load"][6:18].tolist()
    assert table.notes == ()
    drawn = ensembles(park, spec, issue_steps=ISSUES, horizon_steps=HORIZON, seed=1, members=2)
    assert drawn.member(1).values["wind"].tolist() == table.values["wind"].tolist()


def test_units_and_columns(park):
    """**Proves**: 30 MW of 60 MW is 0.5 of the profile; kW a thousand times that; the column may have another name."""
    for unit, value in (("MW", 30.0), ("kW", 30e3)):
        _, table = read(park, rows(lambda *_, v=value: v), head="issue_time,target_time,farm", columns={"wind": "farm"}, units={"wind": unit})
        assert table.values["wind"] == pytest.approx(np.full((3, HORIZON), 0.5), abs=1e-12)


def test_time_zones(park):
    """**Proves**: the same instants in UTC, by offset in the cell or by the section, give the same table; the park is at UTC+8."""
    utc = []
    for line in rows():
        issue, target, value = line.split(",")
        utc.append(",".join([*(str(datetime.datetime.fromisoformat(cell) - datetime.timedelta(hours=8)) for cell in (issue, target)), value]))
    _, plain = read(park, rows())
    _, zoned = read(park, utc, time_zone="UTC")
    _, offset = read(park, [line.replace(",", "+00:00,") for line in utc])
    assert plain.values["wind"].tolist() == zoned.values["wind"].tolist() == offset.values["wind"].tolist()
    assert "48 forecasts are missing" not in problems(park, utc)
    assert "missing" in problems(park, utc)


def test_every_problem_at_once(park):
    """**Proves**: doubled rows, targets before their issue, empty cells and missing rows of one file are all told, with lines."""
    lines = rows()
    lines[4] = lines[3]
    lines[20] = "2030-01-01 06:00:00,2030-01-01 02:00:00,0.5"
    lines[30] = lines[30].rsplit(",", 1)[0] + ","
    told = problems(park, lines)
    assert "is given twice (1 such rows)" in told
    assert "the target lies before the issue (1 rows)" in told
    assert "holds an empty cell" in told
    assert "own.csv:32" in told
    assert "2 of 36 forecasts are missing, in 2 of 3 issues" in problems(park, rows()[1:-1])


def test_more_mistakes(park):
    """**Proves**: megawatts without a unit, negative power, half hours, words for times, another year, and a missing column are named."""
    assert "name its unit: units: {wind: MW}" in problems(park, rows(lambda *_: 30.0))
    assert "is negative (36 rows)" in problems(park, rows(lambda *_: -0.1))
    assert "is not the begin of a step of 60 minutes" in problems(park, [line.replace(":00:00", ":30:00") for line in rows()])
    assert "'soon' is not a time" in problems(park, ["soon,2030-01-01 00:00,0.1"])
    assert "no target lies in the park's time" in problems(park, [line.replace("2030-", "2029-") for line in rows()])
    assert "there is no column 'target_time'" in problems(park, rows(), head="issue_time,target,wind")
    assert "there is no column 'wind'" in problems(park, rows(), head="issue_time,target_time,wnd")
    assert "does not exist" in problems(park, rows(), file="other.csv")


def test_gaps_are_filled_from_earlier_issues_and_then_by_persistence(park):
    """**Proves**: without the issue of 6:00 that of 0:00 stands for the hours it holds, 6 to 11, and the last hour's wind for the rest; the table says so."""
    some = [line for line, issue in zip(rows(), np.repeat(ISSUES, HORIZON), strict=True) if issue != 6]
    _, table = read(park, some, missing="earlier_issue")
    assert table.values["wind"][1, :6] == pytest.approx(0.001 * np.arange(6, 12), abs=1e-6)
    assert table.values["wind"][1, 6:].tolist() == [park.profiles["wind"][5]] * 6
    assert "6 taken from earlier issues, 6 from persistence" in table.notes[0]
    _, hourly = read(park, rows(), issues=np.array([7]), horizon=4, missing="earlier_issue")
    assert hourly.values["wind"][0] == pytest.approx(0.06 + 0.001 * np.arange(7, 11), abs=1e-6)


def test_beyond_the_series_nothing_is_missing(park):
    """**Proves**: an issue near the end needs no rows beyond the end, and has no values there."""
    late = np.array([40])
    _, table = read(park, rows(issues=late, horizon=8), issues=late)
    assert np.isfinite(table.values["wind"][0, :8]).all()
    assert np.isnan(table.values["wind"][0, 8:]).all()
