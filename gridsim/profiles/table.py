"""CSV tables as text cells that remember their line; only the columns that are asked for are converted."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gridsim.errors import Problem
from gridsim.park.files import read_text


@dataclass(frozen=True, eq=False)
class Table:
    """The cells of a CSV file below its header row, blank lines left out; what is found out about one is kept with it, as scenarios read it again."""

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    """Line of the file on which each row ends."""
    text: str
    """The whole file."""

    def column(self, name: str) -> list[str]:
        """Return the cells of one column."""
        index = self.header.index(name)
        return [row[index] for row in self.rows]


def read_table(path: Path, shown: str, problems: list[Problem], where: str) -> Table | None:
    """Read a comma-separated file with one header row, or note every reason why not; ``where`` is the path that names it."""
    text = read_text(path, shown, problems, where)
    if text is None:
        return None
    table, found = _parsed(text, shown, where)
    problems.extend(found)
    return table


@lru_cache(maxsize=4)
def _parsed(text: str, shown: str, where: str) -> tuple[Table | None, tuple[Problem, ...]]:
    """Split a text once, however often the scenarios of a study read it; nobody changes a table."""
    problems: list[Problem] = []
    return _split(text, shown, where, problems), tuple(problems)


def _split(text: str, shown: str, where: str, problems: list[Problem]) -> Table | None:
    if not text.strip():
        problems.append(Problem(where, "is empty", "expected a header row, and rows below it", shown))
        return None
    first, _, _ = text.lstrip().partition("\n")
    separator, name = max((",", "commas"), (";", "semicolons"), ("\t", "tabs"), key=lambda mark: first.count(mark[0]))
    if separator != ",":
        problems.append(Problem(where, f"is separated by {name}", "save it with commas, and with a decimal point in numbers", shown, 1))
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    reader = csv.reader(lines, strict=True)
    try:
        if '"' in text:
            numbered = [(reader.line_num, row) for row in reader if row]
        else:  # three times as fast
            numbered = [(number, line.split(",")) for number, line in enumerate(lines, start=1) if line]
    except csv.Error as error:
        problems.append(Problem(where, f"cannot be read as CSV: {error}", "check quotes and commas", shown, reader.line_num))
        return None
    numbers, rows = [number for number, _ in numbered], [row for _, row in numbered]
    header = [cell.strip() for cell in rows[0]]
    flaws = [*_header_problems(header, shown, numbers[0], where), *_ragged(rows, numbers, shown, where)]
    problems.extend(flaws)
    return None if flaws else Table(header, rows[1:], numbers[1:], text)


def _header_problems(header: list[str], shown: str, line: int, where: str) -> list[Problem]:
    repeated = [name for name, count in Counter(header).items() if count > 1 and name]
    found = [f"has two columns '{name}'" for name in repeated] + ["has a column without a name"] * ("" in header)
    return [Problem(where, words, "each column has a name of its own", shown, line) for words in found]


def _ragged(rows: list[list[str]], lines: list[int], shown: str, where: str) -> list[Problem]:
    """Note the first row that is longer or shorter than the header, and how many there are."""
    width = len(rows[0])
    uneven = [number for number, row in enumerate(rows) if len(row) != width]
    if not uneven:
        return []
    more = f"; {len(uneven) - 1} more rows differ too" if len(uneven) > 1 else ""
    found = f"has {len(rows[uneven[0]])} cells, the header has {width}{more}"
    return [Problem(where, found, "one cell a column; numbers with a decimal point, not a comma", shown, lines[uneven[0]])]
