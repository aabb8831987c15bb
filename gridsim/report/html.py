"""The report of a run: its head and its sections in the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.report import tables
from gridsim.report.frame import Head, lay_out
from gridsim.report.headline import tiles, verdict
from gridsim.report.sections import sections
from gridsim.report.wires import wires_verdict

if TYPE_CHECKING:
    from gridsim.report.view import RunView


def page(view: RunView) -> str:
    """Return the whole page."""
    words, park = view.words, view.record["park"]
    scope = [
        *([words("page.stage", stage=park["stage"])] if park["stage"] else []),
        words("page.scope", start=park["start"], hours=f"{view.hours:,.6g}", technologies=len(view.technologies)),
        *([words.named("level", view.record["level"])] if view.record["level"] != "linear" else []),
    ]
    head = Head(
        title=" · ".join(part for part in (park["name"], park["stage"], words("page.title")) if part),
        kicker=words("page.title"),
        heading=park["name"],
        about=park["description"],
        scope=" · ".join(scope),
        verdict=words("word.sentence_space").join(part for part in (verdict(view), wires_verdict(view)) if part),
        tiles=tiles(view),
        table=tables.green_share_table(view),
        noscript=words("page.noscript"),
        footer=words("page.footer", version=view.record["versions"]["gridsim"]),
        tone="warning" if view.summary.get("violating_hours", 0.0) > 0.0 else "",
    )
    return lay_out(words, head, sections(view))
