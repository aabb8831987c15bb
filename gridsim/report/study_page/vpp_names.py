"""What figures and varied fields of the virtual power plant are called: ``operation.regret_cny``, ``vpp.forecast.wind.scale``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridsim.report.words import Words

PARTS = ("operation", "envelope", "islanding", "seconds", "markets")
"""Parts whose figures stand in a study as ``<part>.<figure>``."""
SECTION = "vpp."
"""What varied fields of it begin with."""
CALL = re.compile(r"(up|down)_([\d.]+)h_(firm|mean)_mw")
LASTS = re.compile(r"(?:(.+)\.)?share_([\d.]+)h")


def figure_title(words: Words, column: str, labels: Mapping[str, str]) -> str:
    """Return what a figure of a part is called; one without a word is its part and its own name."""
    part, _, figure = column.partition(".")
    if part == "envelope" and (call := CALL.fullmatch(figure)):
        return words(f"study_vpp.envelope.{call[1]}_{call[3]}", hours=call[2])
    if part == "islanding" and (lasts := LASTS.fullmatch(figure)):
        name, known = lasts[1] or "", words("study_vpp.islanding.share", hours=lasts[2])
    else:
        name, _, last = figure.rpartition(".")
        group = "market" if name and part == "markets" else part
        known = words.get(f"study_vpp.{group}.{last}")
    if not known:
        return _unknown(words, part, figure)
    return words("study.of", name=labels.get(name) or name, field=known) if name else known


def path_title(words: Words, path: str, labels: Mapping[str, str]) -> str:
    """Return what a varied field below ``vpp`` is called; one without a word is its section and its own name."""
    section, _, field = path.removeprefix(SECTION).partition(".")
    group, _, last = field.rpartition(".")
    if known := words.get(f"study_vpp_path.{section}.{last}"):
        return words("study.of", name=words.named("vpp_kind", group), field=known) if section == "forecast" else known
    if known := words.get(f"study_vpp_path.each.{group}"):  # of each technology
        return words("study.of", name=labels.get(last) or last, field=known)
    return _unknown(words, section, field)


def _unknown(words: Words, part: str, name: str) -> str:
    return words("study.of", name=words.named("study_vpp_part", part), field=name.replace("_", " ").replace(".", " "))
