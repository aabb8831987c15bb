"""Scenarios with a bill are compared by what the bill holds too."""

from __future__ import annotations

import pandas as pd
import pytest

from gridsim.report.study_page.page import verdict
from gridsim.report.study_page.study_view import StudyView
from gridsim.report.words import Words
from gridsim.study.figures import BILLED, COST, DIFFERENCE
from gridsim.study.result import billed

BASIS = "tariffs.two_part.bill.demand.basis"


def view(language="en", **columns):
    table = pd.DataFrame({"scenario": ["a", "b"], BASIS: ["metered", "transformer"], "status": "solved", COST: [59e6, 51e6], **columns})
    return StudyView(Words(language), {"design": "grid"}, table, [COST], [BASIS])


def test_the_total_by_the_bill_adds_what_no_hour_changes():
    """**Proves**: 51.3 million of the dispatch and 9.84 of the transformers are 61.14; without a bill there is no such figure."""
    assert billed({COST: 51.3e6, DIFFERENCE: 9.84e6}) == {BILLED: pytest.approx(61.14e6, rel=1e-12)}
    assert billed({COST: 51.3e6}) == {}


@pytest.mark.parametrize(("language", "word"), [("en", "Compared by the bill"), ("zh", "按账单比较")])
def test_the_cheapest_by_the_bill_is_another(language, word):
    """**Proves**: the dispatch's cost alone calls the transformers' basis the cheapest, the bill the metered one; the page says by what it compares."""
    plain, with_bill = view(language), view(language, **{BILLED: [59e6, 61.2e6]})
    assert (plain.cost, plain.cheapest) == (COST, 1) and word not in verdict(plain)
    assert (with_bill.cost, with_bill.cheapest) == (BILLED, 0) and word in verdict(with_bill) and "metered" in verdict(with_bill)


def test_one_scenario_without_a_bill_and_all_are_compared_by_the_dispatch():
    assert view(**{BILLED: [59e6, None]}).cost == COST
