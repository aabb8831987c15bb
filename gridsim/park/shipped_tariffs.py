"""Shipped tariffs: ``gridsim/data/tariffs/<tariff>.yaml``, every number with its source and certainty.

``like: <tariff>/<kind>/<voltage>`` in a park's tariff fills the fields that are left out; a group of keys is filled key by key.
"""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

from gridsim.errors import did_you_mean, quoted

FOLDER = Path(__file__).parents[1] / "data" / "tariffs"
"""Holds one file a tariff; a folder below it holds tables of another kind."""
RULES = FOLDER / "adjustments" / "rules.csv"
"""What a bill takes where the park file says nothing, one row a field."""
MARKS = {"value", "source", "certainty"}


def shipped_names() -> list[str]:
    """Return every ``<tariff>/<kind>/<voltage>`` that there is."""
    trees = {file.stem: _read(file.stem) for file in sorted(FOLDER.glob("*.yaml"))}
    return [f"{stem}/{kind}/{voltage}" for stem, tree in trees.items() for kind, levels in tree["kinds"].items() for voltage in levels]


def shipped_tariff(name: str) -> dict[str, Any]:
    """Return the fields of one shipped tariff as a park file would write them.

    Raises
    ------
    ValueError
        Of finding and remedy, where there is none of that name.
    """
    if name not in (names := shipped_names()):
        raise ValueError(f"{quoted(name)} is not a shipped tariff", did_you_mean(name, names))
    common, own = _parts(name)
    adders = {**own.get("adders_cny_per_mwh", {}), **common.get("adders_cny_per_mwh", {})}
    return _plain({**common, **own, "adders_cny_per_mwh": adders})


def shipped_marks(name: str) -> list[tuple[str, Any, str, str]]:
    """Return path, value, source and certainty of every number of one shipped tariff."""
    return [mark for part in _parts(name) for mark in _marks(part)]


def rule(name: str) -> Any:
    """Return the shipped value of a field of ``bill``, such as ``demand.contract_tolerance``."""
    value = rules()[name]["value"]
    return list(value) if isinstance(value, list) else value


@cache
def rules() -> dict[str, dict[str, Any]]:
    """Return every such field with its value, unit, source and certainty."""
    lines = RULES.read_text(encoding="utf-8").splitlines()
    return {row["field"]: {**row, "value": json.loads(row["value"])} for row in csv.DictReader(lines)}


def with_shipped(written: dict[str, Any]) -> dict[str, Any]:
    """Fill the fields of a written tariff from the shipped one that it names."""
    shipped = shipped_tariff(written["like"])
    if "energy_price_profile" in written:
        shipped.pop("energy_price_cny_per_mwh", None)
    if "export_price_profile" in written:
        shipped.pop("export_price_cny_per_mwh", None)
    return _filled(written, shipped)


def _filled(written: dict[str, Any], shipped: dict[str, Any]) -> dict[str, Any]:
    filled = {**shipped, **written}
    for key in ("adders_cny_per_mwh", "bill", "demand"):
        if isinstance(written.get(key), dict) and isinstance(shipped.get(key), dict):
            filled[key] = _filled(written[key], shipped[key])
    return filled


def _parts(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what all of a file's tariffs have in common, and what this one adds."""
    stem, kind, voltage = name.split("/")
    tree = _read(stem)
    return tree["common"], tree["kinds"][kind][voltage]


@cache
def _read(stem: str) -> dict[str, Any]:
    from ruamel.yaml import YAML

    return YAML(typ="safe").load((FOLDER / f"{stem}.yaml").read_text(encoding="utf-8"))


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return _plain(node["value"]) if "value" in node else {key: _plain(child) for key, child in node.items() if key not in MARKS}
    return list(node) if isinstance(node, list) else node


def _marks(node: Any, path: str = "") -> list[tuple[str, Any, str, str]]:
    if not isinstance(node, dict):
        return []
    own = [(path, _plain(node["value"]) if "value" in node else None, node["source"], node["certainty"])] if "source" in node else []
    return own + [mark for key, child in node.items() if key not in MARKS for mark in _marks(child, f"{path}.{key}" if path else key)]
