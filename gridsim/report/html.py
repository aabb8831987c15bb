"""Lay the report out as one HTML file that needs nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import resources
from typing import TYPE_CHECKING

from gridsim.report import tables
from gridsim.report.figures.figure import Figure
from gridsim.report.headline import tiles, verdict
from gridsim.report.sections import sections
from gridsim.report.theme import FONT

if TYPE_CHECKING:
    from markupsafe import Markup

    from gridsim.report.view import RunView

FIGURE_WORDS = ("figure.to_image", "figure.reset", "figure.snapshot")
"""Words that plotly itself shows, by the key under which `report.js` finds them."""


def page(view: RunView) -> str:
    """Return the whole page."""
    import jinja2
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    body = sections(view)
    figures = [part for section in body for part in section.parts if isinstance(part, Figure)]
    return environment.from_string(_text("template.html")).render(
        words=view.words,
        view=view,
        park=view.record["park"],
        verdict=verdict(view),
        tiles=tiles(view),
        shares=tables.green_share_table(view),
        sections=body,
        is_figure=lambda part: isinstance(part, Figure),
        is_text=lambda part: isinstance(part, str),
        font=Markup(FONT),
        style=Markup(_text("report.css")),
        script=Markup(_text("report.js")),
        plotly=Markup(get_plotlyjs().replace("</script", "<\\/script")),
        content=_embedded({"figures": [_spec(figure) for figure in figures], "words": {key: view.words(key) for key in FIGURE_WORDS}}),
    )


def _spec(figure: Figure) -> dict[str, object]:
    whole = asdict(figure)
    return {"name": whole["name"], "data": whole["data"], "layout": {**whole["layout"], "height": whole["height"]}}


def _embedded(content: object) -> Markup:
    """Return JSON that cannot end the script element it stands in."""
    from markupsafe import Markup

    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _text(name: str) -> str:
    return resources.files("gridsim").joinpath("report", name).read_text(encoding="utf-8")
