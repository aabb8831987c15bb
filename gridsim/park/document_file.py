"""Files that hold one document's rules: shipped ones under ``gridsim/data``, and a park's own; each is called after its id."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationError

from gridsim.errors import BuildError, Problem, quoted
from gridsim.park.definition import Definition
from gridsim.park.files import shown
from gridsim.park.messages import problems_of
from gridsim.park.parse import read_yaml

Certainty = Literal["V1", "V2", "C", "M", "M?", "A", "X", "n/f"]


class Identified(Definition):
    """What has a file of its own."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Document(Identified):
    """What is said of any document."""

    document: str
    """Number or name of the document, as it is cited."""
    date: datetime.date | None = None
    dated: str = ""
    """In words, where no day is known."""
    status: Literal["in_force", "draft", "placeholder"]
    """``placeholder``: a shape to be filled with a region's own numbers."""
    certainty: Certainty
    source: str
    note_en: str = ""
    note_zh: str = ""


Kind = TypeVar("Kind", bound=Identified)


def read_document(path: Path, kind: type[Kind], begin_with: str, problems: list[Problem]) -> Kind | None:
    """Read one file, or note everything that is wrong with it; ``begin_with`` says how such a file begins."""
    tree = read_yaml(path, shown(path), problems)
    if tree is None:
        return None
    if not isinstance(tree.value, dict):
        problems.append(tree.problem("", f"is {quoted(tree.value)}, expected a group of keys", f"begin with {begin_with}"))
        return None
    try:
        found = kind.model_validate(tree.plain())
    except ValidationError as error:
        problems.extend(problems_of(error, kind, tree, ""))
        return None
    if found.id != path.stem:
        remedy = f"call the file {found.id}.yaml, or write id: {path.stem}"
        problems.append(tree.at(("id",)).problem("id", f"{quoted(found.id)} is not the name of the file", remedy))
        return None
    return found


def shipped_document(path: Path, kind: type[Kind]) -> Kind:
    """Read a file that gridsim ships, which is sound."""
    problems: list[Problem] = []
    found = read_document(path, kind, "", problems)
    if found is None or problems:
        msg = f"the shipped file {path.name} is broken: {problems}"
        raise BuildError(msg)
    return found
