r"""What ``carbon.limits`` asks of a dispatch, as requests to the draft.

With green generation :math:`g`, consumption :math:`\ell` (of the park or of electrolysis), imports :math:`i`, exports :math:`x`, charging and discharging of
electric storage :math:`c` and :math:`d`, fuel :math:`f`, and a least share :math:`s`:

===================================  =====================================================================================
year, month                          :math:`\sum_p g \ge s \sum_p \ell` for each period :math:`p`
hour (park)                          :math:`\sum_t i_t \le (1 - s) \sum_t \ell_t`
every_hour (park)                    :math:`i_t \le (1 - s)\,\ell_t`
every_hour (electrolysis)            :math:`g_t + d_t - c_t - x_t \ge s\,\ell_t`
emissions                            :math:`\varepsilon \sum_t \Delta t\, i_t + \sum_k \varphi_k \sum_t \Delta t\, f_{k,t} \le E`
===================================  =====================================================================================

By year and month green power that was exported counts, and losses of storage do not: so certificates and contracts are settled. By the hour nothing imported
counts as green, also where it was stored first. For electrolysis the same row keeps grid power out of the stores (:math:`c_t - d_t + x_t \le g_t`, line
losses aside), and electrolysis is served first; what a store holds at the start counts as green. The price of the last line is a carbon price in CNY/t; those
of the others are CNY for each MWh of green power asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.carbon.factors import chosen_set
from gridsim.carbon.fuel_use import fuel_of
from gridsim.dispatch.limits import final_use_terms
from gridsim.technologies.draft import PeriodLimit, Term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.carbon.section import CarbonSection
    from gridsim.dispatch.result import Dispatch
    from gridsim.technologies.draft import NetworkDraft

MATCHED = "carbon.matched_share_min"
EMISSIONS = "carbon.emissions_max_t"


def add_carbon_limits(draft: NetworkDraft, section: CarbonSection) -> None:
    """Write the limits of ``carbon.limits`` into a draft that holds all technologies."""
    limits = section.limits
    if limits.matched_share_min is not None:
        _match(draft, section)
    if limits.emissions_max_t is not None:
        _cap(draft, section)


def carbon_price(dispatch: Dispatch) -> float | None:
    """What the last tonne below the cap cost; None where no cap was set or nothing has prices. [CNY/t]"""
    price = dispatch.limit_prices.get(EMISSIONS)
    return None if price is None else max(0.0, -float(price[0]))


def matching_price(dispatch: Dispatch) -> NDArray[np.float64] | None:
    """What one MWh more of green power asked costs in each period of the matching limit. Shape (periods,). [CNY/MWh]"""
    price = dispatch.limit_prices.get(MATCHED)
    return None if price is None else np.abs(price)


def limit_line(name: str, section: CarbonSection, missing: float) -> str:
    """Say that a limit of ``carbon.limits`` cannot be met, and what to do.

    Parameters
    ----------
    name : str
        Name of its request, `MATCHED` or `EMISSIONS`.
    section : CarbonSection
    missing : float
        What would close it, over the horizon. [MWh, or t of emissions]
    """
    field = name.removeprefix("carbon.")
    value, unit = getattr(section.limits, field), "t" if name == EMISSIONS else "MWh"
    ease = "raise" if name == EMISSIONS else "lower"
    short = "too much" if name == EMISSIONS else "of green power missing"
    return (
        f"carbon.limits.{field} = {value:g} cannot be met: {missing:,.4g} {unit} {short} over the horizon\n"
        f"      -> {ease} carbon.limits.{field}, or add wind, solar, storage or flexible load"
    )


def _match(draft: NetworkDraft, section: CarbonSection) -> None:
    share, by = section.limits.matched_share_min or 0.0, section.limits.matched_by
    green = [Term(c.name) for c in draft.having("renewable")]
    if section.limits.matched_of == "park":
        uses, fixed = final_use_terms(draft)
    else:
        uses, fixed = _electrolysis(draft), np.zeros(draft.steps)
    if by in {"year", "month"}:
        _least(draft, [*green, *_scaled(uses, -share)], share * fixed, draft.park.time.period(by))
        return
    every = np.arange(draft.steps) if by == "every_hour" else draft.park.time.period("year")
    if section.limits.matched_of == "park":
        imports = [Term(c.name, -1.0) for c in draft.having("import")]
        _least(draft, [*_scaled(uses, 1.0 - share), *imports], -(1.0 - share) * fixed, every)
        return
    exports = [Term(c.name) for c in draft.having("export")]
    charge = [Term(c.name) for c in draft.having("charge") if draft.electric(c["bus0"])]
    discharge = [Term(c.name, c["efficiency"]) for c in draft.having("discharge") if draft.electric(c["bus1"])]
    _least(draft, [*green, *discharge, *_scaled([*charge, *exports], -1.0), *_scaled(uses, -share)], share * fixed, every)


def _least(draft: NetworkDraft, terms: list[Term], floor_mw: NDArray[np.float64], period: NDArray[np.int64]) -> None:
    if terms:
        right = np.bincount(period, weights=floor_mw) * draft.park.time.step_hours
        draft.request(PeriodLimit(MATCHED, tuple(terms), ">=", right, period))


def _electrolysis(draft: NetworkDraft) -> list[Term]:
    """What electrolysers draw, standby and starting included."""
    pieces = [c for c in draft.having("conversion") if draft.electric(c["bus0"]) and draft.buses[c["bus1"]] == "hydrogen"]
    plants = {c.technology for c in pieces}
    return [*(Term(c.name) for c in pieces), *(Term(c.name) for c in draft.having("auxiliary") if c.technology in plants)]


def _cap(draft: NetworkDraft, section: CarbonSection) -> None:
    factors = chosen_set(section)
    market = section.limits.emissions_of == "market"
    grid = factors.residual.value if market else factors.average.value
    terms = [Term(c.name, grid) for c in draft.having("import")]
    terms += [Term(c.name, fuel_of(draft, c, section).emissions_t_per_mwh.value) for c in draft.having("fuel")]
    covered = section.certificates_mwh * grid if market else 0.0
    right = np.array([((section.limits.emissions_max_t or 0.0) + covered) * draft.park.time.share_of_year])
    if terms:
        draft.request(PeriodLimit(EMISSIONS, tuple(terms), "<=", right, draft.park.time.period("year")))


def _scaled(terms: list[Term], factor: float) -> list[Term]:
    return [Term(term.component, term.coefficient * factor) for term in terms]
