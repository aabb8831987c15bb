"""A curtailment study's record as page and sheets see it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gridsim.metrics.curtailment import CAUSES

if TYPE_CHECKING:
    from gridsim.report.words import Words

    Row = dict[str, Any]


@dataclass(frozen=True)
class CurtailmentView:
    """One study in one language."""

    record: Row
    """As `gridsim.study.curtailment_record` makes it."""
    words: Words

    @cached_property
    def causes(self) -> list[str]:
        """Causes that occur, the largest first."""
        mwh = {row["cause"]: row["mwh"] for row in self.record["causes"]}
        return sorted((cause for cause in CAUSES if mwh[cause] > 0), key=lambda cause: -mwh[cause])

    def label(self, name: str) -> str:
        """What a technology is called; the name stands beside a label that several have."""
        labels = self.record["park"]["labels"]
        shared = list(labels.values()).count(labels.get(name)) > 1
        return f"{labels[name]} ({name})" if shared else labels.get(name, name)

    def option(self, saving: Row) -> str:
        """What an option is called: what it is, which one where the park has it, and the hours that come with it."""
        words = self.words
        parts = [self.label(saving["technology"])] if saving["in_park"] else [words("curtail.added")]
        parts += [] if saving["hours"] is None else [words("curtail.with_hours", hours=f"{saving['hours']:g}")]
        return words("curtail.option_of", option=words.named("curtail_option", saving["option"]), which=words("word.list_comma").join(parts))

    def said(self, note: Row) -> str:
        """Return a note in words."""
        return self.words(f"curtail_note.{note['key']}", **note["figures"])

    @property
    def notes(self) -> list[str]:
        """All notes in words."""
        return [self.said(note) for note in self.record["notes"]]
