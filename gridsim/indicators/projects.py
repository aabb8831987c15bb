"""The key-project table: investment, energy saved and carbon saved, the plan's figures beside the simulation's; and what does not add up in the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridsim.carbon.account import CarbonAccount
    from gridsim.carbon.avoided import AvoidedLine
    from gridsim.dispatch.result import Dispatch
    from gridsim.indicators.table import Programme, Table


@dataclass(frozen=True)
class ProjectLine:
    """One programme of a plan, beside the technologies of the park that belong to it."""

    programme: Programme
    level: int
    """0 a programme, 1 an item of it."""
    technologies: tuple[str, ...]
    """Names in the park; none where the simulation knows nothing of it."""
    simulated_investment_cny: float | None
    simulated_energy_saved_tce: float | None
    """A year; None where a product's route has no stated energy."""
    simulated_carbon_saved_t: float | None
    """A year; additive over the lines, see `gridsim.carbon.avoided`."""
    simulated_products_alone_t: float | None
    """A year, of products looked at alone, as the plan counts them; not additive. None where no product is delivered."""

    @property
    def implied_t_per_tce(self) -> float | None:
        """Carbon saved over energy saved, as the plan states them."""
        stated = self.programme
        return None if not stated.energy_saved_tce or stated.carbon_low_t is None else stated.carbon_low_t / stated.energy_saved_tce


@dataclass(frozen=True)
class Sum:
    """A printed total beside the sum of what is printed above it."""

    of: str
    printed: float
    summed: float

    @property
    def difference(self) -> float:
        """Printed minus summed: what no programme accounts for."""
        return self.printed - self.summed


def project_lines(plan: Table, dispatch: Dispatch, account: CarbonAccount) -> tuple[ProjectLine, ...]:
    """Return every programme with its items; a technology belongs to the programme that names its type, and to one only."""
    lines: list[ProjectLine] = []
    for programme in plan.programmes:
        lines.append(_line(programme, dispatch, account))
        lines += [ProjectLine(item, 1, (), None, None, None, None) for item in programme.items]
    return tuple(lines)


def sums(plan: Table) -> tuple[Sum, ...]:
    """Compare the plan's totals with its programmes; a programme without a figure of its own counts its items."""
    total = plan.printed_total
    if total is None:
        return ()
    fields = ("projects", "investment_cny", "carbon_low_t", "carbon_high_t")
    return tuple(Sum(field, float(getattr(total, field)), sum(_stated(programme, field) for programme in plan.programmes)) for field in fields)


def _stated(programme: Programme, field: str) -> float:
    own = getattr(programme, field)
    return float(own) if own is not None else sum(_stated(item, field) for item in programme.items)


def _line(programme: Programme, dispatch: Dispatch, account: CarbonAccount) -> ProjectLine:
    technologies = dispatch.draft.park.technologies
    mine = tuple(name for name, technology in technologies.items() if technology.type in programme.technologies)
    if not mine:
        return ProjectLine(programme, 0, (), None, None, None, None)
    year = dispatch.time.share_of_year
    avoided = [line for line in account.avoided.lines if line.technology in mine]
    bought = sum(item.capital_cost_cny for name in mine for item in technologies[name].investments())
    alone = [line.alone_t for line in avoided if line.alone_t is not None]
    together = sum(line.total_t for line in avoided) / year
    return ProjectLine(programme, 0, mine, bought, _energy_saved(avoided, year), together, sum(alone) / year if alone else None)


def _energy_saved(lines: list[AvoidedLine], share_of_year: float) -> float | None:
    known = [line.energy_saved_tce for line in lines if line.energy_saved_tce is not None]
    return None if len(known) < len(lines) else sum(known) / share_of_year
