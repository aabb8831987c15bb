"""Reinforcement: what to build where the network is too small for a dispatch, at least cost, checked by power flow over all hours.

The dispatch stays as it is. What the menu does not hold: the declared capacity of the connection, which is a contract and costs the demand or capacity charge;
new buses, lines on new routes and higher voltage levels; another dispatch, whose price is what `gridsim.distribution.loop` finds (`against_dispatch`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.reinforcement_costs import costs_of
from gridsim.distribution.reinforcement_menu import menu_of
from gridsim.distribution.reinforcement_option import Option, check_with
from gridsim.distribution.reinforcement_search import Cheapest, Search
from gridsim.distribution.reinforcement_trial import NOT_THE_WIRES, Trials
from gridsim.distribution.violations import KINDS
from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.distribution.cuts import Element
    from gridsim.distribution.feasibility import Feasibility
    from gridsim.distribution.loop import Coupled

MOST_SETS = 600
"""Cheaper sets that are tried to prove a choice; beyond, it is not proven (judged: a minute on the reference park)."""

NOT_IN_THE_MENU = {
    "connection": "the declared capacity is a contract: raise it, at its demand or capacity charge, or dispatch otherwise",
    "no_solution": "nothing in the menu gives these hours a solution; a larger change of the network or another dispatch is needed",
}
NOTHING_HELPS = "nothing in the menu brings it inside its limit; it takes a new line or bus, or another dispatch"


@dataclass(frozen=True)
class Remaining:
    """A limit that is still broken after reinforcement."""

    kind: str
    element: str
    hours: float
    """[h]"""
    worst: float
    """In the unit of its kind."""
    limit: float
    why: str


@dataclass(frozen=True, eq=False)
class Reinforcement:
    """A choice from the menu. Costs are those of the year of `Option.price`: annuity and upkeep."""

    chosen: list[Option]
    menu: list[Option]
    cures: dict[str, list[str]]
    """Elements that each option of the menu brings inside their limits by itself in their worst hours, by its name."""
    investment_cny: float
    annual_cny: float
    proven: bool
    """Whether every cheaper set of options that help by themselves was tried and leaves a limit broken."""
    quality: str
    """How good the choice is, in words."""
    before: Feasibility
    rechecked: Feasibility
    """The same dispatch in the reinforced network, over all hours."""
    remaining: list[Remaining] = field(default_factory=list)

    def table(self) -> pd.DataFrame:
        """Return the menu with a row for each option, the chosen ones marked."""
        import pandas as pd

        chosen = {option.name for option in self.chosen}
        return pd.DataFrame(
            {
                "option": [option.name for option in self.menu],
                "kind": [option.kind for option in self.menu],
                "element": [option.element for option in self.menu],
                "chosen": [option.name in chosen for option in self.menu],
                "investment_cny": [option.price.investment_cny for option in self.menu],
                "annual_cny": [option.price.annual_cny for option in self.menu],
                "cures": [", ".join(self.cures[option.name]) for option in self.menu],
                "description": [option.words for option in self.menu],
                "basis": [option.price.basis for option in self.menu],
                "certainty": [option.price.certainty for option in self.menu],
            }
        )


def menu(checked: Feasibility) -> list[Option]:
    """Return the measures that could relieve what a check found beyond its limits, the cheapest first.

    Raises
    ------
    DefinitionError
        Where the network does not stand in tables, or the park's unit costs have problems.
    """
    tables, park = checked.network.tables, checked.dispatch.draft.park
    if tables.net is not None:
        found = "the network stands in a file, which has no types of lines and transformers to choose from"
        raise DefinitionError("the reinforcement", [Problem("network", found, "write it as tables (buses.csv, lines.csv, transformers.csv)")])
    return menu_of(checked, costs_of(tables.folder, park.finance.discount_rate))


def reinforce(
    checked: Feasibility, *, options: Sequence[Option] | None = None, most_sets: int = MOST_SETS, progress: Callable[[str, int], None] | None = None
) -> Reinforcement:
    """Choose the cheapest measures after which no hour of a dispatch is beyond a limit of the wires.

    Parameters
    ----------
    options : sequence of Option, optional
        What may be chosen; left out, `menu`.
    most_sets : int
        Cheaper sets that may be tried to prove the choice.
    progress : callable, optional
        Is told what is done and how many sets were tried.

    Returns
    -------
    Reinforcement
        Where something cannot be cured, the cheapest measures for all else, with the rest in ``remaining``.
    """
    offered = menu(checked) if options is None else list(options)
    trials = Trials(checked, offered)
    found = checked.violations
    hours = np.unique(found.hour[found.kind != NOT_THE_WIRES])
    rechecks: dict[frozenset[int], Feasibility] = {frozenset(): checked}
    told = progress or (lambda what, sets: None)

    def recheck(chosen: frozenset[int]) -> Feasibility:
        if chosen not in rechecks:
            told("power flow of all hours", trials.solved)
            rechecks[chosen] = check_with(checked, [offered[number] for number in sorted(chosen)])
        return rechecks[chosen]

    told("measures one by one", 0)
    cheapest = Cheapest(trials, hours, most_sets)

    def left_over(chosen: frozenset[int]) -> NDArray[np.int64]:
        after = recheck(chosen).violations
        counts = [(int(kind), int(element)) not in cheapest.found.incurable for kind, element in zip(after.kind, after.element, strict=True)]
        return np.unique(after.hour[(after.kind != NOT_THE_WIRES) & np.array(counts, dtype=bool)])

    result = cheapest.run(left_over)
    chosen = sorted(result.chosen or ())
    final = recheck(frozenset(chosen))
    taken = [offered[number] for number in chosen]
    return Reinforcement(
        chosen=taken,
        menu=offered,
        cures={option.name: [_element(checked, key) for key in sorted(cured)] for option, cured in zip(offered, result.cures, strict=True)},
        investment_cny=sum(option.price.investment_cny for option in taken),
        annual_cny=sum(option.price.annual_cny for option in taken),
        proven=result.proven,
        quality=_quality(result, trials.solved, most_sets),
        before=checked,
        rechecked=final,
        remaining=_remaining(final),
    )


def _element(checked: Feasibility, key: Element) -> str:
    kind, wires = KINDS[key[0]], checked.network.wires
    if kind == "no_solution":
        return "hours without solution"
    return wires.bus_names[key[1]] if kind.startswith("voltage") else wires.branch_names[key[1]]


def _quality(result: Search, tried: int, most_sets: int) -> str:
    if result.chosen is None:
        return f"no choice: the search ended after {result.proposals} sets"
    if result.proven:
        every = f"each of the {result.cheaper} cheaper sets of measures that help by themselves was tried and leaves a limit broken"
        return f"cheapest of the menu: {every}" if result.cheaper else "cheapest of the menu: nothing cheaper could help"
    words = "cheapest of the menu if fewer measures are never better than more; not proven:"
    return f"{words} more than {most_sets} sets are cheaper, and {tried} power flows of sets were made"


def _remaining(final: Feasibility) -> list[Remaining]:
    return [Remaining(one.kind, one.element, one.hours, one.worst, one.limit, NOT_IN_THE_MENU.get(one.kind, NOTHING_HELPS)) for one in final.statistics]


@dataclass(frozen=True)
class SideBySide:
    """What the wires cost in a year, by building and by dispatching otherwise."""

    reinforcement_cny_per_year: float
    redispatch_cny_per_year: float
    """Of all that the loop did for the wires and the connection."""
    reinforcement_holds: bool
    """Whether nothing at all is left broken, the declared capacity of the connection included."""
    redispatch_holds: bool
    cheaper: str
    """reinforce, redispatch or neither; of those that hold."""
    words: str


def against_dispatch(reinforcement: Reinforcement, coupled: Coupled) -> SideBySide:
    """Put reinforcement beside re-dispatch of the same park.

    Where only the connection is left broken, building is no alternative by itself: its declared capacity has to be raised or kept by re-dispatch besides.

    Parameters
    ----------
    reinforcement : Reinforcement
        Of the dispatch that did not know the wires, ``reinforce(coupled.before)``.
    coupled : Coupled
    """
    dispatch = coupled.before.dispatch
    years = dispatch.time.steps * dispatch.time.step_hours / dispatch.draft.park.year_hours
    build, move = reinforcement.annual_cny, coupled.cost_cny / years
    builds, moves = not reinforcement.remaining, coupled.checked.feasible and not coupled.unmet
    if builds and moves:
        cheaper, words = "reinforce" if build < move else "redispatch", f"reinforce for {build:,.0f} CNY/a or accept {move:,.0f} CNY/a of re-dispatch"
    elif builds:
        cheaper, words = "reinforce", f"reinforce for {build:,.0f} CNY/a; re-dispatch does not keep all limits"
    else:
        left = ", ".join(f"{one.kind} {one.element}".strip() for one in reinforcement.remaining)
        cheaper = "redispatch" if moves else "neither"
        words = f"accept {move:,.0f} CNY/a of re-dispatch" if moves else "re-dispatch does not keep all limits"
        words += f"; reinforcement for {build:,.0f} CNY/a leaves beyond its limit: {left}"
    return SideBySide(build, move, builds, moves, cheaper, words)
