"""A new park from a template that ships with gridsim."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

from gridsim.errors import DefinitionError, Problem

TEMPLATES = {"starter": "Starter park", "chifeng": "Chifeng High-tech Zone"}
"""Template → the name its park file carries."""


def new_park(folder: Path, template: str = "starter") -> Path:
    """Copy a template's park and profiles into a new folder, named after it, and return the park file.

    Raises
    ------
    DefinitionError
        When the folder exists and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problem = Problem("", "exists already and is not empty", "give another name; nothing was changed", str(folder))
        raise DefinitionError("gridsim new", [problem])
    park, profiles = _template(template)
    shutil.copytree(park, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.png"))
    shutil.copytree(profiles, folder / "profiles")
    file = folder / "park.yaml"
    text = file.read_text(encoding="utf-8")
    text = text.replace(f"../../profiles/{template}", "profiles", 1)
    lines = [f"name: {json.dumps(folder.name, ensure_ascii=False)}" if line.startswith("name:") else line for line in text.splitlines()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _template(name: str) -> tuple[Path, Path]:
    """Return the template's park and profile folders: inside the installed package, or in the source tree it was installed from."""
    packaged = Path(str(resources.files("gridsim"))) / "data" / "templates" / name
    if packaged.is_dir():
        return packaged / "park", packaged / "profiles"
    source = Path(__file__).parents[2]
    return source / "networks" / name, source / "profiles" / name
