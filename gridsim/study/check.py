"""A study against its park: every value must fit, and what the park itself says is where one-at-a-time begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gridsim.errors import DefinitionError, Problem, quoted
from gridsim.park.files import is_folder
from gridsim.park.read import read_park
from gridsim.study.axes import Axis, Value
from gridsim.study.definition import STAGE, Study
from gridsim.study.scenarios import override
from gridsim.vpp.run import Part
from gridsim.vpp.section import VppSection

if TYPE_CHECKING:
    from gridsim.park.park import Park

MARKETS: Part = "markets"
EACH_UP_TO = 20
"""Listed values are all tried on the park up to here, beyond only the first and the last."""


class ParkOfStudy:
    """The park of a study, read with what its scenarios lay over it."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.seen: dict[tuple[str, ...], tuple[str, tuple[Problem, ...]]] = {}
        self.base: Park | None = None
        """With what every scenario overrides; None where it has problems."""
        self.sells = False
        """Whether any scenario's park names markets."""

    def overrides(self, changes: dict[str, Value]) -> tuple[str | None, list[str]]:
        """Return the stage and the overrides of a scenario."""
        stage = changes.get(STAGE, self.study.stage)
        laid = {**self.study.written.set, **{path: value for path, value in changes.items() if path != STAGE}}
        return None if stage is None else str(stage), [override(path, value) for path, value in laid.items()]

    def read(self, changes: dict[str, Value]) -> tuple[str, tuple[Problem, ...]]:
        """Return the fingerprint of the park with some changes, and its problems."""
        stage, overrides = self.overrides(changes)
        key = (str(stage), *overrides)
        if key not in self.seen:
            try:
                park = read_park(self.study.park, stage=stage, overrides=overrides, hours=self.study.hours)
            except DefinitionError as error:
                self.seen[key] = f"refused: {error}", error.problems
            else:
                self.seen[key] = park.fingerprint, ()
                self.sells |= park.vpp is not None and park.vpp.markets is not None
                if not changes:
                    self.base = park
        return self.seen[key]

    def problems(self) -> Iterator[Problem]:
        """Yield everything the park has against the study, at the lines of the study where it comes from them."""
        tree, park = self.study.tree, self.study.park
        if not is_folder(park) and not park.is_file():
            yield tree.at(("park",)).problem("park", f"there is no such folder: {park}", "give the park's folder, relative to the study's")
            return
        own = self.read({})[1]
        for problem in own:
            yield self._placed(problem)
        alone = len(self.study.axes) == 1
        for axis in self.study.axes:
            for value in _tried(axis):
                for problem in self.read({axis.path: value})[1]:
                    if problem not in own and (alone or problem.file.startswith("--")):  # others may fit together with another axis' value; if not, it is a row
                        yield self._placed(problem, axis.path, value)
        yield from self._problems_of_free()
        if self.base is not None and MARKETS in self.study.written.vpp and not self.sells:
            keys = ("vpp", self.study.written.vpp.index(MARKETS))
            found, remedy = "the park names no markets, so that there is nothing to sell", "write vpp: {markets: {offers: …}} in the park, or leave markets out"
            yield tree.at(keys).problem(f"vpp.{keys[1]}", found, remedy)

    def _placed(self, problem: Problem, varied: str | None = None, value: Value | None = None) -> Problem:
        """Point at the study's line instead of at an option of the command line, or at a line of the park that is right without the varied value."""
        if varied is not None:
            keys: tuple[str, ...] = ("vary", varied)
        elif problem.file.startswith("--set"):
            keys = ("set", problem.file.removeprefix("--set ").partition("=")[0])
        elif problem.file.startswith("--"):
            keys = (problem.file.split()[0].removeprefix("--"),)
        else:
            return problem
        found = problem.found if problem.where in ("", keys[-1]) else f"{problem.where}: {problem.found}"
        if varied is not None and problem.where not in ("", varied):
            found = f"with {quoted(value)}, {found}"
        return self.study.tree.at(keys).problem(".".join(keys), found, problem.remedy)

    def _problems_of_free(self) -> Iterator[Problem]:
        if self.base is None or not self.study.written.free:
            return
        from gridsim.dispatch.sizes import Free, check_free

        free = [Free(path, bounds.min, bounds.max, bounds.unit) for path, bounds in self.study.written.free.items()]
        try:
            check_free(self.base, free)
        except DefinitionError as error:
            for problem in error.problems:
                yield self.study.tree.at(("free", problem.where)).problem(f"free.{problem.where}", problem.found, problem.remedy)

    def usual(self) -> dict[str, Value | None]:
        """Return what the park itself says at each varied path."""
        return {axis.path: None if self.base is None else value_in(self.base, axis.path) for axis in self.study.axes}


def _tried(axis: Axis) -> Sequence[Value]:
    ends = axis.ends
    return ends if len(ends) <= EACH_UP_TO else (ends[0], ends[-1])


def value_in(park: Park, path: str) -> Value | None:
    """Return what a park says at a path, shipped defaults included; None where it says nothing, or something that is no single value."""
    if path == STAGE:
        return park.stage
    steps = path.split(".")
    checked = {"technologies": park.technologies, "tariffs": park.tariffs, "limits": park.limits, "finance": park.finance, "vpp": park.vpp or VppSection()}
    for start in (checked, park.definition):
        value: Any = start
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else getattr(value, step, None)
        if isinstance(value, int | float | str | bool):
            return value
    return None
