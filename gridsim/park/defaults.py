"""Shipped default numbers, each with unit, source and certainty: ``gridsim/data/defaults.csv``, one row a number.

Certainty: V1 read in a primary text, V2 in a secondary copy, C computed from such, M recalled and not verified, A an assumption of gridsim.
"""

from __future__ import annotations

import csv
import json
from functools import cached_property
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "data" / "defaults.csv"


class Defaults:
    """Looks up the defaults of a section, such as ``battery`` or ``electrolyser/alkaline``."""

    @cached_property
    def sections(self) -> dict[str, dict[str, dict[str, Any]]]:
        sections: dict[str, dict[str, dict[str, Any]]] = {}
        text = TABLE.read_text(encoding="utf-8")
        for row in csv.DictReader(text.splitlines()):
            entry = {"value": json.loads(row["value"]), "unit": row["unit"], "source": row["source"], "certainty": row["certainty"]}
            sections.setdefault(row["section"], {})[row["field"]] = entry
        return sections

    def of(self, section: str) -> dict[str, dict[str, Any]]:
        """Return field → {value, unit, source, certainty}; a variant adds to its technology's common fields."""
        common = section.partition("/")[0]
        return {**self.sections.get(common, {}), **self.sections.get(section, {})}
