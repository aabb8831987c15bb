"""Many tiny parks in one solve: they stand side by side without a wire between them, so the optimum of all holds the optimum of each.

PyPSA takes about a second to build even the smallest model, and little more for a hundred of them. Parks of the same hours and level are
joined for the solve and taken apart afterwards; where the joint solve fails, each is solved alone, so that a fault stays with its own test.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from gridsim.technologies.draft import Commitment
from hand_solved.parks import tiny_park

if TYPE_CHECKING:
    import pytest

    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park


class Together:
    """Solves the parks of all collected tests that carry the mark ``in_park``, when the first of them asks."""

    def __init__(self, items: list[pytest.Item]) -> None:
        self.answers: dict[str, Dispatch | Exception] = {}
        self.groups: dict[Any, dict[str, Park]] = {}
        for item in items:
            if (mark := item.get_closest_marker("in_park")) is not None:
                try:
                    park = tiny_park(**mark.kwargs)
                except Exception as error:
                    self.answers[item.nodeid] = error
                else:
                    self.groups.setdefault((mark.args[0], park.time), {})[item.nodeid] = park

    def dispatch_of(self, test: str) -> Dispatch:
        """Return the dispatch of one test's park, or raise what its solve raised."""
        if test not in self.answers:
            (level, _), parks = next((key, parks) for key, parks in self.groups.items() if test in parks)
            self.answers |= _solved(parks, level)
        answer = self.answers[test]
        if isinstance(answer, Exception):
            raise answer
        return answer


def _solved(parks: dict[str, Park], level: str) -> dict[str, Dispatch | Exception]:
    from gridsim.dispatch.solve import solve

    prefixes = {test: f"t{number}_" for number, test in enumerate(parks)}
    try:
        dispatch = solve(
            side_by_side({prefixes[test]: park for test, park in parks.items()}), level=level, options={"mip_rel_gap": 0.0}
        ).dispatch
        return {test: apart(dispatch, prefixes[test], park) for test, park in parks.items()}
    except Exception as error:
        if len(parks) == 1:
            return dict.fromkeys(parks, error)
        return {test: answer for test, park in parks.items() for answer in _solved({test: park}, level).values()}


def side_by_side(parks: dict[str, Park]) -> Park:
    """Return one park that holds all, with each park's prefix before every name."""
    first = next(iter(parks.values()))
    joined: dict[str, dict[str, Any]] = {
        field: {} for field in ("buses", "tariffs", "technologies", "profiles", "profile_means", "profile_peaks")
    }
    for prefix, park in parks.items():
        assert park.limits == first.limits, "limits hold for a whole park; solve this one alone"
        for field, table in joined.items():
            table.update({prefix + name: _renamed(value, prefix) for name, value in getattr(park, field).items()})
    return dataclasses.replace(first, **joined)


def _renamed(value: Any, prefix: str) -> Any:
    """Return a technology or tariff with the prefix before each name that it refers to; anything else as it is."""
    if hasattr(value, "profile_names"):
        fields = list(value.profile_names())
    elif hasattr(value, "bus_carriers"):
        fields = [*value.bus_carriers, *value.profile_fields, "tariff", "load"]
    else:
        return value
    return value.model_copy(update={field: prefix + getattr(value, field) for field in fields if getattr(value, field, None) is not None})


def apart(dispatch: Dispatch, prefix: str, park: Park) -> Dispatch:
    """Return the dispatch of one of the parks that stood side by side, under its own names."""
    from gridsim.dispatch.model import make_draft

    names = ("flows", "levels", "prices", "demand_charges", "monthly_peaks", "commitments", "starts", "limit_prices", "standby")
    own = {
        field: {name.removeprefix(prefix): value for name, value in getattr(dispatch, field).items() if name.startswith(prefix)}
        for field in names
    }
    part = dataclasses.replace(dispatch, draft=make_draft(park, dispatch.draft.level), **own)
    starts = sum(request.start_cost_cny * part.starts[request.name].sum() for request in part.draft.requested(Commitment))
    flows = sum(part.variable_cost(c.name) for c in part.draft.components.values() if c.kind != "Store")
    return dataclasses.replace(part, objective_cny=float(flows + starts + sum(part.demand_charges.values())))
