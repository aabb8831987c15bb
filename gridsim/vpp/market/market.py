"""A market as a park takes part in it: its rules with the park's own numbers in their place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridsim.errors import DefinitionError, Problem
from gridsim.vpp.market.library import baseline_method, markets_of, shipped
from gridsim.vpp.market.terms import NEEDED, TERMS, WITHOUT

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.vpp.market.definition import BaselineMethod, MarketDefinition, Scope
    from gridsim.vpp.market.section import MarketsSection, TakesPart


@dataclass(frozen=True)
class Market:
    """One product of one market, for one park."""

    rules: MarketDefinition
    own_terms: dict[str, float] = field(default_factory=dict)
    """Numbers of the park's in place of the document's."""
    share: float = 1.0
    """Of the envelope that may be offered here. [1]"""
    own_baseline: str | None = None

    @property
    def id(self) -> str:
        """Id of its rules."""
        return self.rules.id

    @property
    def product(self) -> str:
        """What is sold."""
        return self.rules.product

    @property
    def directions(self) -> tuple[str, ...]:
        """Ways in which MW are held: up, down, or both."""
        return ("up", "down") if self.rules.direction == "both" else (self.rules.direction,)

    def stated(self, term: str) -> float | None:
        """Return a number of the park's or of the document's; None where neither states it."""
        if term in self.own_terms:
            return self.own_terms[term]
        figure = self.rules.terms.get(term)
        return None if figure is None else figure.value

    def term(self, term: str) -> float:
        """Return a number, or what its absence counts as."""
        stated = self.stated(term)
        return WITHOUT[term] if stated is None else stated

    @property
    def unknown(self) -> tuple[tuple[str, ...], ...]:
        """Groups of terms of which settlement needs one and none is stated."""
        return tuple(group for group in NEEDED[self.product] if all(self.stated(term) is None for term in group))

    def require(self, *given: str) -> None:
        """Raise one error for all numbers that settlement needs and nobody stated, but for the prices that are given as a series."""
        lacking = [group for group in self.unknown if not set(group) & set(given)]
        if lacking:
            raise DefinitionError(f"market {self.id}", [Problem(self.where(group[0]), *not_stated(group)) for group in lacking])

    def where(self, term: str) -> str:
        """Path of a term of the park's own."""
        return f"vpp.markets.offers.{self.id}.terms.{term}"

    @property
    def baseline(self) -> BaselineMethod | None:
        """The method of its baseline, the park's choice before the document's."""
        name = self.own_baseline or self.rules.baseline
        return None if name is None else baseline_method(name)

    def excludes(self, other: Market) -> Scope | None:
        """How far two markets exclude each other, as either of their files says; the wider scope counts. One product is never sold twice from a MW."""
        if self.product == other.product:
            return "mw"
        scopes = {self.rules.excludes.get(other.rules.product), other.rules.excludes.get(self.rules.product)}
        return "hour" if "hour" in scopes else "mw" if "mw" in scopes else None


def not_stated(group: tuple[str, ...]) -> tuple[str, str]:
    """What is wrong where none of several terms is known, and what to do."""
    names = " or ".join(f"{term} ({TERMS[term].label_en.lower()}, {TERMS[term].unit})" for term in group)
    return "is not stated in the market's document", f"give {names}"


def market(rules: MarketDefinition | str, takes_part: TakesPart | None = None) -> Market:
    """Return a market by its rules or the id of shipped ones, with what the park says about it."""
    found = shipped(rules) if isinstance(rules, str) else rules
    if takes_part is None:
        return Market(found)
    return Market(found, dict(takes_part.terms), takes_part.share, takes_part.baseline)


def markets(park: Park, section: MarketsSection) -> dict[str, Market]:
    """Return the markets that a park takes part in, by id, in the order of its file."""
    known = markets_of(park)
    return {name: market(known[name], takes_part) for name, takes_part in section.offers.items()}
