"""What can go wrong, as values a caller can compare and a user can act on.

GridsimError
├── DefinitionError        the user can fix it: a list of `Problem`s                                exit code 2
├── BuildError             a defect of gridsim itself: the solution failed its own audit
└── SolveError                                                                                      exit code 3
    ├── InfeasibleError    no dispatch exists: names the need, the hours, the shortfall, a remedy
    ├── UnboundedError     the park could earn without limit
    └── LimitReachedError  the solver stopped at its limit without any feasible answer
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing a user can fix: where it stands, what was found there and what to do."""

    where: str
    """Path inside the park, such as ``technologies.battery_1.power_mw``."""
    found: str
    remedy: str = ""
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = self.file + (f":{self.line}" if self.line else "")
        head = ": ".join(part for part in (place, self.where, self.found) if part)
        return f"{head}\n      -> {self.remedy}" if self.remedy else head


class GridsimError(Exception):
    """Base of everything gridsim raises on purpose."""

    exit_code = 1


class DefinitionError(GridsimError):
    """The input has problems; all of them are listed."""

    exit_code = 2

    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = [f"{subject} has {count} problem{'s' if count != 1 else ''}:"]
        lines += [f"  {number}. {problem}" for number, problem in enumerate(self.problems, start=1)]
        super().__init__("\n".join(lines))


class BuildError(GridsimError):
    """gridsim built or solved something wrong; please report it."""

    exit_code = 1


class SolveError(GridsimError):
    """No usable dispatch came out of the solver."""

    exit_code = 3


class InfeasibleError(SolveError):
    """No dispatch exists that serves every need."""


class UnboundedError(SolveError):
    """The objective can fall without limit."""


class LimitReachedError(SolveError):
    """The solver stopped at its time limit before it had any feasible answer."""


def printable(text: str) -> str:
    """Return a text with a question mark for each letter that cannot be printed."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def quoted(value: object) -> str:
    """Show a value as a park file would write it: text in quotes, the words true and false, and never more than a line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "a group of keys"
    text = f"'{' '.join(value.split())}'" if isinstance(value, str) else str(value)
    return printable(text if len(text) <= 60 else f"{text[:57]}…{text[-1]}")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``word`` was probably meant to be, if there is one."""
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the known name nearest to ``word``, and list what is known (at most thirty names)."""
    names = sorted(known)
    close = nearest(word, names)
    listed = ", ".join(names[:30]) + (", …" if len(names) > 30 else "")
    suggestion = f"did you mean '{close}'? " if close else ""
    return f"{suggestion}Known: {listed}" if names else "none is defined"
