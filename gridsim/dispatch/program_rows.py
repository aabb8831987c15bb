"""Rows of a program as they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class Entries(NamedTuple):
    """Entries of some rows; ``row`` counts from the first of them."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    value: NDArray[np.float64]


@dataclass
class Rows:
    """Rows as they come."""

    count: int = 0
    entries: list[Entries] = field(default_factory=list)
    lower: list[NDArray[np.float64]] = field(default_factory=list)
    upper: list[NDArray[np.float64]] = field(default_factory=list)

    def add(self, parts: Sequence[Entries], lower: NDArray[np.float64], upper: NDArray[np.float64]) -> slice:
        """Add rows that several parts make up together, and return which they are."""
        first = self.count
        self.entries += [Entries(part.row + first, part.column, part.value) for part in parts]
        self.lower.append(lower)
        self.upper.append(upper)
        self.count += lower.size
        return slice(first, self.count)
