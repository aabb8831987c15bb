"""The frame that every page shares: one HTML file that needs nothing else, with a head and sections of sentences, figures and tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING

from gridsim.report.figures.figure import Figure
from gridsim.report.theme import FONT

if TYPE_CHECKING:
    from markupsafe import Markup

    from gridsim.report.headline import Tile
    from gridsim.report.tables import Table
    from gridsim.report.words import Words

FIGURE_WORDS = ("figure.to_image", "figure.reset", "figure.snapshot")
"""Words that plotly itself shows, by the key under which `report.js` finds them."""


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it: sentences, figures, tables."""

    name: str
    title: str
    parts: list[Figure | Table | str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    """Lines of a list, given by the run."""


@dataclass(frozen=True)
class Head:
    """What stands above the sections, and the lines that only one kind of page has."""

    title: str
    """Of the browser's window."""
    kicker: str
    heading: str
    about: str
    scope: str
    verdict: str
    tiles: Sequence[Tile]
    noscript: str
    footer: str
    table: Table | None = None
    tone: str = ""
    """``plain``, ``warning`` or ``alarm`` where the verdict is not a good one."""


def lay_out(words: Words, head: Head, sections: Sequence[Section]) -> str:
    """Return the whole page."""
    import jinja2
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    figures = [part for section in sections for part in section.parts if isinstance(part, Figure)]
    return environment.from_string(_text("template.html")).render(
        words=words,
        head=head,
        sections=sections,
        is_figure=lambda part: isinstance(part, Figure),
        is_text=lambda part: isinstance(part, str),
        font=Markup(FONT),
        style=Markup(_text("report.css")),
        script=Markup(_text("report.js")),
        plotly=Markup(get_plotlyjs().replace("</script", "<\\/script")),
        content=_embedded({"figures": [_spec(figure) for figure in figures], "words": {key: words(key) for key in FIGURE_WORDS}}),
    )


def _spec(figure: Figure) -> dict[str, object]:
    frames = {"frames": [{"data": frame.data, "layout": frame.layout} for frame in figure.frames]} if figure.frames else {}
    return {"name": figure.name, "data": figure.data, "layout": {**figure.layout, "height": figure.height}, **frames}


def _embedded(content: object) -> Markup:
    """Return JSON that cannot end the script element it stands in."""
    from markupsafe import Markup

    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _text(name: str) -> str:
    return resources.files("gridsim").joinpath("report", name).read_text(encoding="utf-8")
