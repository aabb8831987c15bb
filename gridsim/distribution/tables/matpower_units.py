"""The statements by which a MATPOWER case converts its units at its end, understood without executing anything.

Distribution cases hold loads in kW and impedances in ohm, take scalars from their tables, and multiply or divide columns by them. Three forms are known:
names of columns from ``idx_bus``, ``idx_brch`` and ``idx_gen``; a scalar from numbers, scalars, ``mpc.baseMVA``, single cells and elementary functions;
columns as other columns of their table, or the same, times or over such a scalar.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLUMNS = {"idx_bus": (1, 2, 3, 4, *range(1, 14)), "idx_brch": tuple(range(1, 12)), "idx_gen": tuple(range(1, 11))}
"""What each function returns, as far as a case has these columns; idx_bus begins with the four types of bus."""

NAMES = re.compile(r"\[([\w\s,]+)\]\s*=\s*(idx_bus|idx_brch|idx_gen)")
SCALAR = re.compile(r"(\w+)\s*=\s*(.+)", re.DOTALL)
CELLS = r"mpc\.(\w+)\s*\(\s*:\s*,\s*\[?([\w\s,]+)\]?\s*\)"
SCALED = re.compile(rf"{CELLS}\s*=\s*{CELLS}\s*([*/])\s*(.+)", re.DOTALL)
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow}
FUNCTIONS = {"sin": math.sin, "cos": math.cos, "tan": math.tan, "acos": math.acos, "sqrt": math.sqrt}


class Conversion:
    """Scalars and names of columns so far, and the tables that are converted."""

    def __init__(self, tables: dict[str, NDArray[np.float64]], base_mva: float) -> None:
        self.tables, self.base_mva = tables, base_mva
        self.values: dict[str, float] = {}

    def apply(self, statement: str) -> None:
        """Carry out one statement; raise a ValueError for one that is not understood."""
        if found := NAMES.fullmatch(statement):
            self.values.update(zip(found[1].replace(",", " ").split(), map(float, COLUMNS[found[2]]), strict=False))
        elif found := SCALED.fullmatch(statement):
            self._scale(*found.groups())
        elif found := SCALAR.fullmatch(statement):
            self.values[found[1]] = self._scalar(found[2])
        else:
            raise ValueError("not a form that is known")

    def _scale(self, table: str, columns: str, other: str, others: str, sign: str, scalar: str) -> None:
        if table != other or table not in self.tables:
            raise ValueError("columns of two tables, or of one that does not count")
        matrix, factor = self.tables[table], self._scalar(scalar)
        left, right = self._columns(columns, matrix), self._columns(others, matrix)
        if len(left) != len(right):
            raise ValueError("not as many columns on its right as on its left")
        if sign == "/" and factor == 0.0:
            raise ValueError("a division by zero")
        matrix[:, left] = matrix[:, right] * (factor if sign == "*" else 1.0 / factor)

    def _columns(self, names: str, matrix: NDArray[np.float64]) -> list[int]:
        columns = [self._known(name) for name in names.replace(",", " ").split()]
        if any(column not in range(1, matrix.shape[-1] + 1) for column in columns):
            raise ValueError("a column that the table does not have")
        return [int(column) - 1 for column in columns]

    def _scalar(self, text: str) -> float:
        try:
            return self._value(ast.parse(" ".join(text.split()).replace("^", "**"), mode="eval").body)
        except (ArithmeticError, IndexError, KeyError, RecursionError, SyntaxError, TypeError) as error:
            raise ValueError("no scalar of known values") from error

    def _value(self, node: ast.expr) -> float:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return float(number)
            case ast.Name(id=name):
                return self._known(name)
            case ast.Attribute(value=ast.Name(id="mpc"), attr="baseMVA"):
                return self.base_mva
            case ast.Call(func=ast.Attribute(value=ast.Name(id="mpc"), attr=table), args=[row, ast.Name() as column], keywords=[]):
                return float(self.tables[table][self._row(self._value(row)), self._row(self._value(column))])
            case ast.Call(func=ast.Name(id=name), args=[value], keywords=[]) if name in FUNCTIONS:
                return FUNCTIONS[name](self._value(value))
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
                if isinstance(sign, ast.Pow) and isinstance(right, ast.BinOp | ast.UnaryOp):
                    raise TypeError("MATLAB takes powers from the left, Python from the right")
                return float(OPERATORS[type(sign)](self._value(left), self._value(right)))
        raise TypeError(type(node).__name__)

    def _known(self, name: str) -> float:
        if name not in self.values:
            raise ValueError(f"'{name}' has no value")
        return self.values[name]

    @staticmethod
    def _row(number: float) -> int:
        if not number.is_integer() or number < 1.0:
            raise IndexError(number)
        return int(number) - 1
