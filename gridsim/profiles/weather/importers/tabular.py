"""CSV and Excel tables as cells that remember their line: encodings, separators, decimal commas, headers below a preamble."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from gridsim.errors import Problem, quoted
from gridsim.profiles.weather.finding import Finding

HEADER_WITHIN = 60
"""Lines in which the header row is looked for; preambles of known sources have fewer than 40."""

MISSING_WORDS = frozenset(("", "nan", "na", "n/a", "#n/a", "null", "none", "nat", "-", "--", "/", "missing", "缺测", "无", "空"))
"""Cells that say: there is no value."""

MISSING_NUMBERS = (-999.0, -9999.0, -99999.0)
"""Numbers that by custom say: there is no value; no quantity here can have them."""

CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")


@dataclass
class Sheet:
    """The cells of a table below its header row."""

    cells: pd.DataFrame
    lines: list[int]
    """Line of the file of each row."""
    preamble: str = ""
    decimal_comma: bool = False
    findings: list[Finding] = field(default_factory=list)


def read_sheet(path: Path, shown: str, problems: list[Problem], is_known: Callable[[str], bool]) -> Sheet | None:
    """Read a table whose header row holds names that ``is_known`` knows, or note why it cannot be read."""
    raw = path.read_bytes()
    if raw[:4] == b"PK\x03\x04" or raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _read_workbook(path, shown, problems, is_known)
    decoded = decode(raw, shown, problems)
    return None if decoded is None else _read_text(decoded[0], decoded[1], shown, problems, is_known)


def decode(raw: bytes, shown: str, problems: list[Problem]) -> tuple[str, list[Finding]] | None:
    """Return the text of UTF-8, UTF-16 with its mark, or GB 18030, as Chinese spreadsheets save it."""
    findings: list[Finding] = []
    try:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = raw.decode("utf-16")
        else:
            text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
            findings.append(Finding("encoding", "note", "the file is not UTF-8; read as GB 18030"))
        except UnicodeDecodeError:
            text = "\x00"
    if CONTROL.search(text):
        problems.append(Problem("", "is not text: it holds bytes that no table has", "export it as CSV (UTF-8), Excel .xlsx or NetCDF", shown))
        return None
    return text, findings


def _read_text(text: str, findings: list[Finding], shown: str, problems: list[Problem], is_known: Callable[[str], bool]) -> Sheet | None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    head, separator = _header_of(lines, is_known)
    if '"' in text:
        reader = csv.reader(lines[head:], delimiter=separator)
        try:
            numbered = [(head + reader.line_num, row) for row in reader]
        except csv.Error as error:
            problems.append(Problem("", f"cannot be read as CSV: {error}", "check quotes", shown, head + reader.line_num))
            return None
    else:
        numbered = [(number, line.split(separator)) for number, line in enumerate(lines[head:], start=head + 1)]
    numbered = [(number, row) for number, row in numbered if any(cell.strip() for cell in row)]
    header = _names(numbered[0][1])
    width = len(header)
    rows = []
    for number, row in numbered[1:]:
        if len(row) > width and not any(cell.strip() for cell in row[width:]):
            row = row[:width]
        if len(row) != width:
            decimal = " (a decimal comma cannot stand in a table that is separated by commas)" if len(row) == 2 * width - 1 or separator == "," else ""
            found = f"has {len(row)} cells, the header has {width}{decimal}"
            problems.append(Problem("", found, "one cell a column; separate by semicolons if numbers have decimal commas", shown, number))
            return None
        rows.append(row)
    if not rows:
        problems.append(Problem("", "holds no rows below its header", "expected one row a step", shown, head + 1))
        return None
    cells = pd.DataFrame(rows, columns=header, dtype=object)
    sheet = Sheet(cells, [number for number, _ in numbered[1:]], "\n".join(lines[:head]), findings=findings)
    if separator != ",":
        name = {";": "semicolons", "\t": "tabs"}[separator]
        sheet.decimal_comma = _has_decimal_comma(cells)
        found = f"the table is separated by {name}" + (" and its numbers have decimal commas; read so" if sheet.decimal_comma else "; read so")
        findings.append(Finding("separators", "note", found))
    return sheet


def _header_of(lines: list[str], is_known: Callable[[str], bool]) -> tuple[int, str]:
    """Line (from 0) and separator of the header row: the one with most known names, else the first that is not empty."""
    best, place = 1, None
    for number, line in enumerate(lines[:HEADER_WITHIN]):
        for separator in (",", ";", "\t"):
            names = [name for name in line.split(separator) if name.strip()]
            known = sum(is_known(name.strip().strip('"')) for name in names) if len(names) > 1 else 0
            if known > best:
                best, place = known, (number, separator)
    if place is not None:
        return place
    number = next((number for number, line in enumerate(lines) if line.strip()), 0)
    return number, max((",", ";", "\t"), key=lines[number].count)


def _names(cells: list[str]) -> list[str]:
    """Column names, made unique: an unnamed column gets its place, a repeated one its count."""
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(str(cell).split()) or f"column {place}"
        names.append(name if name not in names else f"{name} ({names.count(name) + 1})")
    return names


def _has_decimal_comma(cells: pd.DataFrame) -> bool:
    sample = cells.head(200).to_numpy().ravel()
    matches = [bool(re.fullmatch(r"\s*[-+]?\d+,\d+\s*", str(cell))) for cell in sample]
    return any(matches) and not any(re.fullmatch(r"\s*[-+]?\d+\.\d+\s*", str(cell)) for cell in sample)


def _read_workbook(path: Path, shown: str, problems: list[Problem], is_known: Callable[[str], bool]) -> Sheet | None:
    try:
        sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=object)
    except ImportError as error:
        problems.append(Problem("", f"cannot be opened: {error}", "save it as .xlsx or CSV", shown))
        return None
    except Exception as error:  # openpyxl lets errors of zip, XML and its own through
        problems.append(Problem("", f"is not a workbook that can be read ({type(error).__name__})", "save it again as .xlsx or CSV", shown))
        return None
    best, found = 1, None
    for name, cells in sheets.items():
        for row in range(min(HEADER_WITHIN, len(cells))):
            known = sum(is_known(str(cell)) for cell in cells.iloc[row] if isinstance(cell, str))
            if known > best:
                best, found = known, (name, row)
    if found is None:
        problems.append(Problem("", f"has no sheet with a header row that is known (sheets: {', '.join(map(str, sheets))})", "name the columns", shown))
        return None
    name, row = found
    cells = sheets[name]
    body = cells.iloc[row + 1 :]
    kept = body.notna().any(axis=1).to_numpy()
    table = body[kept].reset_index(drop=True)
    table.columns = _names(["" if pd.isna(cell) else str(cell) for cell in cells.iloc[row]])
    if table.empty:
        problems.append(Problem("", f"sheet '{name}' holds no rows below its header", "expected one row a step", shown, row + 1))
        return None
    findings = [Finding("sheet", "note", f"sheet '{name}' of {len(sheets)} was read")] if len(sheets) > 1 else []
    lines = (np.flatnonzero(kept) + row + 2).tolist()
    preamble = "\n".join(" ".join(str(cell) for cell in line if not pd.isna(cell)) for line in cells.iloc[:row].to_numpy())
    return Sheet(table, lines, preamble, findings=findings)


def numbers(sheet: Sheet, column: str, shown: str, problems: list[Problem]) -> np.ndarray:
    """Return the numbers of a column, NaN where it says that there is none; a word is a problem with its line."""
    cells = sheet.cells[column]
    if sheet.decimal_comma:
        cells = cells.astype(str).str.replace(",", ".", regex=False)
    values = np.array(pd.to_numeric(cells, errors="coerce"), dtype=float)
    suspects = np.flatnonzero(~np.isfinite(values))
    texts = [str(cell).strip() for cell in cells.iloc[suspects]]
    words = [(row, text) for row, text in zip(suspects.tolist(), texts, strict=True) if text.lower() not in MISSING_WORDS]
    if words:
        row, text = words[0]
        more = f", and {len(words) - 1} more cells without a number" if len(words) > 1 else ""
        remedy = "write plain numbers; leave a cell empty where there is no value"
        problems.append(Problem(f"column '{column}'", f"holds {quoted(text)}{more}", remedy, shown, sheet.lines[row]))
    values[np.isin(values, MISSING_NUMBERS) | ~np.isfinite(values)] = np.nan
    return values
