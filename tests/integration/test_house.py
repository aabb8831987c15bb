"""The house of the design: who may import whom, and what stays unloaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import gridsim

ROOT = Path(__file__).parents[2]


def test_import_rules_hold() -> None:
    """The contracts of pyproject.toml: one direction of data, and each engine in its own room."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def test_reading_a_park_loads_no_engine() -> None:
    code = (
        "import sys; from gridsim.park.read import read_park; read_park('networks/starter');"
        "loaded = {'pandas', 'pypsa', 'linopy', 'highspy', 'pandapower', 'plotly', 'scipy', 'rich'} & set(sys.modules);"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_public_api_is_what_it_says() -> None:
    for name in gridsim.__all__:
        assert getattr(gridsim, name) is not None


def test_every_technology_file_is_one_room() -> None:
    """Adding a technology is adding one file: each type is registered by the module of its own name."""
    from gridsim.technologies import registry

    for kind, room in registry().items():
        assert room.__module__ == f"gridsim.technologies.{kind}"


def test_shipped_defaults_have_source_and_certainty_and_fit_their_room() -> None:
    from gridsim.park.defaults import Defaults
    from gridsim.technologies import registry

    rooms = registry()
    for section, fields in Defaults().sections.items():
        if section == "finance":
            continue
        room = rooms[section.partition("/")[0]]
        for field, entry in fields.items():
            assert field in room.model_fields, f"{section}.{field}"
            assert len(entry["source"]) > 5, f"{section}.{field}"
            assert entry["certainty"] in {"V1", "V2", "C", "M", "A"}, f"{section}.{field}"
            assert entry["unit"], f"{section}.{field}"
