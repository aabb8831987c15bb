r"""Annual limits as shares, over the whole park (the words of the scorecard).

With used green power :math:`g` (available minus curtailed), imports :math:`i`, exports :math:`x`, load :math:`\ell` and available :math:`a`, summed over the
horizon:

==========================  ==============================================
``import_share_max``        :math:`\sum i \le s \sum \ell`
``green_share_min``         :math:`\sum (\ell - i) \ge s \sum \ell`
``self_use_ratio_min``      :math:`\sum (g - x) \ge s \sum a`
``export_share_max``        :math:`\sum x \le s \sum a`, or :math:`\sum x \le s \sum g` (of generation)
``curtailment_rate_max``    :math:`\sum g \ge (1 - s) \sum a`
==========================  ==============================================

Load is what final uses draw, electrolysers included; it depends on the dispatch, so it stands on the left side. Each share is asked with the margin of
`gridsim.dispatch.rules.MARGIN`, so that it truly holds where a rule judges it to the last bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.rules import MARGIN, add_rules
from gridsim.dispatch.words import final_use_terms
from gridsim.technologies.draft import HourlyLimit, PeriodLimit, Term

if TYPE_CHECKING:
    from gridsim.park.sections import Limits
    from gridsim.technologies.draft import NetworkDraft


def add_limits(draft: NetworkDraft, limits: Limits) -> None:
    """Write the park's annual limits into the draft, and the rules that it enforces."""
    imports = tuple(Term(c.name) for c in draft.having("import"))
    exports = tuple(Term(c.name) for c in draft.having("export"))
    green = draft.having("renewable")
    used = tuple(Term(c.name) for c in green)
    available = float(sum(draft.available(c).sum() for c in green) * draft.park.time.step_hours)
    uses, fixed = final_use_terms(draft)
    fixed_mwh = float(fixed.sum() * draft.park.time.step_hours)

    def year(name: str, terms: tuple[Term, ...], sense: str, right: float) -> None:
        if terms:
            draft.request(PeriodLimit(f"limits.{name}", terms, sense, np.array([right]), draft.park.time.period("year"), need=f"limits.{name}"))

    def scaled(terms: tuple[Term, ...] | list[Term], factor: float) -> tuple[Term, ...]:
        return tuple(Term(term.component, term.coefficient * factor) for term in terms)

    if (share := _most(limits.import_share_max)) is not None and imports:
        year("import_share_max", imports + scaled(uses, -share), "<=", share * fixed_mwh)
    if (share := _least(limits.green_share_min)) is not None:
        year("green_share_min", scaled(uses, 1 - share) + scaled(imports, -1.0), ">=", -(1 - share) * fixed_mwh)
    if (share := _least(limits.self_use_ratio_min)) is not None:
        year("self_use_ratio_min", used + scaled(exports, -1.0), ">=", share * available)
    if (share := _most(limits.export_share_max)) is not None and exports:
        if limits.export_share_of == "available":
            year("export_share_max", exports, "<=", share * available)
        else:
            year("export_share_max", exports + scaled(used, -share), "<=", 0.0)
    if (share := _most(limits.curtailment_rate_max)) is not None:
        year("curtailment_rate_max", used, ">=", (1 - share) * available)
    add_rules(draft)


def _least(share: float | None) -> float | None:
    return None if share is None else min(share + MARGIN, 1.0)


def _most(share: float | None) -> float | None:
    return None if share is None else max(share - MARGIN, 0.0)


def add_green_only(draft: NetworkDraft) -> None:
    """In each hour, charging and exports that must be green stay below what wind and sun deliver (line losses aside)."""
    flagged: list[Term] = []
    for name, technology in draft.park.technologies.items():
        if getattr(technology, "charge_from", "any") == "renewable":
            flagged.append(Term(f"{name}.charge"))
        if getattr(technology, "export_from", "any") == "renewable" and f"{name}.export" in draft.components:
            flagged.append(Term(f"{name}.export"))
    if flagged:
        green = tuple(Term(c.name, -1.0) for c in draft.having("renewable"))
        draft.request(HourlyLimit("green_only", (*flagged, *green), "<=", 0.0))


def add_load_floors(draft: NetworkDraft) -> None:
    r"""No load is taken away twice: :math:`\sum (\text{reductions} + \text{unserved} - \text{increases}) \le \text{load}`, where several could take it."""
    for load in [c for c in draft.having("load") if draft.electric(c["bus"])]:
        responses = [n for n, technology in draft.park.technologies.items() if getattr(technology, "load", None) == load.technology]
        takers = [c for name in responses for c in draft.having("reduction", technology=name)] + draft.having("unserved", technology=load.technology)
        adders = [c for name in responses for c in draft.having("increase", technology=name)]
        if np.any(sum((draft.available(c) for c in takers), start=-load["p_set"]) > 1e-9 * load["p_set"].max()):
            terms = (*(Term(c.name) for c in takers), *(Term(c.name, -1.0) for c in adders))
            draft.request(HourlyLimit(f"{load.technology}.not_taken_twice", terms, "<=", load["p_set"]))
