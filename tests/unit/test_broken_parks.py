# ruff: noqa: E501  one line a case
"""Broken parks: each mistake that a user can make is told with file, line, path, finding and remedy, and all of them at once."""

from __future__ import annotations

import datetime
import hashlib
import math
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from gridsim.errors import DefinitionError, Problem
from gridsim.park import messages
from gridsim.park.read import read_park
from gridsim.park.tree import Node
from gridsim.technologies import registry

PARK = """\
name: Base
description: As small as a park with everything in it can be
time: {start: 2030-01-01, hours: 24}
profile_set: profiles

sites:
  north: {label: North}

buses:
  park: {carrier: electricity, site: north}
  h2: {carrier: hydrogen}

tariffs:
  two_part:
    energy_price_cny_per_mwh: 320
    time_of_use:
      peak: {hours: "06-09, 17-22", multiplier: 1.5, months: [1, 12]}
    adders_cny_per_mwh: {transmission: 108.0}

technologies:
  wind_1:
    type: wind
    bus: park
    capacity_mw: 60
    profile: wind
  battery_1:
    type: battery
    bus: park
    power_mw: 15
    energy_mwh: 30
    level_min_share: 0.1
  electrolyser_1:
    type: electrolyser
    kind: alkaline
    bus: park
    hydrogen_bus: h2
    capacity_mw: 20
  hydrogen_users:
    type: hydrogen_demand
    bus: h2
    annual_kg: 1200000
  factory:
    type: load
    bus: park
    peak_mw: 30
    profile: load
  shift_1:
    type: demand_response
    kind: shift
    load: factory
    share: 0.1
    window_hours: 4
    price_cny_per_mwh: 50
  grid:
    type: grid_connection
    bus: park
    tariff: two_part
    import_limit_mw: 40
    export_limit_mw: 30

limits:
  export_share_max: 0.2
"""
LISTING = """\
title: A day
time: {start: 2030-01-01, hours: 24, step_minutes: 60}
files:
  day.csv:
    origin: made up
    licence: MIT
    columns:
      wind: {unit: pu, of: rated power}
      load: {unit: pu, of: peak}
"""
STAGES = """
stages:
  first:
    technologies.battery_1.power_mw: 20
  second:
    after: first
    technologies:
      battery_1: {energy_mwh: 60}
"""
LOADS = "name,type,bus,peak_mw\nmill,load,park,3\noffice,load,park,1.5\n"


def hours_csv(count: int = 24) -> str:
    """Write the hours of 2030 from its first, one row each."""
    rows = [f"2030-{1 + day // 31:02}-{1 + day % 31:02} {hour:02}:00,0.5,0.25" for day in range(-(-count // 24)) for hour in range(24)]
    return "time,wind,load\n" + "\n".join(rows[:count]) + "\n"


def row_csv(count: int) -> str:
    """Write rows without labels."""
    return "wind,load\n" + "0.5,0.25\n" * count


@dataclass(frozen=True)
class Case:
    """One mistake: what is changed in the base park, and what must be told about it."""

    name: str
    files: dict[str, bytes]
    """File → its broken content."""
    where: str
    found: str
    remedy: str
    line: int | None = None
    file: str = "park.yaml"
    count: int = 1
    """Problems in all; the one described here is among them."""
    options: dict = field(default_factory=dict)


def park(
    name: str, old: str, new: str, where: str, found: str, remedy: str, at: str | None = "", count: int = 1, base: str = PARK, **options
) -> Case:
    """Change the park file; the line pointed at is the first that differs, or the one that starts with ``at``, or none."""
    assert base.count(old) == 1
    text = base.replace(old, new, 1)
    lines = text.splitlines()
    if at == "":
        pairs = zip(lines, [*base.splitlines(), *[""] * len(lines)], strict=False)
        line = next(number for number, (after, before) in enumerate(pairs, start=1) if after != before)
    else:
        line = None if at is None else next(number for number, text in enumerate(lines, start=1) if text.strip().startswith(at))
    return Case(name, {"park.yaml": text.encode()}, where, found, remedy, line, count=count, options=options)


def staged(*expected: str, **options) -> Case:
    """Change a park file with stages."""
    return park(*expected, base=PARK + STAGES, **options)


def whole(name: str, content: str | bytes, found: str, remedy: str, line: int | None = None) -> Case:
    """Replace the park file."""
    content = content if isinstance(content, bytes) else content.encode()
    return Case(name, {"park.yaml": content}, "", found, remedy, line)


def day(
    name: str, content: str | bytes, found: str, remedy: str, line: int | None = None, where: str = "technologies.wind_1.profile", **more
) -> Case:
    """Replace the profiles' CSV file."""
    content = content if isinstance(content, bytes) else content.encode()
    return Case(name, {"profiles/day.csv": content}, where, found, remedy, line, file="profiles/day.csv", **more)


def listing(name: str, old: str, new: str, where: str, found: str, remedy: str, line: int | None) -> Case:
    """Change the profile set's listing."""
    assert old in LISTING
    return Case(
        name, {"profiles/profiles.yaml": LISTING.replace(old, new).encode()}, where, found, remedy, line, file="profiles/profiles.yaml"
    )


def table(name: str, content: str, where: str, found: str, remedy: str, line: int | None, count: int = 1) -> Case:
    """Add a CSV table of technologies."""
    files = {"park.yaml": f"{PARK}tables: [loads.csv]\n".encode(), "loads.csv": content.encode()}
    return Case(name, files, where, found, remedy, line, file="loads.csv", count=count)


def setting(name: str, override: str, where: str, found: str, remedy: str) -> Case:
    """Override one value."""
    return Case(name, {}, where, found, remedy, file=f"--set {override}", options={"overrides": (override,)})


YEAR = ("time: {start: 2030-01-01, hours: 24}", "time: {year: 2030}")
LEAP = ("time: {start: 2030-01-01, hours: 24}", "time: {year: 2028}")


def year(name: str, time: tuple[str, str], content: str, found: str, remedy: str, line: int | None = None) -> Case:
    """Simulate a whole year with the profiles given."""
    files = {
        "park.yaml": PARK.replace(*time).encode(),
        "profiles/day.csv": content.encode(),
        "profiles/profiles.yaml": LISTING.replace("time:", "# time:").encode(),
    }
    return Case(name, files, "technologies.wind_1.profile", found, remedy, line, file="profiles/day.csv")


BATTERY, FACTORY, GRID = "technologies.battery_1", "technologies.factory", "technologies.grid"
SHIFT, PEAK = "technologies.shift_1", "tariffs.two_part.time_of_use.peak"

# fmt: off
KEYS = [
    park("misspelt key", "power_mw: 15", "powr_mw: 15", f"{BATTERY}.powr_mw", "is not a key here", "did you mean 'power_mw'?"),
    park("missing field", "    power_mw: 15\n", "", f"{BATTERY}.power_mw", "is missing", "a number in MW", at="battery_1"),
    park("missing text", "    tariff: two_part\n", "", f"{GRID}.tariff", "is missing", "the name of a tariff", at="grid:"),
    park("missing type", "    type: battery\n", "", f"{BATTERY}.type", "is missing", "battery", at="battery_1"),
    park("unknown type", "type: battery", "type: batery", f"{BATTERY}.type", "'batery' is not a type", "did you mean 'battery'?"),
    park("type is a list", "type: battery", "type: [battery]", f"{BATTERY}.type", "a list is not a type", "battery"),
    park("null technology", "  wind_1:\n", "  nothing:\n  wind_1:\n", "technologies.nothing", "is nothing", "type:"),
    park("technology is a number", "  wind_1:\n", "  five: 5\n  wind_1:\n", "technologies.five", "is 5", "type:"),
    park("technologies as a list", "technologies:\n", "technologies: [wind]\nothers:\n", "technologies", "is a list", "name", count=2),
    park("buses as text", "buses:\n", "buses: park\nothers:\n", "buses", "is 'park'", "name", count=2),
    park("bus as text", "h2: {carrier: hydrogen}", "h2: hydrogen", "buses.h2", "is 'hydrogen'", "carrier"),
    park("limits as a list", "limits:\n  export_share_max: 0.2", "limits: [0.2]", "limits", "is a list", "export_share_max"),
    park("unknown top key", "limits:", "limit:", "limit", "is not a key of a park", "did you mean 'limits'?"),
    park("integer key", "limits:", "5: five\nlimits:", "5", "is not a key of a park", "limits"),
    park("missing top key", "name: Base\n", "", "name", "is missing", "name, time, buses", at=None),
    park("empty top key", "name: Base", "name:", "name", "is empty", "name, time, buses"),
    park("name with a dot", "  wind_1:", "  wind.1:", "technologies.wind.1", "'wind.1' cannot be a name", "letters"),
    park("empty name", "  wind_1:", "  '':", "technologies.", "'' cannot be a name", "letters"),
    park("nested key", "multiplier: 1.5", "multiplyer: 1.5", f"{PEAK}.multiplyer", "is not a key here", "did you mean 'multiplier'?"),
]
UNITS = [
    park("wrong unit kind", "power_mw: 15", "power_kw: 15000", f"{BATTERY}.power_kw", "is not a key here", "power_mw: 15"),
    park("kWh for MWh", "energy_mwh: 30", "energy_kwh: 3e4", f"{BATTERY}.energy_kwh", "is not a key here", "energy_mwh: 30"),
    park("tonnes for kg", "annual_kg: 1200000", "annual_t: 1200", "technologies.hydrogen_users.annual_t", "not a key", "annual_kg: 1200000"),
    park("number with unit", "power_mw: 15", "power_mw: 5 MW", f"{BATTERY}.power_mw", "'5 MW' is not a number", "write 5 alone"),
    park("number in quotes", "power_mw: 15", "power_mw: '15'", f"{BATTERY}.power_mw", "'15' is not a number", "write 15 without quotes"),
    park("decimal comma", "power_mw: 15", "power_mw: 5,5", f"{BATTERY}.power_mw", "'5,5' is not a number", "write 5.5 with a decimal point"),
    park("word for a number", "power_mw: 15", "power_mw: many", f"{BATTERY}.power_mw", "'many' is not a number", "a number in MW"),
    park("percent", "share: 0.1\n    window", "share: 85\n    window", f"{SHIFT}.share", "85 is above 1", "did you mean 0.85?"),
    park("percent sign", "level_min_share: 0.1", 'level_min_share: "85%"', f"{BATTERY}.level_min_share", "'85%' is not a number", "write 0.85"),
]
VALUES = [
    park("negative power", "power_mw: 15", "power_mw: -15", f"{BATTERY}.power_mw", "-15 is below 0", "at least 0"),
    park("not a number", "power_mw: 15", "power_mw: .nan", f"{BATTERY}.power_mw", "nan is not a finite number", "in MW"),
    park("infinity", "power_mw: 15", "power_mw: -.inf", f"{BATTERY}.power_mw", "-inf is not a finite number", "in MW"),
    park("huge whole number", "power_mw: 15", f"power_mw: 0x{'f' * 5000}", f"{BATTERY}.power_mw", "is not a possible date or number", "correct it"),
    park("empty value", "power_mw: 15", "power_mw:", f"{BATTERY}.power_mw", "is empty", "a number in MW"),
    park("boolean for a number", "power_mw: 15", "power_mw: true", f"{BATTERY}.power_mw", "true is not a number", "in MW"),
    park("list for a number", "power_mw: 15", "power_mw: [15]", f"{BATTERY}.power_mw", "a list is not a number", "in MW"),
    park("date for a number", "power_mw: 15", "power_mw: 2030-01-15", f"{BATTERY}.power_mw", "2030-01-15 is not a number", "in MW"),
    park("number for a text", "kind: alkaline\n", "kind: alkaline\n    owner: 5\n", "technologies.electrolyser_1.owner", "5 is not text", "quotes"),
    park("number for a choice", "kind: alkaline", "kind: 5", "technologies.electrolyser_1.kind", "5 is not possible here", "'alkaline' or 'pem'"),
    park("text for a choice", "kind: alkaline", "kind: alkalin", "technologies.electrolyser_1.kind", "'alkalin'", "'alkaline' or 'pem'"),
    park("text for a switch", "import_limit_mw: 40", "import_limit_mw: 40\n    export_allowed: no", f"{GRID}.export_allowed", "'no'", "true or false"),
    park("share or word", "power_mw: 15", "power_mw: 15\n    level_end: half", f"{BATTERY}.level_end", "'half'", "'same' or 'free' or a number"),
    park("share above 1, or word", "power_mw: 15", "power_mw: 15\n    level_end: 50", f"{BATTERY}.level_end", "50 is above 1", "0.5"),
    park("number for a date", "2030-01-01, h", "20300101, h", "time.start", "20300101 is not a date", "2030-01-01"),
    park("impossible date", "2030-01-01, h", "2030-02-30, h", "time.start", "'2030-02-30' is not a possible date", "correct it"),
    park("date far away", "2030-01-01, h", "9999-12-31, h", "time.start", "is above 2100-12-31", "at most"),
    park("hours with decimals", "hours: 24}", "hours: 24.5}", "time.hours", "24.5 is not a whole number", "a whole number"),
    park("year and start", "{start: 2030-01-01, h", "{year: 2030, start: 2030-01-01, h", "time", "has year and start and hours", "give year:"),
    park("time without year", "{start: 2030-01-01, hours: 24}", "{step_minutes: 60}", "time", "neither year nor start", "give year:"),
    park("time as a number", "{start: 2030-01-01, hours: 24}", "2030", "time", "is 2030", "step_minutes"),
    park("energy in another unit", "energy_mwh: 30", 'energy_mwh: "2 GWh"', f"{BATTERY}.energy_mwh", "is not a number", "write 2000, which is 2 GWh"),
    park("unknown time zone", "hours: 24}", "hours: 24, time_zone: Asia/Shangai}", "time.time_zone", "'Asia/Shangai' is not a time zone", "mean 'Asia/Shanghai'?"),
    park("odd step", "hours: 24}", "hours: 24, step_minutes: 7}", "time.step_minutes", "7 is not possible", "5 or 15 or 30 or 60"),
    park("name is true", "name: Base", "name: true", "name", "true is not text", "text"),
    park("month 13", "months: [1, 12]", "months: [1, 13]", f"{PEAK}.months.1", "13 is above 12", "at most 12"),
    park("hours of no day", "06-09, 17-22", "25-26", f"{PEAK}.hours", "'25-26' is not an interval", "06-09"),
    park("minutes of no hour", "06-09, 17-22", "06:75-09", f"{PEAK}.hours", "'06:75-09' is not an interval", "06-09"),
    park("hours as a number", '"06-09, 17-22"', "6", f"{PEAK}.hours", "6 is not text", "quotes"),
    park("no multiplier", "multiplier: 1.5, ", "", PEAK, "neither multiplier nor price", "give one"),
    park("two prices", "mwh: 320", "mwh: 320\n    energy_price_profile: wind", "tariffs.two_part", "has both", "give one", at="two_part"),
]
REFERENCES = [
    park("unknown bus", "bus: park\n    power", "bus: prak\n    power", f"{BATTERY}.bus", "'prak' is not a bus", "did you mean 'park'? Known: park"),
    park("wrong carrier", "bus: park\n    power", "bus: h2\n    power", f"{BATTERY}.bus", "'h2' carries hydrogen", "electricity: park"),
    park("unknown carrier", "carrier: hydrogen", "carrier: hydrogn", "buses.h2.carrier", "'hydrogn' is not possible", "'hydrogen'"),
    park("unknown site", "site: north", "site: nroth", "buses.park.site", "'nroth' is not a site", "did you mean 'north'?"),
    park("unknown tariff", "tariff: two_part", "tariff: two_prat", f"{GRID}.tariff", "'two_prat' is not a tariff", "did you mean 'two_part'?"),
    park("unknown profile", "profile: load", "profile: laod", f"{FACTORY}.profile", "no profile 'laod'", "did you mean 'load'?"),
    park("unknown load", "load: factory", "load: factry", f"{SHIFT}.load", "'factry' is not a load", "did you mean 'factory'?"),
    park("unknown set", "profile_set: profiles", "profile_set: prfiles", "profile_set", "no folder", "profiles.yaml"),
    park("set is a number", "profile_set: profiles", "profile_set: 5", "profile_set", "5 is not a folder", "profiles.yaml"),
    park("reference without column", "sites:", "profiles: {load: day.csv}\nsites:", "profiles.load", "not of the form", "columns"),
    Case(
        "reference to nothing", {"park.yaml": f"{PARK}profiles: {{load: nowhere.csv#load}}\n".encode()}, f"{FACTORY}.profile", "does not exist", "path", file="nowhere.csv"
    ),
    Case(
        "reference to no column",
        {"park.yaml": f"{PARK}profiles: {{load: profiles/day.csv#lod}}\n".encode()},
        f"{FACTORY}.profile",
        "no column 'lod'",
        "'load'",
        1,
        "profiles/day.csv",
    ),
]
SENSE = [
    park("name of a bus", "limits:", "  h2: {type: load, bus: park, peak_mw: 1}\nlimits:", "technologies.h2", "'h2' is also a bus", "rename one"),
    park("name kept for results", "limits:", "  total: {type: load, bus: park, peak_mw: 1}\nlimits:", "technologies.total", "reserved", "another name"),
    park("window closed", "level_min_share: 0.1", "level_min_share: 1", f"{BATTERY}.level_min_share", "is not below level_max", "window"),
    park("battery of a month", "energy_mwh: 30", "energy_mwh: 30000", f"{BATTERY}.energy_mwh", "lasts 2000 h", "MWh"),
    park(
        "curve not rising",
        "kind: alkaline",
        "kind: alkaline\n    part_load_curve: [[0.2, 1.0], [1.0, 1.0], [0.9, 1.0]]",
        "technologies.electrolyser_1.part_load_curve",
        "do not rise",
        "rising order",
    ),
    park(
        "curve of single numbers",
        "kind: alkaline",
        "kind: alkaline\n    part_load_curve: [[0.2, 1.0], [1.0]]",
        "technologies.electrolyser_1.part_load_curve.1",
        "has 1 entry",
        "at least 2",
    ),
    park("foreign field", "share: 0.1\n    window", "share: 0.1\n    quota_mwh: 5\n    window", f"{SHIFT}.quota_mwh", "no meaning for kind shift", "share"),
    park("field of the kind missing", "    load: factory\n", "", f"{SHIFT}.load", "is missing", "window_hours", at="shift_1"),
    park("two sizes", "peak_mw: 30", "peak_mw: 30\n    annual_energy_mwh: 5e5", f"{FACTORY}.peak_mw", "together with annual", "one", at="peak_mw"),
    park("no size", "    peak_mw: 30\n    profile: load\n", "", f"{FACTORY}.annual_energy_mwh", "is missing", "peak_mw", at="factory"),
    park(
        "quota impossible",
        "kind: shift\n    load: factory\n    share: 0.1\n    window_hours: 4\n    price_cny_per_mwh: 50",
        "kind: process\n    bus: park\n    power_mw: 2\n    quota_mwh: 100\n    quota_period: day",
        f"{SHIFT}.quota_mwh",
        "cannot be met",
        "change one",
        at="quota_mwh",
    ),
    park(
        "rate too low",
        "kg: 1200000",
        "kg: 1200000\n    flexible_within: day\n    max_kg_per_h: 1",
        "technologies.hydrogen_users.max_kg_per_h",
        "delivers 8760 kg",
        "raise",
        at="max_kg",
    ),
    park(
        "green share without green",
        "type: wind\n    bus: park\n    capacity_mw: 60",
        "type: load\n    bus: park\n    peak_mw: 60",
        "limits.export_share_max",
        "does not have",
        "wind",
        at="export_share_max",
    ),
    Case(
        "no demand",
        {"park.yaml": (PARK.partition("  hydrogen_users:")[0] + PARK[PARK.index("  grid:") :]).encode()},
        "technologies",
        "no technology has a demand",
        "add a load",
        line=20,
    ),
]
PROFILES = [
    day("missing hour", hours_csv().replace("2030-01-01 05:00,0.5,0.25\n", ""), "2030-01-01 05:00 is missing", "one row a step", 7),
    day("duplicated hour", hours_csv().replace("2030-01-01 05", "2030-01-01 04"), "05:00 is expected here; the row repeats", "one row a step", 7),
    day("hours in disorder", hours_csv().replace("01 05", "01 07"), "05:00 is missing (found 2030-01-01 07:00", "one row a step", 7),
    day("starts late", hours_csv().replace("2030-01-01 ", "2030-01-02 "), "begins at 2030-01-02 00:00, the park at 2030-01-01", "start", 2),
    day("label is no time", hours_csv().replace("2030-01-01 05:00", "1/1/30 5:00"), "'1/1/30 5:00' is not a time", "2030-01-01 00:00", 7),
    day("first label is no time", hours_csv().replace("2030-01-01 00:00", "today"), "'today' is not a time", "2030-01-01 00:00", 2),
    day("too few hours", hours_csv(20), "has 20 rows", "expected 24 rows"),
    day("too many hours", hours_csv(240), "has 240 rows", "--hours"),
    day("no rows", "time,wind,load\n", "no rows below", "expected 24"),
    year("year of 8759 rows", YEAR, row_csv(8759), "has 8759 rows", "expected 8760 rows"),
    year("common year in a leap year", LEAP, row_csv(8760), "has 8760 rows", "the park's year is a leap year"),
    year("leap year in a common year", YEAR, row_csv(8784), "has 8784 rows", "the park's year is not a leap year"),
    day("empty cell", hours_csv().replace("05:00,0.5,", "05:00,,"), "holds an empty cell", "decimal point", 7),
    day("text in numbers", hours_csv().replace("05:00,0.5", "05:00,calm"), "holds 'calm'", "number", 7),
    day("NaN in numbers", hours_csv().replace("05:00,0.5", "05:00,NaN"), "holds 'NaN'", "number", 7),
    day("infinite number", hours_csv().replace("05:00,0.5", "05:00,1e999"), "holds '1e999'", "number", 7),
    day("comma in quotes", hours_csv().replace("0.5", '"0,5"'), "holds '0,5', and 23 more", "decimal point", 2),
    day("negative load", hours_csv().replace("06:00,0.5,0.25", "06:00,0.5,-0.25"), "is negative: -0.25 here, and 1 of 24 rows", "signs", 8, f"{FACTORY}.profile"),
    Case("availability above 1", {"profiles/day.csv": hours_csv().replace("0.5", "50").encode()}, "technologies.wind_1.profile", "reaches 50 of rated", "0..1", 25),
    day("column left out", hours_csv().replace("load", "lod"), "no column 'load'", "did you mean 'lod'?", 1, f"{FACTORY}.profile"),
    listing("misspelt key of a file", "licence", "license", "files.day.csv.license", "is not a key here", "did you mean 'licence'?", 6),
    listing(
        "no columns", "    columns:\n      wind: {unit: pu, of: rated power}\n      load: {unit: pu, of: peak}\n", "", "files.day.csv.columns", "is missing", "columns", 4
    ),
    listing("files as a list", "  day.csv:", "  - day.csv:", "files", "a list is not a group of keys", "keys", 3),
]
FILES = [
    whole("empty YAML", "", "is empty", "gridsim new"),
    whole("only comments", "# name: Base\n# time: {year: 2030}\n", "is empty", "gridsim new"),
    whole("only a list", "- name: Base\n", "is a list", "begin with name:", 1),
    whole("only text", "Base\n", "is 'Base'", "begin with name:", 1),
    whole("YAML with BOM", b"\xef\xbb\xbf" + PARK.encode(), "byte-order mark", "plain UTF-8", 1),
    whole("YAML in UTF-16", PARK.encode("utf-16"), "byte-order mark", "plain UTF-8", 1),
    whole("YAML in UTF-16 without BOM", PARK.encode("utf-16-le"), "control character", "binary", 1),
    whole("YAML in another encoding", PARK.replace("As", "Über").encode("latin-1"), "is not UTF-8 text", "UTF-8", 2),
    whole("binary YAML", bytes(range(256)), "is not UTF-8 text", "UTF-8", 2),
    whole("zeros", bytes(1000), "control character", "binary", 1),
    whole("two documents", PARK + "---\n" + PARK, "more than one YAML document", "---", PARK.count("\n") + 1),
    whole("directive", "%YAML 1.1\n---\n" + PARK, "directive", "remove", 1),
    whole("very long YAML", "name: x\n" + "# nothing\n" * 60_000, "is too large (0.6 MB)", "CSV tables"),
    whole("deep nesting", "a: " + "[" * 10_000, "nested too deeply", "tables", 1),
    whole("recursive anchor", "name: &a [*a]\n", "'*a', which is not complete above it", "write the value out", 1),
    whole(
        "anchor bomb",
        "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        "is too long",
        "anchors",
        5,
    ),
    whole("undefined alias", "name: *nobody\n", "'*nobody', which is not complete", "quotes", 1),
    whole("tab for indentation", "time:\n\tyear: 2030\n", "a mark that YAML keeps", "not tabs", 2),
    whole("quote left open", 'name: "Base\ntime: {year: 2030}\n', "leaves a quote open", "close", 1),
    whole("bracket left open", "time: {year: 2030\nbuses: {}\n", "leaves a bracket", "close", 1),
    whole("colon in text", "name: Base: the park\n", "':'", "quote", 1),
    whole("uneven indentation", "time:\n    year: 2030\n  start: 5\n", "indented unlike", "same column", 3),
    park("code in a tag", "name: Base", 'name: !!python/object/apply:os.system ["exit 1"]', "name", "has the YAML tag", "without a tag"),
    park("merge key", "  battery_1:\n", "  battery_1:\n    <<: {owner: me}\n", BATTERY, "merge key '<<'", "write the values out"),
    park("list as a key", "limits:", "? [a, b]\n: 5\nlimits:", "", "a list or a group as a key", "one word"),
    park("unprintable text", "name: Base", 'name: "a\\0b"', "name", "cannot be printed", "plain text"),
    park("name twice", "limits:", "  battery_1: {type: load}\nlimits:", BATTERY, "is written twice (first in line 26)", "rename"),
    park("key twice", "power_mw: 15", "power_mw: 15\n    power_mw: 16", f"{BATTERY}.power_mw", "is written twice", "remove"),
    day("empty CSV", "", "is empty", "header"),
    day("CSV with BOM", b"\xef\xbb\xbf" + hours_csv().encode(), "byte-order mark", "plain UTF-8", 1),
    day("CSV in UTF-16", hours_csv().encode("utf-16"), "byte-order mark", "plain UTF-8", 1),
    day("binary CSV", bytes(range(128, 256)), "is not UTF-8 text", "UTF-8", 1),
    day("semicolons", hours_csv().replace(",", ";"), "separated by semicolons", "commas", 1),
    day("semicolons and decimal commas", hours_csv().replace(",", ";").replace("0.", "0,"), "separated by semicolons", "commas", 1),
    day("tabs", hours_csv().replace(",", "\t"), "separated by tabs", "commas", 1),
    day("decimal commas", hours_csv().replace("0.", "0,"), "has 5 cells, the header has 3; 23 more rows", "decimal point", 2),
    day("ragged row", hours_csv().replace("05:00,0.5,0.25", "05:00,0.5"), "has 2 cells, the header has 3", "one cell a column", 7),
    day("column twice", hours_csv().replace("load", "wind"), "two columns 'wind'", "name of its own", 1),
    day("column without a name", hours_csv().replace("load", ""), "column without a name", "name of its own", 1),
    day("quote left open in CSV", hours_csv().replace("05:00,0.5", '05:00,"0.5'), "cannot be read as CSV", "quotes", 26),
]
TABLES = [
    table("name in YAML and in a table", LOADS.replace("mill", "factory"), FACTORY, "is written twice (first in", "rename", 2),
    table("name twice in a table", LOADS.replace("office", "mill"), "technologies.mill", "is written twice (first in", "rename", 3),
    table("no name in a row", LOADS.replace("office", ""), "technologies", "a row has no name", "name", 3),
    table("no type column", LOADS.replace("type", "kind"), "tables", "no column 'type'", "name, type", 1),
    table("text in a table's number", LOADS.replace(",3\n", ",3 MW\n"), "technologies.mill.peak_mw", "'3 MW' is not a number", "3 alone", 2),
    table("misspelt column", LOADS.replace("peak_mw", "pek_mw"), "technologies.mill.pek_mw", "is not a key here", "'peak_mw'", 2, count=2),
    table("unknown bus in a table", LOADS.replace("park,1.5", "prak,1.5"), "technologies.office.bus", "'prak' is not a bus", "'park'", 3),
    table("blank lines in a table", LOADS.replace("office", "\noffice").replace("1.5", "-1.5"), "technologies.office.peak_mw", "-1.5 is below 0", "at least", 4),
    Case("table missing", {"park.yaml": f"{PARK}tables: loads.csv\n".encode()}, "tables", "does not exist", "path", file="loads.csv"),
    park("table is a number", "limits:", "tables: [5]\nlimits:", "tables", "5 is not a file name", "loads.csv"),
]
STAGED = [
    Case("unknown stage", {"park.yaml": (PARK + STAGES).encode()}, "", "'secnd' is not a stage", "'second'?", file="--stage secnd", options={"stage": "secnd"}),
    staged("unknown default stage", "name: Base", "default_stage: thrid\nname: Base", "default_stage", "'thrid' is not a stage", "first, second"),
    staged("default stage is a list", "name: Base", "default_stage: [first]\nname: Base", "default_stage", "a list is not a stage", "first, second"),
    staged("stage after unknown", "after: first", "after: frist", "stages.second.after", "'frist' is not a stage", "did you mean 'first'?"),
    staged("stages in a circle", "  first:\n", "  first:\n    after: second\n", "stages.first.after", "circle (first after second after first)", "remove", stage="second"),
    staged("stage after itself", "  first:\n", "  first:\n    after: first\n", "stages.first.after", "circle (first after first)", "remove", stage="first"),
    staged(
        "misspelt stage key",
        "    technologies:\n      battery_1: {e",
        "    tecnologies:\n      battery_1: {e",
        "stages.second.tecnologies",
        "not a key that a stage",
        "'technologies'",
    ),
    staged("stage is text", "  second:\n    after: first\n    technologies:\n      battery_1: {energy_mwh: 60}", "  second: more", "stages.second", "is 'more'", "keys"),
    staged(
        "stages as a list",
        "stages:\n  first:\n    technologies.battery_1.power_mw: 20\n  second:\n    after: first\n    technologies:\n      battery_1: {energy_mwh: 60}",
        "stages: [first]",
        "stages",
        "is a list",
        "stages:",
    ),
    staged("stage changes nobody", "battery_1: {e", "batery_1: {e", "technologies.batery_1", "no 'technologies.batery_1' to change", "'battery_1'", stage="second"),
    staged("stage path to nobody", "battery_1.power_mw: 20", "batery_1.power_mw: 20", "technologies.batery_1.power_mw", "to change", "'battery_1'", stage="first"),
    staged("stage removes nobody", "battery_1: {energy_mwh: 60}", "nobody:", "technologies.nobody", "to remove", "battery_1", stage="second"),
    staged("mistake in a stage", "{energy_mwh: 60}", "{energy_mwh: -60}", f"{BATTERY}.energy_mwh", "-60 is below 0", "at least 0", stage="second"),
]
OPTIONS = [
    setting("override without =", "technologies.battery_1.power_mw", "", "not of the form path=value", "for example"),
    setting("override without path", "=5", "", "not of the form path=value", "for example"),
    setting("override of nobody", "technologies.batery_1.power_mw=5", "technologies.batery_1.power_mw", "no 'technologies.batery_1'", "'battery_1'"),
    setting("override of no section", "tecnologies.battery_1.power_mw=5", "tecnologies.battery_1.power_mw", "cannot be set", "'technologies'"),
    setting("override below a value", "name.first=5", "name.first", "'name' is 'Base', not a group", "shorten"),
    setting("override of a wrong kind", "technologies.battery_1.power_mw=5 MW", f"{BATTERY}.power_mw", "'5 MW' is not a number", "5 alone"),
    setting("override of an unknown key", "technologies.battery_1.powr_mw=5", f"{BATTERY}.powr_mw", "is not a key here", "'power_mw'"),
    setting("override with half a list", "technologies.battery_1.power_mw=[5", f"{BATTERY}.power_mw", "'[5' leaves a bracket", "write a number"),
    setting("override with code", "name=!!python/name:os.system x", "name", "has the YAML tag", "write a number"),
    Case("override that removes a need", {}, f"{BATTERY}.power_mw", "is missing", "in MW", line=26, options={"overrides": ("technologies.battery_1.power_mw=",)}),
    Case("hours turned round", {}, "", "12:4 is not a part", "FIRST", file="--hours", options={"hours": (12, 4)}),
    Case("hours beyond the end", {}, "", "0:25 is not a part of the park's 24 hours", "FIRST", file="--hours", options={"hours": (0, 25)}),
    Case("hours before the start", {}, "", "-1:5 is not a part", "FIRST", file="--hours", options={"hours": (-1, 5)}),
]
# fmt: on
CASES = [*KEYS, *UNITS, *VALUES, *REFERENCES, *SENSE, *PROFILES, *FILES, *TABLES, *STAGED, *OPTIONS]


@pytest.fixture
def folder(tmp_path):
    """The base park, without a fault."""
    (tmp_path / "profiles").mkdir()
    (tmp_path / "park.yaml").write_text(PARK)
    (tmp_path / "profiles" / "profiles.yaml").write_text(LISTING)
    (tmp_path / "profiles" / "day.csv").write_text(hours_csv())
    return tmp_path


def problems_of(folder: Path, **options) -> list[Problem]:
    """Read a broken park and return its problems, files relative to the park's folder."""
    with pytest.raises(DefinitionError) as caught:
        read_park(folder, **options)
    error = caught.value
    assert error.exit_code == 2
    assert all(str(problem) in str(error) for problem in error.problems)
    return [replace(problem, file=problem.file.removeprefix(f"{folder}{os.sep}")) for problem in error.problems]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_told_with_place_finding_and_remedy(folder, case):
    for name, content in case.files.items():
        (folder / name).write_bytes(content)
    problems = problems_of(folder, **case.options)
    places = {(problem.file, problem.line, problem.where): problem for problem in problems}
    assert (case.file, case.line, case.where) in places
    problem = places[case.file, case.line, case.where]
    assert case.found in problem.found
    assert case.remedy in problem.remedy
    assert len(problems) == case.count


def test_all_problems_are_told_at_once_in_the_order_of_the_file(folder):
    """Eleven mistakes in three places are eleven problems, those of one file by line; what follows from them is not told again."""
    text = (
        PARK.replace("carrier: hydrogen", "carrier: hydrogn")
        .replace("06-09, 17-22", "25-26")
        .replace("capacity_mw: 60", "capacity_mw: -60")
    )
    text = (
        text.replace("power_mw: 15", "power_kw: 15000")
        .replace("level_min_share: 0.1", "level_min_share: 85")
        .replace("type: load", "type: laod")
    )
    text = text.replace("share: 0.1\n    window", "share: 10%\n    window").replace("limits:", "limit: 5\ntables: loads.csv\nlimits:")
    (folder / "park.yaml").write_text(text.replace("kind: alkaline", "kind: alkaline\n    kind: pem"))
    (folder / "loads.csv").write_text(LOADS.replace("1.5", "many"))
    problems = problems_of(folder, hours=(3, 2))
    assert [(problem.file, problem.line, problem.where) for problem in problems] == [
        ("park.yaml", 11, "buses.h2.carrier"),
        ("park.yaml", 17, f"{PEAK}.hours"),
        ("park.yaml", 24, "technologies.wind_1.capacity_mw"),
        ("park.yaml", 29, f"{BATTERY}.power_kw"),
        ("park.yaml", 31, f"{BATTERY}.level_min_share"),
        ("park.yaml", 35, "technologies.electrolyser_1.kind"),
        ("park.yaml", 44, f"{FACTORY}.type"),
        ("park.yaml", 52, f"{SHIFT}.share"),
        ("park.yaml", 62, "limit"),
        ("loads.csv", 3, "technologies.office.peak_mw"),
        ("--hours", None, ""),
    ]


def test_a_problem_is_a_value(folder):
    """Problems compare by what they say, and read as file, line, path, finding and remedy."""
    (folder / "park.yaml").write_text(PARK.replace("power_mw: 15", "power_mw: 5 MW"))
    remedy = "write 5 alone, as the unit stands in the key's name; expected a number in MW"
    expected = Problem(f"{BATTERY}.power_mw", "'5 MW' is not a number", remedy, "park.yaml", 29)
    assert problems_of(folder) == [expected]
    assert str(expected) == f"park.yaml:29: {BATTERY}.power_mw: '5 MW' is not a number\n      -> {remedy}"


def test_the_base_park_is_sound(folder):
    park = read_park(folder, hours=(6, 12), overrides=["technologies.battery_1.power_mw=10"])
    assert park.time.hours == 6
    assert park.technologies["battery_1"].power_mw == 10
    assert park.notes == ()


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_the_line_ends_of_other_systems_are_read(folder, line_end):
    for name in ("park.yaml", "profiles/profiles.yaml", "profiles/day.csv"):
        (folder / name).write_bytes((folder / name).read_bytes().replace(b"\n", line_end.encode()))
    assert read_park(folder).profile_means["load"] == 0.25


def test_code_in_a_tag_is_not_run(folder):
    """The folder that the tag's command would make is not made."""
    made = folder / "made"
    (folder / "park.yaml").write_text(PARK.replace("name: Base", f"name: !!python/object/apply:os.mkdir [{str(made)!r}]"))
    problems_of(folder)
    assert not made.exists()


def test_what_follows_from_a_refused_entry_is_not_told(folder):
    """A bus, a tariff and a load that are refused do not make everything that names them wrong too."""
    text = PARK.replace("park: {carrier: electricity", "park: {carier: electricity").replace(
        "energy_price_cny_per_mwh: 320", "energy_price: 320"
    )
    (folder / "park.yaml").write_text(text.replace("peak_mw: 30", "peak_mw: -30"))
    told = [problem.where for problem in problems_of(folder)]
    assert told == ["buses.park.carier", "tariffs.two_part.energy_price", f"{FACTORY}.peak_mw"]


def test_one_bad_column_is_told_once_and_unused_columns_are_not_read(folder):
    """Two loads on one faulty column are one problem; a column of remarks beside it is none."""
    second = "  second:\n    type: load\n    bus: park\n    peak_mw: 1\n    profile: load\n"
    (folder / "park.yaml").write_text(PARK.replace("  grid:\n", f"{second}  grid:\n"))
    header, *rows = hours_csv().replace("0.25", "?").splitlines()
    (folder / "profiles" / "day.csv").write_text("\n".join([f"{header},remark", *(f"{row},fine" for row in rows)]))
    found = "column 'load' holds '?', and 23 more cells without a number"
    remedy = "every step needs a plain number with a decimal point, such as 0.25"
    assert problems_of(folder) == [Problem(f"{FACTORY}.profile", found, remedy, "profiles/day.csv", 2)]


def test_a_changed_file_is_noted(folder):
    """A checksum that differs is no fault, as people mend their data; it is said, so that nobody takes the file for the published one."""
    digest = hashlib.sha256(hours_csv().encode()).hexdigest()
    (folder / "profiles" / "profiles.yaml").write_text(LISTING.replace("origin: made up", f"sha256: {digest}"))
    assert read_park(folder).notes == ()
    (folder / "profiles" / "day.csv").write_text(hours_csv().replace("0.25", "0.26"))
    (note,) = read_park(folder).notes
    assert "day.csv has been changed since profiles.yaml was written" in note


def test_a_stage_removes_and_adds(folder):
    """null takes away a key or an entry, in either way of writing; one dotted key does not undo another."""
    stages = "stages:\n  later:\n    technologies.battery_1.level_min_share: null\n    technologies.battery_1.power_mw: 20\n"
    stages += "    technologies.shift_1: null\n    technologies:\n      mill: {type: load, bus: park, peak_mw: 1}\n"
    (folder / "park.yaml").write_text(PARK + stages)
    park = read_park(folder, stage="later")
    assert park.technologies["battery_1"].power_mw == 20
    assert f"{BATTERY}.level_min_share" in {default.path for default in park.defaults_used}
    assert "shift_1" not in park.technologies
    assert park.technologies["mill"].peak_mw == 1


@pytest.mark.parametrize("path", ["", "nowhere", "nowhere/park.yaml", "profiles", "a\0b", "x" * 5000], ids=lambda path: repr(path[:20]))
def test_a_folder_without_a_park_is_refused(folder, path):
    (folder / "park.yaml").unlink()
    with pytest.raises(DefinitionError, match=r"no such folder|does not exist"):
        read_park(folder / path)


@pytest.mark.parametrize("name", ["park.yaml", "profiles/profiles.yaml", "profiles/day.csv"])
def test_a_folder_in_place_of_a_file_is_refused(folder, name):
    (folder / name).unlink()
    (folder / name).mkdir()
    (problem,) = problems_of(folder)
    assert (problem.file, problem.found) == (name, "is a directory, expected a file")


def test_a_file_that_may_not_be_read_is_refused(folder, monkeypatch):
    """Stands in for a file without permission, which a test that runs as root cannot make."""

    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert problems_of(folder) == [
        Problem("", "cannot be read (Permission denied)", "check the path and the file's permissions", "park.yaml")
    ]


NASTY = [
    None,
    True,
    -1,
    -0.5,
    1e308,
    2**63,
    math.nan,
    math.inf,
    "",
    "x",
    "5 MW",
    [],
    [1],
    [[1, 2]],
    {},
    {"a": 1},
    {"a": {}},
    datetime.date(2030, 1, 1),
]


@pytest.mark.parametrize("kind", sorted(registry()))
def test_no_field_answers_in_jargon(kind):
    """Every field of every technology, given every kind of value, is taken or refused in plain words, with something to do."""
    model = registry()[kind]
    for field_name in model.model_fields.keys() - {"type"}:
        for value in NASTY:
            plain = {"type": kind, "surely_unknown": 1, field_name: value}
            with pytest.raises(ValidationError) as caught:
                model.model_validate(plain)
            for problem in messages.problems_of(caught.value, model, as_node(plain), "technologies.x"):
                assert problem.remedy
                assert not re.search("Input should|pydantic|valid |<|__|[a-z]Error", str(problem))


def as_node(value: object) -> Node:
    """Wrap plain data as the reader would."""
    if isinstance(value, dict):
        return Node({key: as_node(child) for key, child in value.items()})
    return Node([as_node(child) for child in value] if isinstance(value, list) else value)
