"""Amounts as the accounts show them: a value beside what it is held against, money to the fen, shares without needless decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gridsim.report.numbers import MINUS, SPACE, number, percent

if TYPE_CHECKING:
    from gridsim.report.view import RunView
    from gridsim.report.words import Words

BETWEEN = "; "
DASH = "\N{EN DASH}"
SENSE = {">=": "≥", "<=": "≤"}
RECALLED = ("M", "M?", "X")
"""Certainties of numbers that nobody has read in a document, or that documents contradict."""
MOST_DIGITS = 4
WRITTEN = 7
"""Digits and points up to which a threshold is written as it is."""


def share(value: float) -> str:
    r"""Return a share as per cent; whole ones without a decimal.

    Examples
    --------
    >>> share(1.0), share(0.35), share(0.7608992), share(0.0)
    ('100\xa0%', '35\xa0%', '76.1\xa0%', '0\xa0%')
    """
    points = 100.0 * value
    return f"{round(points)}{SPACE}%".replace("-", MINUS) if abs(points - round(points)) < 1e-9 else percent(value)


def amount(value: float | None, unit: str, beside: float | None = None) -> str:
    r"""Return a value with its unit; where it differs from ``beside``, with as many digits as it takes to see that.

    Examples
    --------
    >>> amount(0.208, "1", 0.2), amount(0.20001, "1", 0.2), amount(30.0, "MW"), amount(0.6 - 1e-16, "1", 0.6)
    ('20.8\xa0%', '20.001\xa0%', '30.0\xa0MW', '<\xa060\xa0%')
    """
    if value is None:
        return DASH
    if beside is None or value == beside or _rounded(value, unit) != _rounded(beside, unit):
        return _plain(value, unit)
    factor, sign = (100.0, "%") if unit == "1" else (1.0, unit)
    for digits in range(2, MOST_DIGITS + 1):
        text = f"{factor * value:,.{digits}f}".replace("-", MINUS)
        if text != f"{factor * beside:,.{digits}f}".replace("-", MINUS):
            return f"{text}{SPACE}{sign}".rstrip()
    return f"{'<' if value < beside else '>'}{SPACE}{_plain(beside, unit)}"


def limit(value: float | None, unit: str) -> str:
    r"""Return a threshold as its document writes it, where it has few digits.

    Examples
    --------
    >>> limit(14.51, "kg/kg"), limit(0.35, "1"), limit(0.6357469, "1"), limit(50000.0, "MWh")
    ('14.51\xa0kg/kg', '35\xa0%', '63.6\xa0%', '50,000\xa0MWh')
    """
    if value is None:
        return DASH
    written = f"{value:.10g}"
    return f"{value:,.10g}{SPACE}{unit}".rstrip() if unit != "1" and len(written) <= WRITTEN else _plain(value, unit)


def _rounded(value: float, unit: str) -> str:
    return percent(value) if unit == "1" else number(value)


def _plain(value: float, unit: str) -> str:
    return share(value) if unit == "1" else f"{number(value)}{SPACE}{unit}".rstrip()


def difference(words: Words, value: float | None, unit: str) -> str:
    """Return how far a value is off, with its sign; shares in percentage points."""
    if value is None:
        return DASH
    scaled, sign = (100.0 * value, words("unit.points")) if unit == "1" else (value, unit)
    text = number(abs(scaled), 2 if unit == "1" and abs(scaled) < 10.0 else 3)
    if text == "0" and value != 0.0:
        text = "<0.0001"
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{text}{SPACE}{sign}".rstrip()


def fen(amount_cny: Decimal | float) -> str:
    """Return money to the fen.

    Examples
    --------
    >>> fen(Decimal("1693254.32"))
    '1,693,254.32'
    """
    text = f"{amount_cny:,.2f}".replace("-", MINUS)
    return "0.00" if text == f"{MINUS}0.00" else text


def decimals(value: Decimal, most: int) -> str:
    """Return a decimal number with separated thousands and no needless zeros.

    Examples
    --------
    >>> decimals(Decimal("3985995.824179"), 1), decimals(Decimal("0.5376"), 6), decimals(Decimal("32.8"), 6)
    ('3,985,995.8', '0.5376', '32.8')
    """
    text = f"{value:,.{most}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", MINUS)


def money(words: Words, cny: float | None) -> str:
    """Return money in the language's large unit, without the unit."""
    return DASH if cny is None else number(cny / words.money[0])


def money_with_unit(words: Words, cny: float) -> str:
    """Return money in the language's large unit."""
    return f"{money(words, cny)}{SPACE}{words.money[1]}"


def said(row: dict[str, Any], key: str, words: Words) -> str:
    """Return the text that a record holds in both languages under ``<key>_en`` and ``<key>_zh``."""
    return str(row[f"{key}_{words.language}"])


def accounts_of(view: RunView) -> dict[str, Any] | None:
    """Return what the run holds of its accounts; None for a run that was made before there were any."""
    found: dict[str, Any] | None = view.record.get("accounts")
    return found


def together(words: Words, *texts: str) -> str:
    """Return sentences one after the other, empty ones left out."""
    return words("word.sentence_space").join(text for text in texts if text)
