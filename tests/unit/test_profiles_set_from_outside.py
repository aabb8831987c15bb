"""Where a path leads that is set from outside a park file: to the park's folder, as in the file, or else to the working directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridsim.errors import DefinitionError
from gridsim.park.park import Park
from gridsim.park.read import read_park

STARTER = Path(__file__).parents[2] / "networks" / "starter"
SHIPPED = STARTER.parents[1] / "profiles" / "starter"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the starter park, and a working directory beside it."""
    (tmp_path / "park").mkdir()
    (tmp_path / "work").mkdir()
    text = (STARTER / "park.yaml").read_text(encoding="utf-8").replace("../../profiles/starter", SHIPPED.as_posix())
    (tmp_path / "park" / "park.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def table(file: Path, value: float) -> None:
    """A year of a constant wind."""
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(["time,wind", *(f"2030-{at},{value}" for at in _hours())]), encoding="utf-8")


def _hours() -> list[str]:
    import numpy as np

    return [str(at)[5:16].replace("T", " ") for at in np.arange("2030-01-01", "2031-01-01", dtype="datetime64[h]").astype("datetime64[m]")]


def wind(folder: Path, override: str) -> float:
    park: Park = read_park(folder / "park", hours=(0, 24), overrides=[override])
    return float(park.profiles[park.technologies["wind_1"].profile][0])


def test_a_profile_is_looked_for_as_in_the_file_and_then_where_the_command_runs(folder: Path):
    """Proves: what only one of both folders has is found; of two it is the park's, so that an override means what the same line of the file means."""
    override = "profiles.wind=measured.csv#wind"
    table(folder / "work" / "measured.csv", 0.25)
    assert wind(folder, override) == 0.25
    table(folder / "park" / "measured.csv", 0.75)
    assert wind(folder, override) == 0.75


def test_a_profile_set_is_looked_for_alike(folder: Path):
    shipped = wind(folder, "name=x")
    table(folder / "work" / "calm" / "wind.csv", 0.125)
    listing = "title: Calm\nfiles: {wind.csv: {columns: {wind: }}}\n"
    (folder / "work" / "calm" / "profiles.yaml").write_text(listing, encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        read_park(folder / "park", hours=(0, 24), overrides=["profile_set=calm"])
    missing = {problem.where for problem in caught.value.problems}  # in this set, which has wind only
    assert missing == {"technologies.solar_1.profile", "technologies.factory.profile"}
    (folder / "park" / "shipped").symlink_to(SHIPPED)
    assert wind(folder, "profile_set=shipped") == shipped


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_what_no_system_could_have_is_told(folder: Path, name: str):
    for override in (f"profiles.wind={name}#wind", f"profile_set={name}"):
        with pytest.raises(DefinitionError):
            read_park(folder / "park", hours=(0, 24), overrides=[override])


def test_what_no_folder_has_is_told_with_the_park_s(folder: Path):
    with pytest.raises(DefinitionError) as caught:
        read_park(folder / "park", hours=(0, 24), overrides=["profiles.wind=measrued.csv#wind"])
    (problem,) = caught.value.problems
    assert problem.where == "technologies.wind_1.profile" and "measrued.csv" in problem.file + problem.found and "park" in problem.file + problem.found
