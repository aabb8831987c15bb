r"""Settlement by product and month.

.. math::

   \text{energy}     &: \sum_t \Delta t\,[p_t q_t + p^{+}_t (m_t - q_t)^{+} - p^{-}_t (q_t - m_t)^{+}] \\
   \text{reserve}    &: \sum_t \Delta t\, c_t R_t \;+\; e\, V \;-\; f \sum_t \Delta t\, c_t\, \text{missing}_t \\
   \text{regulation} &: \sum_t \Delta t\, c_t R_t + \sum_t \mu_t K_t L_t, \qquad K = \min(w_1 k_1 + w_2 k_2 + w_3 k_3, K_{max}) \\
   \text{calls}      &: e\, V + g \sum_c V_c / h_c - f\,(\dots)\ \text{of what is missing}

with :math:`q` sold and :math:`m` metered net sales, :math:`R` the MW held, :math:`L` the mileage, :math:`V` the paid energy of calls
(`gridsim.vpp.market.delivery`), :math:`h_c` their hours. The form of the performance index, with the parts :math:`k_1` rate, :math:`k_2` delay, :math:`k_3`
precision, is that of the Guangdong and Shaanxi rules; the weights stand in the market's file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.vpp.market.delivery import Calls, broken_limits, calls_of
from gridsim.vpp.market.lines import Line, Statement, monthly_lines
from gridsim.vpp.market.terms import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.market.market import Market

    Series = NDArray[np.float64]


def settle_energy(
    market: Market, time: TimeAxis, sold_mw: Series, metered_mw: Series, price_cny_per_mwh: Series, imbalance_price_cny_per_mwh: Series | None = None
) -> Statement:
    """Settle day-ahead sales and what was metered otherwise.

    Parameters
    ----------
    sold_mw, metered_mw : array, shape (T,)
        Net sale (export less import) as cleared and as metered. [MW]
    price_cny_per_mwh : array, shape (T,)
        Day-ahead price. [CNY/MWh]
    imbalance_price_cny_per_mwh : array, shape (T,), optional
        Price of deviations, such as the real-time price; left out, the day-ahead price times the market's factors. [CNY/MWh]

    Notes
    -----
    Deviations within the market's ``tolerance_share`` of what was sold are settled at the day-ahead price. Where provinces recover gains from deviations,
    that is not modelled.
    """
    _only(market, "day_ahead_energy")
    hours, price = time.step_hours, np.asarray(price_cny_per_mwh, dtype=float)
    away = metered_mw - sold_mw
    band = market.term("tolerance_share") * np.abs(sold_mw)
    tolerated = np.clip(away, -band, band)
    beyond = away - tolerated
    if imbalance_price_cny_per_mwh is None:
        short_price, long_price = price * market.term("imbalance_short_factor"), price * market.term("imbalance_long_factor")
    else:
        short_price = long_price = np.asarray(imbalance_price_cny_per_mwh, dtype=float)
    parts = (
        ("energy.sold", np.maximum(sold_mw, 0.0), price),
        ("energy.bought", np.minimum(sold_mw, 0.0), price),
        ("energy.tolerated", tolerated, price),
        ("energy.short", np.minimum(beyond, 0.0), short_price),
        ("energy.long", np.maximum(beyond, 0.0), long_price),
    )
    return Statement(_by_month(line for item, power, each in parts for line in monthly_lines(time, market.id, item, "MWh", power * hours, each)))


def settle_reserve(
    market: Market, time: TimeAxis, held_mw: Series, asked_mw: Series, delivered_mw: Series, capacity_price_cny_per_mw_h: Series | float | None = None
) -> Statement:
    """Settle MW held ready and the calls on them.

    Parameters
    ----------
    held_mw : array, shape (T,)
        MW sold in each snapshot. [MW]
    asked_mw, delivered_mw : array, shape (T,)
        Called and delivered power in the direction of the product; calls may not exceed what is held. [MW]
    capacity_price_cny_per_mw_h : array, shape (T,), or float, optional
        Left out, the market's. [CNY/MW h]

    Notes
    -----
    The capacity of a call of which nothing is paid is lost in its snapshots. The penalty is a multiple of the capacity price of the call's first snapshot.
    """
    _only(market, "reserve")
    if (np.asarray(asked_mw) > np.asarray(held_mw) + 1e-9).any():
        raise DefinitionError(f"market {market.id}", [Problem("asked_mw", "exceeds held_mw", "ask for no more than was sold")])
    if capacity_price_cny_per_mw_h is None:
        market.require()
        capacity_price_cny_per_mw_h = market.stated("capacity_price_cny_per_mw_h")
    price = np.broadcast_to(np.asarray(capacity_price_cny_per_mw_h, dtype=float), (time.steps,))
    calls = calls_of(market, time, asked_mw, delivered_mw)
    held = held_mw.copy()
    for first, last in zip(calls.first[calls.unpaid], calls.last[calls.unpaid], strict=True):
        held[first : last + 1] = 0.0
    lines = [*monthly_lines(time, market.id, "reserve.capacity", "MW h", held * time.step_hours, price, _told(time, calls))]
    energy_price = market.stated("energy_price_cny_per_mwh")
    notes = broken_limits(market, time, calls)
    if energy_price is not None:
        lines += monthly_lines(time, market.id, "reserve.energy", "MWh", _at_first(time, calls, calls.paid_mwh), energy_price)
    elif calls.first.size:
        rules = market.rules
        notes += (
            (f"{rules.label_zh}：未规定调用电量价格，不计电量补偿", f"{rules.label_en}: no price for energy on call is stated, so that it is paid nothing"),
        )
    factor = market.term("penalty_factor")
    if factor:
        lines += monthly_lines(time, market.id, "reserve.penalty", "MW h", -_at_first(time, calls, calls.missing_mwh), factor * price)
    return Statement(_by_month(lines), notes)


def performance_index(market: Market, rate: Series, delay: Series, precision: Series) -> Series:
    """Return the performance index K of each snapshot from its parts k1, k2, k3, up to the market's cap. Shape (T,)."""
    market.require("mileage_price_cny_per_mw")
    index = sum((market.stated(f"weight_{name}") or 0.0) * np.asarray(part) for name, part in (("rate", rate), ("delay", delay), ("precision", precision)))
    cap = market.stated("performance_cap")
    return np.maximum(index if cap is None else np.minimum(index, cap), 0.0)


def mileage_mw(signal_mw: NDArray[np.float64]) -> Series:
    """Way that a signal goes within each snapshot, Σ|Δ|. Shape (T, n) to (T,). [MW]"""
    return np.abs(np.diff(signal_mw, axis=1)).sum(axis=1)


def settle_regulation(
    market: Market, time: TimeAxis, held_mw: Series, mileage: Series, performance: Series, mileage_price_cny_per_mw: Series | float | None = None
) -> Statement:
    """Settle MW held for secondary regulation and the mileage they went.

    Parameters
    ----------
    held_mw : array, shape (T,)
        MW sold, held both ways. [MW]
    mileage : array, shape (T,)
        From `mileage_mw`. [MW]
    performance : array, shape (T,)
        Index K, from `performance_index`; below the market's least, a snapshot is paid neither capacity nor mileage.
    mileage_price_cny_per_mw : array, shape (T,), or float, optional
        Left out, the market's. [CNY/MW]
    """
    _only(market, "regulation")
    if mileage_price_cny_per_mw is None:
        market.require()
        mileage_price_cny_per_mw = market.stated("mileage_price_cny_per_mw") or 0.0
    paid = np.asarray(performance) >= market.term("performance_least")
    capacity_price = market.stated("capacity_price_cny_per_mw_h") or 0.0
    lines: list[Line] = []
    if capacity_price:
        lines += monthly_lines(time, market.id, "regulation.capacity", "MW h", np.where(paid, held_mw, 0.0) * time.step_hours, capacity_price)
    lines += monthly_lines(time, market.id, "regulation.mileage", "MW", np.where(paid, mileage * performance, 0.0), mileage_price_cny_per_mw)
    return Statement(_by_month(lines))


def settle_calls(market: Market, time: TimeAxis, asked_mw: Series, baseline_mw: Series, metered_mw: Series) -> Statement:
    """Settle the calls of peak shaving, valley filling or demand response.

    Parameters
    ----------
    asked_mw : array, shape (T,)
        Response that was asked for; 0 where there is no call. [MW]
    baseline_mw, metered_mw : array, shape (T,)
        Import as it would have been, and as it was; the response is their difference, in the direction of the product. [MW]

    Notes
    -----
    A call that runs into another month is settled in the month it begins.
    """
    _only(market, *CALLED)
    market.require()
    response = baseline_mw - metered_mw if market.rules.direction == "up" else metered_mw - baseline_mw
    calls = calls_of(market, time, asked_mw, response)
    told, factor = _told(time, calls), market.term("penalty_factor")
    lines: list[Line] = []
    parts = (("energy", "energy_price_cny_per_mwh", "MWh", 1.0), ("capacity", "call_price_cny_per_mw", "MW", 1.0 / calls.hours))
    for item, term, unit, share in parts:
        price = market.stated(term)
        if price is None:
            continue
        lines += monthly_lines(time, market.id, f"call.{item}", unit, _at_first(time, calls, calls.paid_mwh * share), price, told)
        if factor:
            lines += monthly_lines(time, market.id, f"call.{item}_penalty", unit, -_at_first(time, calls, calls.missing_mwh * share), factor * price)
    return Statement(_by_month(lines), broken_limits(market, time, calls))


def earned_by_call(market: Market, calls: Calls, capacity_price_cny_per_mw_h: Series | float = 0.0) -> tuple[Series, Series]:
    """Return what each call is paid and fined before rounding; reserve is paid for being held beside it. Shapes (C,). [CNY]

    Parameters
    ----------
    capacity_price_cny_per_mw_h : array, shape (C,), or float
        Of reserve, at the beginning of each call, which its penalty is a multiple of.
    """
    price = (market.stated("energy_price_cny_per_mwh") or 0.0) + (market.stated("call_price_cny_per_mw") or 0.0) / calls.hours
    fined = price if market.product in CALLED else capacity_price_cny_per_mw_h
    return price * calls.paid_mwh, market.term("penalty_factor") * fined * calls.missing_mwh


def settle_certificates(market: Market, time: TimeAxis, green_export_mw: Series, price_cny_per_mwh: float | None = None) -> Statement:
    """Settle one certificate for each exported MWh of green power, parts of one carried as they are.

    Parameters
    ----------
    price_cny_per_mwh : float, optional
        The tariff's ``bill.certificates.price_cny_per_mwh`` where it has one; left out, the market's. [CNY/MWh]
    """
    _only(market, "green_certificate")
    if price_cny_per_mwh is None:
        market.require()
        price_cny_per_mwh = market.stated("certificate_price_cny_per_mwh")
    return Statement(tuple(monthly_lines(time, market.id, "certificates.sold", "MWh", green_export_mw * time.step_hours, price_cny_per_mwh or 0.0)))


def _only(market: Market, *products: str) -> None:
    if market.product not in products:
        found = f"sells {market.product}"
        raise DefinitionError(f"market {market.id}", [Problem("product", found, f"settle it as {market.product}; this is for {', '.join(products)}")])


def _at_first(time: TimeAxis, calls: Calls, values: Series) -> Series:
    """Lay a value a call on the call's first snapshot. Shape (T,)."""
    laid = np.zeros(time.steps)
    laid[calls.first] = values
    return laid


def _told(time: TimeAxis, calls: Calls) -> dict[int, str]:
    months = time.billing_month[calls.first]
    told = {}
    for month in np.unique(months).tolist():
        count, unpaid = int((months == month).sum()), int((calls.unpaid & (months == month)).sum())
        told[month] = f"调用 {count} 次，未补偿 {unpaid} 次 / {count} called, {unpaid} unpaid"
    return told


def _by_month(lines: Iterator[Line] | list[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: line.month))
