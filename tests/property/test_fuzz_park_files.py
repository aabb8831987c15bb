"""Whatever stands in its files, a park is read or refused with problems to fix: no other exception, and never a wait."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridsim.errors import DefinitionError
from gridsim.park.park import Park
from gridsim.park.read import read_park

ROOT = Path(__file__).parents[2]
PARK = (
    (ROOT / "networks/starter/park.yaml")
    .read_text(encoding="utf-8")
    .replace("time: {year: 2030}", "time: {start: 2030-01-01, hours: 24}")
    .replace("../../profiles/starter", "profiles")
)
LINES = PARK.splitlines()
LISTING = "files:\n  day.csv:\n    columns: {wind: {unit: pu}, solar: {unit: pu}, load: {unit: pu}}\n"
DAY = "time,wind,solar,load\n" + "".join(f"2030-01-01 {hour:02}:00,0.5,0.25,0.75\n" for hour in range(24))
PATHS = """name time time.start time.hours technologies technologies.battery_1 technologies.battery_1.power_mw technologies.factory.profile
    technologies.electrolyser_1.part_load_curve tariffs.two_part_35kv.time_of_use.peak.hours buses.h2 limits profile_set profiles.wind
    """.split()
SECONDS_5 = 5000


def quick(examples: int) -> settings:
    """Return settings for some examples, the same ones each time, none of which may take longer than 5 s."""
    return settings(max_examples=examples, deadline=SECONDS_5, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A park of one day with its profiles."""
    folder = tmp_path_factory.mktemp("park")
    (folder / "profiles").mkdir()
    return folder


def read_or_refuse(folder: Path, park: str | bytes = PARK, listing: str | bytes = LISTING, day: str | bytes = DAY, **options) -> None:
    """Write the files, read the park, and see that a refusal says what was found and what to do, in the park's own words."""
    for name, content in {"park.yaml": park, "profiles/profiles.yaml": listing, "profiles/day.csv": day}.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    try:
        assert isinstance(read_park(folder, **options), Park)
    except DefinitionError as error:
        refusal = error
    else:
        return
    assert refusal.problems
    for problem in refusal.problems:
        assert problem.found
        assert problem.remedy
        assert problem.file
    assert not any(jargon in str(refusal) for jargon in ("Input should", "pydantic", "Node(", "Traceback"))


plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates().map(str),
    st.text(max_size=12),
    st.sampled_from(["park", "h2", "wind", "load", "battery"]),
)
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["bus", "type", "a", "1", "power_mw", "<<"]), inner, max_size=3)
    ),
    max_leaves=6,
)
TRICKY = """.nan -.inf 1e400 0x1F 0b 0o9 1_0 _ + = ~ << 2030-02-30 12:30:45 !!python/name:os.system !!binary ! &a *a ' " { [ ] } % @ ` | >-
    ? - --- ... # \\ [[[[[[ {a:{a:1}} 85% 1,5""".split()
TRICKY += ["2030-01-01 25:61:61", "!!int x", "!!set {a}", "&a [*a]", "{a: {a: {a: {a: 1}}}}", "5 MW", "9" * 5000, "0x" + "f" * 400]
TRICKY += ['"\\ud800"', '"\\0"', "\t", "\u2028", "\x85", "\ufeff"]
scalars = st.one_of(values.map(json.dumps), st.sampled_from(TRICKY), st.text(max_size=8))
position = st.integers(0, len(LINES))
mutations = st.one_of(
    st.tuples(st.just("delete"), position),
    st.tuples(st.just("repeat"), position, position),
    st.tuples(st.just("insert"), position, scalars),
    st.tuples(st.just("replace"), position, scalars),
    st.tuples(st.just("indent"), position, st.integers(0, 6)),
    st.tuples(st.just("swap"), position, st.integers(0, 60)),
    st.tuples(st.just("put"), position, st.integers(0, 60), st.characters()),
    st.tuples(st.just("cut"), position, st.integers(0, 60)),
)


def mutated(text: str, changes: list[tuple]) -> str:
    """Return the text after some changes to its lines."""
    lines = text.splitlines()
    for kind, place, *more in changes:
        at = min(place, len(lines) - 1)
        line = lines[at] if lines else ""
        match kind, more:
            case "delete", []:
                del lines[at : at + 1]
            case "repeat", [other]:
                lines.insert(min(other, len(lines)), line)
            case "insert", [scalar]:
                lines.insert(at, " " * (len(line) - len(line.lstrip())) + scalar)
            case "replace", [scalar]:
                key, colon, _ = line.partition(":")
                lines[at:] = [f"{key}{colon} {scalar}", *lines[at + 1 :]]
            case "indent", [width]:
                lines[at:] = [" " * width + line.lstrip(), *lines[at + 1 :]]
            case "swap", [column]:
                lines[at:] = [
                    line[:column] + line[column + 1 : column + 2] + line[column : column + 1] + line[column + 2 :],
                    *lines[at + 1 :],
                ]
            case "put", [column, letter]:
                lines[at:] = [line[:column] + letter + line[column + 1 :], *lines[at + 1 :]]
            case "cut", [column]:
                lines[at:] = [line[:column], *lines[at + 1 :]]
    return "\n".join(lines) + "\n"


@quick(120)
@given(changes=st.lists(mutations, min_size=1, max_size=4))
def test_a_mutated_park_file_is_read_or_refused(folder, changes):
    read_or_refuse(folder, park=mutated(PARK, changes))


@quick(40)
@given(start=st.integers(0, len(PARK)), junk=st.binary(min_size=1, max_size=40), length=st.integers(0, 40))
def test_random_bytes_in_a_park_file_are_read_or_refused(folder, start, junk, length):
    raw = PARK.encode()
    read_or_refuse(folder, park=raw[:start] + junk + raw[start + length :])


@quick(40)
@given(changes=st.lists(mutations, min_size=1, max_size=3))
def test_a_mutated_listing_of_profiles_is_read_or_refused(folder, changes):
    read_or_refuse(folder, listing=mutated(LISTING, changes))


@quick(80)
@given(changes=st.lists(mutations, min_size=1, max_size=3), separator=st.sampled_from([",", ",", ";", "\t"]), junk=st.binary(max_size=3))
def test_a_mutated_profile_is_read_or_refused(folder, changes, separator, junk):
    read_or_refuse(folder, day=mutated(DAY, changes).replace(",", separator).encode("utf-8", "surrogatepass") + junk)


@quick(80)
@given(
    overrides=st.lists(
        st.tuples(st.sampled_from(PATHS) | st.text(max_size=20), scalars).map("=".join) | st.text(max_size=20), min_size=1, max_size=3
    ),
    stage=st.none() | st.text(max_size=5),
    hours=st.none() | st.tuples(st.integers(), st.integers()),
)
def test_any_override_stage_and_hours_are_taken_or_refused(folder, overrides, stage, hours):
    read_or_refuse(folder, overrides=overrides, stage=stage, hours=hours)
