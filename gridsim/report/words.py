"""Every word of the report: ``words.csv``, one row a key, one column a language. Names, labels and units are data, not words."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from gridsim.errors import DefinitionError, Problem, did_you_mean


@cache
def table() -> dict[str, dict[str, str]]:
    """Return language → key → text."""
    with resources.files("gridsim").joinpath("report/words.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {language: {row["key"]: row[language] for row in rows} for language in rows[0] if language != "key"}


class Words:
    """The words of one language; ``words("page.title")``, with values for what stands in braces."""

    def __init__(self, language: str) -> None:
        languages = table()
        if language not in languages:
            problem = Problem("language", f"the report has no language '{language}'", did_you_mean(language, languages))
            raise DefinitionError("the report", [problem])
        self.language = language
        self._texts = languages[language]

    def __call__(self, key: str, /, **values: object) -> str:
        text = self._texts[key]
        return text.format(**values) if values else text

    def named(self, group: str, name: str) -> str:
        """Return the word for a name that the run gave, such as a type or a kind of cost; one that the table lacks is shown as it is."""
        return self._texts.get(f"{group}.{name}", name.replace("_", " "))

    def get(self, key: str, otherwise: str = "") -> str:
        """Return the word of a key that may be missing."""
        return self._texts.get(key, otherwise)

    @property
    def money(self) -> tuple[float, str]:
        """How many CNY the unit of large amounts has, and what it is called: millions in English, tens of thousands in Chinese."""
        return float(self._texts["unit.money_cny"]), self._texts["unit.money"]
