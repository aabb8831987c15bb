"""The price of each step of a front, as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gridsim.report.numbers import MINUS, SPACE
from gridsim.report.study_page.points import mark
from gridsim.report.study_page.study_view import COST
from gridsim.report.tables import Column, Table

if TYPE_CHECKING:
    from gridsim.report.study_page.front import Front, Point
    from gridsim.report.study_page.study_view import StudyView


def step_table(view: StudyView, front: Front) -> Table | None:
    """List the points of a front with their capacities and the price of the step to each."""
    words, money, goal = view.words, view.amount(COST), view.amount(front.goal)
    if len(front.steps) < 2:
        return None
    shadows = any(point.shadow_cny_per_mwh is not None for point in front.points)
    rows = []
    for before, point in front.steps:
        cells = [_name(view, front, point), goal.bare(point.reached), money.bare(point.cost_cny)]
        for path in view.free:
            size = float(view.scenarios.loc[point.index, path])
            cells.append(view.amount(path).bare(size) + mark(view, path, size))
        gained = "" if before is None else goal.bare(front.better * (point.reached - before.reached))
        dearer = "" if before is None else money.gained(point.cost_cny - before.cost_cny).partition(SPACE)[0]
        price = "" if point.price_cny is None else money.bare(point.price_cny)
        cells += [gained, dearer, price, _energy_price(point.price_cny_per_mwh)]
        rows.append(cells + ([_energy_price(point.shadow_cny_per_mwh)] if shadows else []))
    columns = [
        Column(words("study_front.limit") if front.swept else words("study.scenario"), text=True, data=True, whole=front.swept),
        Column(view.title(front.goal), goal.unit),
        Column(view.title(COST), money.unit),
        *(Column(view.title(path), view.amount(path).unit) for path in view.free),
        Column(words("study_front.gained"), words("study_front.points")),
        Column(words("study_front.dearer"), money.unit),
        Column(words("study_front.price"), words("study_front.per_point", unit=money.unit)),
        Column(words("study_front.price_energy"), "CNY/MWh"),
        *([Column(words("table.shadow_price"), "CNY/MWh")] if shadows else []),
    ]
    title = words("study_front.steps", goal=" · ".join(part for part in (view.title(front.goal), front.label) if part))
    captions = [words("study_front.steps_caption"), *([words("study_front.shadow")] if shadows else [])]
    return Table(columns, rows, title=title, caption=words("word.sentence_space").join(captions))


def _name(view: StudyView, front: Front, point: Point) -> str:
    """Return the limit of a swept point, or what sets a scenario apart."""
    if not front.swept:
        return view.label(point.index)
    words = view.words
    text = words("study_front.no_limit") if point.limit is None else replace(view.amount(front.goal), exactly=True).text(point.limit)
    return words("study_front.is_beaten", point=text) if point.beaten else text


def _energy_price(cny_per_mwh: float | None) -> str:
    return "" if cny_per_mwh is None else f"{cny_per_mwh:,.0f}".replace("-", MINUS)
