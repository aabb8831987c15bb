"""Checks of ``vpp.markets:`` against the markets' files and the park; each yields (path, finding, remedy)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from gridsim.errors import did_you_mean, quoted
from gridsim.vpp.market.definition import check_term
from gridsim.vpp.market.library import baseline_ids, own_markets, shipped, shipped_ids, unknown_baseline, unknown_market
from gridsim.vpp.market.market import Market, market, not_stated
from gridsim.vpp.market.terms import CALLED, TERMS

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.vpp.market.definition import MarketDefinition
    from gridsim.vpp.market.section import MarketsSection, TakesPart

Finding = tuple[str, str, str]

PRICES = {"day_ahead_energy": (), "reserve": ("capacity_price_cny_per_mw_h",), "regulation": ("mileage_price_cny_per_mw",)}
"""Terms that a profile of prices stands in for, by product; other products have no profile of prices."""


def market_findings(section: MarketsSection, park: Park) -> Iterator[Finding]:
    """Names that do not exist, numbers out of range or nowhere stated, and products that are sold twice.

    The files in the park's own folder are read here; what is wrong inside them is reported by `gridsim.vpp.market.library.own_markets`.
    """
    own = own_markets(park.folder, [])
    known: dict[str, MarketDefinition] = own | {name: shipped(name) for name in section.offers if name in shipped_ids()}
    connections = [name for name, technology in park.technologies.items() if technology.type == "grid_connection"]
    if section.connection is None and len(connections) != 1:
        yield "vpp.markets.connection", f"is left out, and the park has {len(connections)} grid connections", did_you_mean("", connections)
    elif section.connection is not None and section.connection not in connections:
        yield "vpp.markets.connection", f"{quoted(section.connection)} is not a grid connection of this park", did_you_mean(section.connection, connections)
    sold: list[Market] = []
    for name, takes_part in section.offers.items():
        path = f"vpp.markets.offers.{name}"
        if name not in known:
            yield path, *unknown_market(name, (*own, *shipped_ids()))
            continue
        wrong = list(_terms(path, takes_part, known[name]))
        yield from wrong
        yield from _profiles(path, takes_part, known[name], park)
        if takes_part.baseline is not None and known[name].product not in CALLED:
            yield f"{path}.baseline", f"{known[name].product} is not measured against a baseline", "remove it"
        elif takes_part.baseline is not None and takes_part.baseline not in baseline_ids():
            yield f"{path}.baseline", *unknown_baseline(takes_part.baseline)
            continue
        if not wrong:
            sold.append(market(known[name], takes_part))
            yield from _not_stated(sold[-1], takes_part, park)
    yield from _sold_twice(sold, park)


def _terms(path: str, takes_part: TakesPart, rules: MarketDefinition) -> Iterator[Finding]:
    for term, value in takes_part.terms.items():
        try:
            check_term(term, value)
        except ValueError as error:
            found, remedy = error.args
            yield f"{path}.terms.{term}", found, remedy
            continue
        if rules.product not in TERMS[term].products:
            yield f"{path}.terms.{term}", f"is no term of {rules.product}", "remove it"


def _profiles(path: str, takes_part: TakesPart, rules: MarketDefinition, park: Park) -> Iterator[Finding]:
    for key in ("price_profile", "imbalance_price_profile"):
        profile = getattr(takes_part, key)
        if profile is None:
            continue
        if profile not in park.profiles:
            yield f"{path}.{key}", f"{quoted(profile)} is not a profile of this park", did_you_mean(profile, park.profiles)
        allowed = rules.product in PRICES if key == "price_profile" else rules.product == "day_ahead_energy"
        if not allowed:
            yield f"{path}.{key}", f"{rules.product} has no series of such prices", "remove it, and give a price under terms:"


def _not_stated(sold: Market, takes_part: TakesPart, park: Park) -> Iterator[Finding]:
    if sold.product == "day_ahead_energy" and takes_part.price_profile is None:
        yield f"vpp.markets.offers.{sold.id}.price_profile", "is left out, and energy has no price without it", "name the profile of day-ahead prices"
    given = PRICES.get(sold.product, ()) if takes_part.price_profile is not None else ()
    if sold.product == "green_certificate" and any(tariff.bill.certificates is not None for tariff in park.tariffs.values()):
        return  # its price stands in the tariff
    for group in sold.unknown:
        if not set(group) & set(given):
            yield sold.where(group[0]), *not_stated(group)
    if sold.product in CALLED and sold.baseline is None:
        yield f"vpp.markets.offers.{sold.id}.baseline", "is not stated in the market's document", f"name one of {', '.join(baseline_ids())}"


def _sold_twice(sold: list[Market], park: Park) -> Iterator[Finding]:
    for one, other in combinations(sold, 2):
        if one.product == other.product == "day_ahead_energy":
            yield f"vpp.markets.offers.{other.id}", f"energy is already sold to {one.id}", "keep one of the two"
    certificates = [name for name, tariff in park.tariffs.items() if tariff.bill.certificates is not None and tariff.bill.certificates.sold_share_of_export]
    for one in sold:
        if one.product == "green_certificate" and certificates:
            found = f"the tariff {certificates[0]} sells certificates of exports already (bill.certificates.sold_share_of_export)"
            yield f"vpp.markets.offers.{one.id}", found, "keep one of the two: a MWh has one certificate"
