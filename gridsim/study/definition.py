"""What a user writes into ``study.yaml``, and reading it with file and line."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from gridsim.errors import DefinitionError, Problem, did_you_mean, quoted
from gridsim.park.definition import Definition
from gridsim.park.layers import CHANGEABLE_KEYS
from gridsim.park.messages import problems_of
from gridsim.park.parse import read_yaml
from gridsim.park.tree import Node
from gridsim.study.axes import Axis, Design, read_axis
from gridsim.study.figures import DEFAULT_FIGURES, YEAR_FIGURES
from gridsim.vpp.run import PARTS, Part

STAGE = "stage"
"""Varied like a path of the park."""


class FreeRange(Definition):
    """Bounds of a capacity that is sized in every scenario."""

    min: Annotated[float, Field(ge=0)] = 0.0
    max: Annotated[float, Field(ge=0)]
    unit: Annotated[float, Field(gt=0)] | None = None
    """Whole units of this size, where it comes in units."""


class Expected(Definition):
    """A known answer: a figure of one scenario, which is named by its values or by being the lowest or highest in another figure."""

    figure: str
    """A figure, or a varied or free path."""
    value: float
    tolerance: Annotated[float, Field(gt=0, lt=1)] = 1e-4
    """Relative to the value; below 1 absolute."""
    at: dict[str, Any] | None = None
    lowest: str | None = None
    highest: str | None = None

    @model_validator(mode="after")
    def _one_scenario(self) -> Expected:
        if sum(choice is not None for choice in (self.at, self.lowest, self.highest)) > 1:
            raise ValueError("names its scenario in several ways", "keep one of at, lowest and highest")
        return self


class FrontRange(Definition):
    """A limit that is tightened step by step from what the optimum reaches without it."""

    limit: str
    """Such as ``limits.green_share_min``."""
    points: Annotated[int, Field(ge=2, le=200)] | None = None
    """Of the front, the optimum without the limit among them."""
    to: Annotated[float, Field(ge=0, le=1)] | None = None
    """Far end; left out, a little short of the best that can be reached."""
    values: list[Annotated[float, Field(ge=0, le=1)]] | None = None
    """Limits, instead of ``points`` and ``to``."""

    @model_validator(mode="after")
    def _one_way(self) -> FrontRange:
        if (self.values is None) == (self.points is None):
            raise ValueError("needs either points or values", "write points: 8, or values: [0.8, 0.9]")
        if self.values is not None and self.to is not None:
            raise ValueError("has values and to", "remove one of the two")
        return self


class NearOptimal(Definition):
    """Designs that cost nearly the same as the optimum."""

    slack: Annotated[float, Field(gt=0, lt=1)] = 0.02
    """Largest cost over that of the optimum, relative."""
    count: Annotated[int, Field(ge=0, le=100)] = 4
    """Designs beyond the least and the most of each free capacity."""


class StudyFile(Definition):
    """The keys of ``study.yaml``."""

    question: str
    park: str
    """Folder of the park, relative to the study's."""
    stage: str | int | None = None
    hours: int | list[int] | None = None
    """A number of hours, or [first, last]; left out, all."""
    level: Literal["linear", "mixed_integer"] = "linear"
    set: dict[str, Any] = Field(default_factory=dict)
    """What every scenario overrides."""
    vary: dict[str, Any] = Field(default_factory=dict)
    design: Design = "grid"
    samples: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Of a Latin hypercube."""
    seed: Annotated[int, Field(ge=0)] = 0
    free: dict[str, FreeRange] = Field(default_factory=dict)
    front: FrontRange | None = None
    alternatives: NearOptimal | None = None
    gap: Annotated[float, Field(gt=0, lt=1)] = 1e-3
    """Largest relative distance of a sized scenario from its lower bound."""
    figures: list[str] = Field(default_factory=lambda: list(DEFAULT_FIGURES))
    """Keys of ``summary.json`` that the table shows."""
    accounts: bool = False
    """Bill, rules, money and carbon of each scenario too: ``bill_total_cny``, ``lcoh_cny_per_kg``, ``rule.<set>.<rule>.margin``, ``carbon.avoided_t``."""
    vpp: list[Part] = Field(default_factory=list)
    """Parts of the virtual power plant that each scenario runs as well, such as ``operation.regret_cny`` and ``islanding.hours_median``."""
    warm: bool = True
    """Start each from the basis of one close to it: much faster. Of several dispatches that cost the same, it may find another than a start from nothing."""
    time_limit_s: Annotated[float, Field(gt=0)] | None = None
    """Seconds that the solver may take for a scenario."""
    expected: list[Expected] = Field(default_factory=list)


@dataclass(frozen=True)
class Study:
    """A study as it was written, with where each part of it stands."""

    file: Path
    tree: Node
    written: StudyFile
    axes: tuple[Axis, ...]

    @property
    def front_path(self) -> str | None:
        """Of the limit that a front tightens."""
        return None if self.written.front is None else self.written.front.limit

    @property
    def front_field(self) -> str | None:
        """Of ``limits``."""
        return None if self.front_path is None else self.front_path.removeprefix("limits.")

    @property
    def paths(self) -> tuple[str, ...]:
        """That differ between scenarios."""
        return (*(axis.path for axis in self.axes), *([] if self.front_path is None else [self.front_path]))

    @property
    def name(self) -> str:
        """Of its folder."""
        return self.file.absolute().parent.name

    @property
    def park(self) -> Path:
        """Folder of the park."""
        return self.file.parent / self.written.park

    @property
    def stage(self) -> str | None:
        """Of the park, where it is not varied."""
        return None if self.written.stage is None else str(self.written.stage)

    @property
    def hours(self) -> tuple[int, int] | None:
        """First and last hour."""
        hours = self.written.hours
        return None if hours is None else (0, hours) if isinstance(hours, int) else (hours[0], hours[1])


def read_study(folder: str | Path, problems: list[Problem]) -> Study | None:
    """Read and check ``study.yaml``, apart from what it says about its park; None where too little of it can be read.

    Parameters
    ----------
    folder : path
        Folder that holds ``study.yaml``, or the path of that file.
    problems : list of Problem
        Takes everything that is wrong.
    """
    path = Path(folder)
    file = path if path.suffix in {".yaml", ".yml"} else path / "study.yaml"
    tree = read_yaml(file, str(file), problems)
    if tree is None:
        return None
    if not isinstance(tree.value, dict):
        problems.append(tree.problem("", f"is {quoted(tree.value)}, expected a group of keys", "begin with question:, park: and vary:"))
        return None
    written = None
    try:
        written = StudyFile.model_validate(tree.plain())
    except ValidationError as error:
        problems.extend(problems_of(error, StudyFile, tree, ""))
    asks = any(key in tree.value and tree.child(key).value for key in ("vary", "front", "alternatives"))
    if not asks and tree.value.keys() <= StudyFile.model_fields.keys():  # else it may stand there under another name
        problems.append(tree.problem("vary", "is empty or missing", "name at least one path and its values, a front:, or alternatives:"))
    design = tree.child("design")
    axes = tuple(_axes(tree, "grid" if design is None else design.value, problems))
    if written is None:
        return None
    study = Study(file, tree, written, axes)
    problems.extend(_problems(study))
    return study


def _axes(tree: Node, design: Any, problems: list[Problem]) -> Iterator[Axis]:
    vary = tree.child("vary")
    if vary is None or not isinstance(vary.value, dict):
        return
    for path, node in vary.value.items():
        if problem := _path_problem(node, "vary", path):
            problems.append(problem)
        axis = read_axis(path, node, design, problems)
        if axis is not None and path == STAGE:
            axis = dataclasses.replace(axis, values=tuple(str(value) for value in axis.values))  # 2030 without quotes is a name too
            if not axis.values:
                problems.append(node.problem(path, "is a range", "list the names of stages"))
                continue
        if axis is not None:
            yield axis


def _path_problem(node: Node, where: str, path: str) -> Problem | None:
    first = path.split(".")[0]
    if path == STAGE and where == "vary":
        return None
    if "" in path.split("."):
        return node.problem(f"{where}.{path}", "is not a path", "for example technologies.battery_1.power_mw")
    if first not in CHANGEABLE_KEYS:
        known = [*CHANGEABLE_KEYS, STAGE] if where == "vary" else CHANGEABLE_KEYS
        return node.problem(f"{where}.{path}", f"'{first}' cannot be set", did_you_mean(first, known))
    return None


def _problems(study: Study) -> Iterator[Problem]:
    """Yield what is wrong between the keys."""
    written, tree = study.written, study.tree
    for path, node in (tree.child("set") or Node({})).value.items():
        if problem := _path_problem(node, "set", path):
            yield problem
    for first, second in (("set", "vary"), ("set", "free"), ("vary", "free")):
        for path in getattr(written, first).keys() & getattr(written, second).keys():
            yield tree.at((second, path)).problem(f"{second}.{path}", f"stands under {first}: too", "remove one of the two")
    for path, bounds in written.free.items():
        if bounds.min > bounds.max:
            yield tree.at(("free", path)).problem(f"free.{path}", f"min {bounds.min:g} is above max {bounds.max:g}", "exchange them")
    for key, found, remedy in [*_contradictions(study), *_contradictions_of_questions(study)]:
        yield tree.at((key,)).problem(key, found, remedy)
    yield from _figure_problems(study)


def _contradictions(study: Study) -> Iterator[tuple[str, str, str]]:
    """Yield key, finding and remedy of keys that do not go together."""
    written, hours = study.written, study.written.hours
    if study.stage is not None and STAGE in written.vary:
        yield "stage", "is varied too", "remove one of the two"
    if written.design == "latin_hypercube" and written.samples is None:
        yield "samples", "is missing", "write samples: 100, or how many a Latin hypercube shall have"
    if written.design != "latin_hypercube" and written.samples is not None:
        yield "samples", f"means nothing in design {written.design}", "remove it, or write design: latin_hypercube"
    if isinstance(hours, list) and not (len(hours) == 2 and 0 <= hours[0] < hours[1]):
        yield "hours", f"{hours} is not a part of a year", "write a number of hours, or [first, last]"
    if isinstance(hours, int) and hours <= 0:
        yield "hours", f"{hours} is not above 0", "write a number of hours, or [first, last]"
    if written.free and written.level != "linear":
        yield "level", f"is {written.level}, but capacities are found at the linear level", "remove level:, or free:"


def _contradictions_of_questions(study: Study) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with what is varied, with a front and with alternatives."""
    from gridsim.study.front import FRONT_LIMITS

    written, limit = study.written, study.front_path
    if limit is not None and (not limit.startswith("limits.") or study.front_field not in FRONT_LIMITS):
        yield "front", f"'{limit}' is no annual limit", did_you_mean(limit, [f"limits.{field}" for field in FRONT_LIMITS])
    elif limit is not None and (under := [key for key in ("set", "vary") if limit in getattr(written, key)]):
        yield "front", f"{limit} stands under {under[0]}: too", "remove one of the two"
    if written.alternatives is None:
        return
    if not written.free:
        yield "alternatives", "needs free capacities", "add free: with the capacities that may differ"
    for key in ("vary", "front"):
        if getattr(written, key):
            yield "alternatives", f"is of one park, but {key}: stands here too", "make it a study of its own"


def _figure_problems(study: Study) -> Iterator[Problem]:
    written, tree = study.written, study.tree
    paths = [*study.paths, *written.free]
    for number, figure in enumerate(written.figures):
        if not _may_be(figure, written):
            yield tree.at(("figures", number)).problem(f"figures.{number}", f"there is no figure {quoted(figure)}", did_you_mean(figure, YEAR_FIGURES))
        if part := _part_missing(figure, written):
            yield tree.at(("figures", number)).problem(f"figures.{number}", f"{quoted(figure)} needs a part of the virtual power plant", f"write vpp: [{part}]")
    for number, expected in enumerate(written.expected):
        node, where = tree.at(("expected", number)), f"expected.{number}"
        for key in ("figure", "lowest", "highest"):
            figure = getattr(expected, key)
            if figure is not None and not _may_be(figure, written) and figure not in paths:
                yield tree.at(("expected", number, key)).problem(f"{where}.{key}", f"there is no figure {quoted(figure)}", did_you_mean(figure, YEAR_FIGURES))
            elif figure is not None and (part := _part_missing(figure, written)):
                found = f"{quoted(figure)} needs a part of the virtual power plant"
                yield tree.at(("expected", number, key)).problem(f"{where}.{key}", found, f"write vpp: [{part}]")
        for path in (expected.at or {}).keys() - {*written.vary, *study.paths}:
            yield node.problem(f"{where}.at.{path}", "is not varied here", did_you_mean(path, [*written.vary, *study.paths]))


def refuse(study: str | Path, problems: list[Problem]) -> None:
    """Raise a DefinitionError with all problems, where there are any, in the order of the files."""
    if problems:
        order = {file: place for place, file in enumerate(dict.fromkeys(problem.file for problem in problems))}
        raise DefinitionError(str(study), sorted(dict.fromkeys(problems), key=lambda problem: (order[problem.file], problem.line or 0)))


def _may_be(figure: str, written: StudyFile) -> bool:
    """Tell whether a run may have a figure; those of technologies and of accounts are known when it has run."""
    return "." in figure or figure in YEAR_FIGURES or written.accounts


def _part_missing(figure: str, written: StudyFile) -> Part | None:
    """Return the part of the virtual power plant that has a figure, where the study does not run it."""
    return next((part for part in PARTS if figure.startswith(f"{part}.") and part not in written.vpp), None)
