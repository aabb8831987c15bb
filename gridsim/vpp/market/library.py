"""Markets by their id: shipped ones, ``gridsim/data/markets/*.yaml``, and a park's own, ``markets/*.yaml`` in its folder; and the baseline methods."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gridsim.errors import DefinitionError, Problem, did_you_mean, quoted
from gridsim.park.document_file import read_document, shipped_document
from gridsim.park.files import shown
from gridsim.vpp.market.definition import BaselineMethod, MarketDefinition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridsim.park.park import Park

FOLDER = Path(__file__).parents[2] / "data" / "markets"
BASELINES = FOLDER / "baselines"


@cache
def shipped_ids() -> tuple[str, ...]:
    """Ids of the shipped markets; a file is called after its id."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def baseline_ids() -> tuple[str, ...]:
    """Ids of the baseline methods."""
    return tuple(sorted(path.stem for path in BASELINES.glob("*.yaml")))


@cache
def shipped(market: str) -> MarketDefinition:
    """Return one shipped market."""
    return shipped_document(FOLDER / f"{market}.yaml", MarketDefinition)


@cache
def baseline_method(method: str) -> BaselineMethod:
    """Return one baseline method."""
    if method not in baseline_ids():
        raise DefinitionError("the baseline", [Problem("baseline", *unknown_baseline(method))])
    return shipped_document(BASELINES / f"{method}.yaml", BaselineMethod)


def own_markets(folder: Path, problems: list[Problem]) -> dict[str, MarketDefinition]:
    """Return the markets in a park's folder by id, and note everything that is wrong with their files."""
    found: dict[str, MarketDefinition] = {}
    for path in sorted((folder / "markets").glob("*.yaml")):
        market = read_document(path, MarketDefinition, "id:, label_en:, label_zh:", problems)
        if market is None:
            continue
        if market.id in shipped_ids():
            remedy = "give it an id of its own; single numbers can also be changed under vpp.markets.offers.<id>.terms"
            problems.append(Problem("id", f"{quoted(market.id)} is a market that gridsim ships", remedy, shown(path)))
        else:
            found[market.id] = market
    return found


def markets_of(park: Park) -> dict[str, MarketDefinition]:
    """Return all markets that a park can name, its own first; raises where a file of its own is broken."""
    problems: list[Problem] = []
    own = own_markets(park.folder, problems)
    if problems:
        raise DefinitionError(f"{park.name}: markets", problems)
    return {**own, **{market: shipped(market) for market in shipped_ids()}}


def unknown_market(market: str, known: Iterable[str]) -> tuple[str, str]:
    """What is wrong with an id that no market has, and what to do."""
    return f"{quoted(market)} is not a market", f"{did_you_mean(market, known)}; a market of your own stands in markets/{market}.yaml in the park's folder"


def unknown_baseline(method: str) -> tuple[str, str]:
    """What is wrong with an id that no baseline method has, and what to do."""
    return f"{quoted(method)} is not a baseline method", did_you_mean(method, baseline_ids())
