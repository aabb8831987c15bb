"""What the studies of the network say in sentences, and the terminal of a network that was checked, in the page's language.

A run's folder holds these sentences in English, as its tables do; each is known again by its form in ``words.csv``, so that any folder can be shown in any
language. One whose form is not known is shown as it is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from gridsim.report.words import table

if TYPE_CHECKING:
    from gridsim.report.words import Words

GROUP = "wires_told"
NESTED = ("what", "why", "more")
"""Values that are sentences themselves; others are names and numbers."""


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Pattern of each English sentence and its name: of what it is said first, then those with most words of their own."""
    known = {key.removeprefix(f"{GROUP}."): text for key, text in table()["en"].items() if key.startswith(f"{GROUP}.")}
    ordered = sorted(known.items(), key=lambda item: (not item[0].startswith("of_"), -len(re.sub(r"{\w+}", "", item[1]))))
    return tuple((re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(text))), name) for name, text in ordered)


def told(words: Words, sentence: str) -> str:
    """Return a sentence in the page's language, indented as it was."""
    said = sentence.lstrip()
    for form, name in _forms() if words.language != "en" else ():
        if found := form.fullmatch(said):
            values = {key: _value(words, key, text) for key, text in found.groupdict().items()}
            return sentence.removesuffix(said) + words(f"{GROUP}.{name}", **values)
    return sentence


def _value(words: Words, key: str, text: str) -> str:
    if key == "names":
        return words("word.list_comma").join(re.split(", | and ", text))
    if key == "list":
        return words("word.list_comma").join(told(words, re.sub("^(voltage|no)_", r"\1 ", one)) for one in text.split(", "))
    return told(words, text) if key in NESTED else text
