"""Time stamps of tables: which columns hold them, how they are written, what they say about interval and zone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gridsim.errors import Problem, quoted
from gridsim.profiles.weather.finding import Finding, label
from gridsim.profiles.weather.importers.tabular import Sheet
from gridsim.profiles.weather.regular import Interval

TIME_NAMES = frozenset(
    "time timestamp datetime date_time date datum zeit zeitstempel stamp valid_time utc local_time localtime period_end period_start "
    "interval_end interval_start time_stamp 时间 日期 日期时间 时间戳 数据时间 采集时间 时刻 观测时间".split()
)
DATE_NAMES = ("date", "日期", "datum")
CLOCK_NAMES = frozenset("time hour clock hh_mm 时间 时刻 小时 time_hh_mm".split())
PARTS = {
    "year": {"year", "yr", "年", "年份"},
    "month": {"month", "mo", "mon", "月", "月份"},
    "day": {"day", "dy", "日"},
    "hour": {"hour", "hr", "时", "小时"},
    "minute": {"minute", "min", "mi", "分", "分钟"},
}
COUNT_NAMES = frozenset("hour hour_of_year hoy step index 小时 小时数 序号 时".split())
END_WORDS = re.compile(r"\bhe\b|end|ending|结束|末")
START_WORDS = re.compile(r"\bhb\b|start|begin|开始|起始")
UTC_WORDS = re.compile(r"utc|gmt|世界时")
MIDNIGHT = re.compile(r"(?<!\d)24:00(?::00)?")
PARTED = (
    r"^\s*(?P<a>\d{1,4})[-/.年](?P<b>\d{1,2})[-/.月](?P<c>\d{1,4})日?"
    r"(?:[ T日]+(?P<h>\d{1,2})(?:[:时点](?P<m>\d{1,2}))?(?::(?P<s>\d{1,2}))?[^0-9APap]*(?P<half>[AaPp][Mm])?)?"
)


@dataclass
class Stamps:
    """Stamps of the rows, and what the file says about them."""

    index: pd.DatetimeIndex
    """Naive, or aware in UTC where the file writes offsets."""
    utc: bool = False
    """The header says that naive stamps are UTC."""
    interval: Interval | None = None
    counted: bool = False
    """Steps were numbered, not stamped; they lie in a year without meaning."""
    findings: list[Finding] = field(default_factory=list)


def key_of(name: str) -> str:
    """Header as a key: lower case, words joined by underscores, brackets and their content gone."""
    bare = re.sub(r"[\[\(（【].*?[\]\)）】]", " ", name.lower())
    return re.sub(r"[^0-9a-z一-鿿]+", "_", bare).strip("_")


def is_time(name: str) -> bool:
    """Tell whether a header can name a column of times."""
    key = key_of(name)
    return key in TIME_NAMES or key in COUNT_NAMES or any(key in words for words in PARTS.values()) or key.startswith("time_utc")


def stamps_of(sheet: Sheet, shown: str, problems: list[Problem], year: int, step_minutes: int | None) -> Stamps | None:
    """Find and read the times of a table, or note why they cannot be read."""
    keys: dict[str, str] = {}
    for name in sheet.cells.columns:
        keys.setdefault(key_of(str(name)), name)
    parts = {part: next((keys[word] for word in words if word in keys), None) for part, words in PARTS.items()}
    if parts["year"] and parts["month"] and parts["day"] and parts["hour"]:
        return _from_parts(sheet, parts, shown, problems)
    named = next((keys[key] for key in (*DATE_NAMES, *keys) if key in keys and (key in TIME_NAMES or key.startswith("time_utc"))), None)
    if named is None:
        counted = next((keys[key] for key in keys if key in COUNT_NAMES), None)
        if counted is not None:
            return _from_count(sheet, counted, shown, problems, year, step_minutes)
        remedy = "name the column of times 'time', or give year, month, day and hour columns"
        problems.append(Problem("time", f"there is no column of times among {', '.join(map(str, sheet.cells.columns[:12]))}", remedy, shown, 1))
        return None
    cells = sheet.cells[named]
    clock = next((keys[key] for key in keys if key in CLOCK_NAMES and keys[key] != named), None)
    if clock is not None and key_of(named) in DATE_NAMES:
        cells = cells.astype(str).str.slice(0, 10).str.strip() + " " + _clock(sheet.cells[clock])
    said = f"{named} {clock or ''} {sheet.preamble if UTC_WORDS.search(named.lower()) is None else ''}".lower()
    index, findings = parse(cells, sheet.lines, str(named), shown, problems)
    if index is None:
        return None
    interval: Interval | None = "end" if END_WORDS.search(str(named).lower()) else "start" if START_WORDS.search(str(named).lower()) else None
    return Stamps(index, bool(UTC_WORDS.search(str(named).lower()) or re.search(r"\bin utc\b|time zone: utc", said)), interval, findings=findings)


def _clock(cells: pd.Series) -> pd.Series:
    """Times of day as text; bare hours become hours and minutes."""
    text = cells.astype(str).str.strip()
    return text.where(text.str.contains(":"), text.str.replace(r"\.0$", "", regex=True) + ":00")


def _from_parts(sheet: Sheet, parts: dict[str, str | None], shown: str, problems: list[Problem]) -> Stamps | None:
    values = {}
    for part, name in parts.items():
        if name is not None:
            cells = pd.to_numeric(sheet.cells[name], errors="coerce")
            bad = np.flatnonzero(cells.isna())
            if bad.size:
                found = f"holds {quoted(str(sheet.cells[name].iloc[bad[0]]))}"
                problems.append(Problem(f"column '{name}'", found, "write whole numbers", shown, sheet.lines[bad[0]]))
                return None
            values[part] = cells.astype(int)
    days = pd.to_datetime(pd.DataFrame({part: values[part] for part in ("year", "month", "day")}), errors="coerce")
    if days.isna().any():
        row = int(np.flatnonzero(days.isna())[0])
        problems.append(Problem("time", "year, month and day are no date", "check the calendar columns", shown, sheet.lines[row]))
        return None
    ends = bool((values["hour"] == 24).any() and not (values["hour"] == 0).any())
    minutes = values.get("minute", pd.Series(0, index=days.index))
    if ends and (minutes == 60).all():
        minutes = minutes * 0
    index = pd.DatetimeIndex(days + pd.to_timedelta(values["hour"], unit="h") + pd.to_timedelta(minutes, unit="min"))
    utc = bool(re.search(r"\bin utc\b|utc|gmt", sheet.preamble.lower()) or any(UTC_WORDS.search(str(name).lower()) for name in parts.values() if name))
    findings = [Finding("interval", "note", "hours run from 1 to 24, so they end the interval")] if ends else []
    return Stamps(index, utc, "end" if ends else None, findings=findings)


def _from_count(sheet: Sheet, name: str, shown: str, problems: list[Problem], year: int, step_minutes: int | None) -> Stamps | None:
    counts = np.array(pd.to_numeric(sheet.cells[name], errors="coerce"), dtype=float)
    first = counts[0]
    rows = len(counts)
    if not np.array_equal(counts, first + np.arange(rows)) or first not in (0.0, 1.0):
        wrong = int(np.flatnonzero(counts != first + np.arange(rows))[0]) if first in (0.0, 1.0) else 0
        found = f"steps are numbered, but not 0, 1, 2 … or 1, 2, 3 … (found {quoted(str(sheet.cells[name].iloc[wrong]))})"
        problems.append(Problem(f"column '{name}'", found, "number every step, or give time stamps", shown, sheet.lines[wrong]))
        return None
    minutes = step_minutes or next((step for step in (60, 30, 15, 10, 5) if rows * step in (365 * 1440, 366 * 1440)), None)
    if minutes is None or rows * minutes not in (365 * 1440, 366 * 1440):
        expected = "8760 or 8784 rows of an hour, 35040 or 35136 of 15 minutes"
        problems.append(Problem(f"column '{name}'", f"numbers {rows} steps", f"steps without time stamps must cover a whole year: {expected}", shown))
        return None
    leap = rows * minutes == 366 * 1440
    start = pd.Timestamp(year if pd.Timestamp(year, 1, 1).is_leap_year == leap else (2028 if leap else 2030), 1, 1)
    found = f"steps are numbered from {first:g}; number {first:g} is taken as the start of the year {start.year}, in standard time"
    note = Finding("interval", "note", found, "give year= if weekdays matter")
    return Stamps(pd.date_range(start, periods=rows, freq=f"{minutes}min"), False, "start", counted=True, findings=[note])


def parse(cells: pd.Series, lines: list[int], name: str, shown: str, problems: list[Problem]) -> tuple[pd.DatetimeIndex | None, list[Finding]]:
    """Read written times: ISO, year first, day first or month first, 24:00, compact digits; aware ones become UTC."""
    findings: list[Finding] = []
    if cells.map(lambda cell: hasattr(cell, "year")).all():
        return pd.DatetimeIndex(pd.to_datetime(cells)), findings
    text = cells.astype(str).str.strip()
    next_day = text.str.contains(MIDNIGHT)
    text = text.str.replace(MIDNIGHT, "00:00", regex=True)
    if text.str.contains(r"\d(?:Z|[+-]\d{2}:?\d{2})$", regex=True).all():
        stamps = pd.Series(pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True))
    elif text.str.fullmatch(r"\d{8}:?\d{2,4}").all():
        digits = text.str.replace(":", "")
        stamps = pd.to_datetime(digits, format={10: "%Y%m%d%H", 12: "%Y%m%d%H%M"}.get(len(digits.iloc[0])), errors="coerce")
    else:
        stamps = pd.to_datetime(text, format="ISO8601", errors="coerce")
        if stamps.isna().any():
            stamps = _parted(text, findings)
    bad = np.flatnonzero(stamps.isna())
    if bad.size:
        more = f", and {bad.size - 1} more cells that are no time" if bad.size > 1 else ""
        problems.append(
            Problem(f"column '{name}'", f"{quoted(str(cells.iloc[bad[0]]))} is not a time{more}", "write times as 2030-01-01 00:00", shown, lines[bad[0]])
        )
        return None, findings
    stamps = stamps + pd.to_timedelta(next_day.astype(int), unit="D")
    return pd.DatetimeIndex(stamps), findings


def _parted(text: pd.Series, findings: list[Finding]) -> pd.Series:
    """Dates of three numbers in any order; day or month first is what fits all rows, and of two fits the steadier one."""
    found = text.str.extract(PARTED)
    number = found[["a", "b", "c", "h", "m", "s"]].apply(pd.to_numeric, errors="coerce")
    number[["h", "m", "s"]] = number[["h", "m", "s"]].fillna(0)
    afternoon, half = found["half"].str.lower() == "pm", found["half"].notna()
    number["h"] = number["h"].where(~half, number["h"] % 12 + 12 * afternoon)
    year_first = bool((number["a"] > 31).any())
    orders = {"year first": ("a", "b", "c")} if year_first else {"day first": ("c", "b", "a"), "month first": ("c", "a", "b")}
    read = {}
    for order, (year, month, day) in orders.items():
        years = number[year].where(number[year] > 99, number[year] + 2000)
        dates = pd.to_datetime(pd.DataFrame({"year": years, "month": number[month], "day": number[day]}), errors="coerce")
        read[order] = dates + pd.to_timedelta(number["h"] * 3600 + number["m"] * 60 + number["s"], unit="s")

    def unsteady(order: str) -> tuple[int, int]:
        return int(read[order].isna().sum()), int((read[order].diff() != read[order].diff().mode().iloc[0]).sum()) if read[order].notna().sum() > 1 else 0

    best = min(read, key=unsteady)
    if not year_first and not read["day first"].equals(read["month first"]):
        other = next(order for order in read if order != best)
        certain = unsteady(best) != unsteady(other)
        words = f"dates are read with the {best.replace(' first', '')} first" + ("" if certain else "; both readings fit")
        findings.append(Finding("dates", "note" if certain else "warning", words, "" if certain else "write times as 2030-01-01 00:00"))
    return read[best]


def midnights_of_the_day_before(index: pd.DatetimeIndex, findings: list[Finding]) -> pd.DatetimeIndex:
    """Repair logs that end each day with 00:00 under the date of that day: such a midnight is the next day's.

    Recognised where a midnight follows the last step of its own date and the next day comes after it.
    """
    midnight = np.flatnonzero(index == index.normalize())
    midnight = midnight[midnight > 0]
    back = index[midnight] - index[midnight - 1]
    after = np.append(np.diff(index.to_numpy()), np.timedelta64(1, "D"))[midnight]
    odd = midnight[(back < pd.Timedelta(hours=-22)) & (back >= pd.Timedelta(hours=-24)) & (after >= np.timedelta64(1, "D"))]
    if odd.size == 0:
        return index
    found = f"{odd.size} midnights carry the date of the day that they end; they are read as 24:00"
    findings.append(Finding("midnight", "note", found, "", int(odd.size), label(index[odd[0]])))
    moved = index.to_numpy().copy()
    moved[odd] += np.timedelta64(1, "D")
    return pd.DatetimeIndex(moved, tz=index.tz)
