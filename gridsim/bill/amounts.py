"""Decimal quantities and money: what stands on a bill can be multiplied out by hand, and adds up to the cent (分)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
"""Smallest amount of a line: one fen. [CNY]"""
ZERO = Decimal("0.00")
"""Added to turn −0.00 into 0.00."""
METER = Decimal("0.000001")
"""Resolution of quantities: a thousandth of a watt-hour, finer than any meter and coarser than the noise of a solver. [kWh, kW]"""
PRICE = Decimal("0.000000000001")
"""Resolution of unit prices; takes away what binary numbers add to 320 × 2.016. [CNY/kWh]"""


def cents(amount: Decimal) -> Decimal:
    """Round to fen; a half goes away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP) + ZERO


def thousandfold(value: float) -> Decimal:
    """Turn MWh into kWh, MW into kW, MVA into kVA."""
    return (Decimal(repr(float(value))) * 1000).quantize(METER, ROUND_HALF_UP)


def per_thousand(price: float) -> Decimal:
    """Turn CNY/MWh into CNY/kWh, CNY/MW into CNY/kW."""
    return (Decimal(repr(float(price))) / 1000).quantize(PRICE, ROUND_HALF_UP)


def exact(value: float) -> Decimal:
    """Take a number as it is written."""
    return Decimal(repr(float(value)))


def plain(value: Decimal, most: int = 6) -> str:
    """Write a number without needless zeros and with at most so many decimals."""
    text = f"{value:.{most}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
