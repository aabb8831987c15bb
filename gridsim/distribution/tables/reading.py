"""From a CSV table to checked rows that remember their line; every problem of every row is told, a wrong column once."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

from pydantic import ValidationError

from gridsim.errors import Problem, did_you_mean, nearest
from gridsim.park.definition import Definition
from gridsim.park.files import shown
from gridsim.park.messages import problems_of
from gridsim.park.parse import parse_cell
from gridsim.park.tree import Node
from gridsim.profiles.table import Table, read_table

R = TypeVar("R", bound=Definition)


@dataclass(frozen=True)
class TableKind(Generic[R]):
    """What a table holds and what its file is called."""

    file: str
    model: type[R]
    required: bool = True
    key: tuple[str, ...] = ("name",)
    """Columns that name a row together."""

    @property
    def noun(self) -> str:
        """Name of the table in problems."""
        return Path(self.file).stem


@dataclass(frozen=True)
class Placed(Generic[R]):
    """A row and where it stands."""

    row: R
    node: Node
    where: str
    """Path of the row in problems, such as ``lines.grid_1``."""

    def problem(self, column: str, found: str, remedy: str) -> Problem:
        """Make a Problem about one cell of this row."""
        return self.node.at((column,)).problem(f"{self.where}.{column}" if column else self.where, found, remedy)


@dataclass(frozen=True)
class Rows(Generic[R]):
    """What could be read of a table."""

    rows: tuple[Placed[R], ...] = ()
    refused: frozenset[str] = frozenset()
    """Names of rows that were refused; to say that others refer to nothing would be an echo."""
    readable: bool = True
    file: str = ""
    header: tuple[str, ...] = field(default=())


def read_rows(folder: Path, kind: TableKind[R], problems: list[Problem]) -> Rows[R]:
    """Read and check one table; a table that is not required may be absent."""
    path = folder / kind.file
    file = shown(path)
    if not kind.required and not path.exists():
        return Rows(file=file)
    table = read_table(path, file, problems, kind.noun)
    if table is None:
        return Rows(readable=False, file=file)
    absent = _check_header(table, kind, file, problems)
    rows: list[Placed[R]] = []
    refused: set[str] = set()
    for number, (cells, line) in enumerate(zip(table.rows, table.lines, strict=True), start=1):
        node = _row_node(table.header, cells, kind.model, file, line)
        name = " at ".join(str(node.value[column].value) for column in kind.key if column in node.value)
        where = f"{kind.noun}.{name or f'row {number}'}"
        try:
            rows.append(Placed(kind.model.model_validate(node.plain()), node, where))
        except ValidationError as error:
            refused.add(name)
            problems.extend(_told(problems_of(error, kind.model, node, where), absent))
    return Rows(tuple(rows), frozenset(refused), not absent, file, tuple(table.header))


def _check_header(table: Table, kind: TableKind, file: str, problems: list[Problem]) -> set[str]:
    """Note unknown and missing columns; return the names of needed columns that are not there."""
    fields = kind.model.model_fields
    unknown = [column for column in table.header if column not in fields]
    for column in unknown:
        problems.append(Problem(f"{kind.noun}.{column}", "is not a column of this table", did_you_mean(column, fields), file, 1))
    absent = {name for name, info in fields.items() if info.is_required() and name not in table.header}
    meant = {nearest(column, fields) for column in unknown}
    for name in sorted(absent - meant):
        remedy = f"it needs {', '.join(key for key, info in fields.items() if info.is_required())}"
        problems.append(Problem(kind.noun, f"has no column '{name}'", remedy, file, 1))
    return absent


def _row_node(header: list[str], cells: list[str], model: type[Definition], file: str, line: int) -> Node:
    """Return the cells that are filled and known; cells of text columns stay as they are written."""
    values = {}
    for column, cell in zip(header, cells, strict=True):
        if cell.strip() and column in model.model_fields:
            is_text = _takes_text(model.model_fields[column].annotation)
            values[column] = Node(cell.strip(), file, line) if is_text else parse_cell(cell, file, line)
    return Node(values, file, line)


def _takes_text(annotation: Any) -> bool:
    return not any(part in (int, float, bool) for part in _parts(annotation))


def _parts(annotation: Any) -> Iterator[Any]:
    if isinstance(annotation, types.UnionType) or get_args(annotation):
        for part in get_args(annotation):
            yield from _parts(part)
    else:
        yield annotation


def _told(found: list[Problem], absent: set[str]) -> Iterator[Problem]:
    """Say what a spreadsheet's user can do, and be silent about columns that were already said to be missing."""
    for problem in found:
        column = problem.where.rpartition(".")[2]
        if problem.found == "is missing":
            if column not in absent:
                expected = problem.remedy.removeprefix(f"write {column}: and ").removesuffix("; there is no default")
                yield replace(problem, found="is empty", remedy=f"fill the cell with {expected}")
        else:
            yield problem
