"""The audit's own rows, on tables written by hand: each tells by how much a request is broken, and is silent where it just holds."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from gridsim.dispatch.audit import ROWS_OF, audit
from gridsim.errors import BuildError
from gridsim.technologies.draft import Block, Calls, Commitment, LoadShift, PeriodLimit, RampLimit, Term
from hand_solved.parks import approx, battery, grid, in_park, load


def excess(request, *, step_hours=1.0, on=None, standby=None, starts=None, **flows):
    """By how much each row of a request is broken, where it is."""
    arrays = {name: np.array(values, dtype=float) for name, values in flows.items()}
    states = {"on": on, "standby": standby, "starts": starts}
    tables = {name: {} if values is None else {request_name(request): np.array(values, dtype=float)} for name, values in states.items()}
    steps = len(on if on is not None else next(iter(arrays.values())))
    time = SimpleNamespace(steps=steps, step_hours=step_hours)
    dispatch = SimpleNamespace(flows=arrays, commitments=tables["on"], standby=tables["standby"], starts=tables["starts"], time=time)
    found = {}
    for what, left, sense, right in ROWS_OF[type(request)](request, dispatch):
        gap = {"<=": left - right, ">=": right - left, "==": np.abs(left - right)}[sense]
        if gap.max(initial=0.0) > 1e-9:
            found[what] = float(gap.max())
    return found


def request_name(request):
    return request.above[0] if getattr(request, "above", None) else request.name


FLEET = Commitment("fleet", 2, (Block("power", 3.0, 10.0),), auxiliary="aux", standby_mw=0.2, start_energy_mwh=1.5)


def test_rows_of_a_fleet():
    """**Proves**: modules of 3 to 10 MW. One at 3 MW, then two at 20 MW, with a start: sound. At 2 MW the minimum is missed by 1, at 21 MW
    the largest load passed by 1; a third module, a start that was not counted, and 0.2 MW of standby not drawn are found.

    In quarter hours the 1.5 MWh of a start are 6 MW.

    **Breaks as**: silence with half the minimum or twice the largest load; 0.375 MW for a start if the step multiplied.
    """
    sound = {"on": [1, 2], "standby": [1, 0], "starts": [0, 0], "power": [3, 20], "aux": [0.2, 0]}
    assert excess(FLEET, **sound) == {}
    assert excess(FLEET, **{**sound, "power": [2, 21]}) == approx({"minimum load": 1.0, "largest load": 1.0})
    assert excess(FLEET, **{**sound, "on": [2, 2]}) == approx({"modules": 1.0, "minimum load": 3.0})
    assert excess(FLEET, **{**sound, "standby": [0, 0]}) == approx({"starts": 1.0})
    assert excess(FLEET, **{**sound, "aux": [0, 0]}) == approx({"standby and starting": 0.2})
    started = {"on": [1, 2], "standby": [0, 0], "starts": [0, 1], "power": [3, 20]}
    assert excess(FLEET, step_hours=0.25, **started, aux=[0, 6]) == {}
    assert excess(FLEET, step_hours=0.25, **started, aux=[0, 5]) == approx({"standby and starting": 1.0})


def test_rows_of_a_shift():
    """**Proves**: 2 MW taken in the first hour and added in the third keep a window of two hours and break one of one hour, both ways in
    time; with a recovery of 1.25 half a MWh is still owed.

    **Breaks as**: the window one hour longer or shorter; quarter hours that break what hours keep.
    """
    late, early = {"taken": [2, 0, 0], "added": [0, 0, 2]}, {"taken": [0, 0, 2], "added": [2, 0, 0]}
    assert excess(LoadShift("shift", "taken", "added", 2, 1.0), **late) == {}
    assert excess(LoadShift("shift", "taken", "added", 2, 1.0), **early) == {}
    assert excess(LoadShift("shift", "taken", "added", 1, 1.0), **late) == approx({"owed within the window": 2.0})
    assert excess(LoadShift("shift", "taken", "added", 1, 1.0), **early) == approx({"advanced within the window": 2.0})
    owed = {"nothing is owed at the end": 0.5}
    assert excess(LoadShift("shift", "taken", "added", 3, 1.25), **late) == approx(owed)
    assert excess(LoadShift("shift", "taken", "added", 3, 1.25), step_hours=0.25, **late) == approx({"nothing is owed at the end": 0.125})


def test_rows_of_calls():
    """**Proves**: calls of two hours at most, one of them: hours 1 and 2 are sound; three in a row are one too many, and so is a second call,
    also where the first runs from the start. Two calls
    may follow each other after an hour's pause.

    **Breaks as**: a call at the start that is not counted; a call refused an hour after another.
    """
    once = Calls("calls", "power", 5.0, 1, 2)
    assert excess(once, on=[1, 1, 0, 0], power=[5, 5, 0, 0]) == {}
    assert excess(once, on=[1, 1, 1, 0], power=[5, 5, 5, 0]) == approx({"length": 1.0})
    assert excess(once, on=[1, 0, 0, 1], power=[5, 0, 0, 5]) == approx({"number": 1.0})
    assert excess(Calls("calls", "power", 5.0, 2, 2), on=[1, 1, 0, 1], power=[5, 5, 0, 5]) == {}
    assert excess(once, on=[1, 1, 0, 0], power=[6, 5, 0, 1]) == approx({"power": 1.0})


def test_rows_of_a_ramp():
    """**Proves**: 2 MW up and 1 MW down: from 3 to 6 MW is 1 too much, from 6 to 3 MW 2. Above a minimum of 3 MW a start to 4 MW rises by 1.

    **Breaks as**: up and down changed over; a start that rises by 4 or 7.
    """
    assert excess(RampLimit("ramp", (Term("power"),), 2.0, 1.0), power=[3, 6]) == approx({"up": 1.0})
    assert excess(RampLimit("ramp", (Term("power"),), 2.0, 1.0), power=[6, 3]) == approx({"down": 2.0})
    above = RampLimit("ramp", (Term("power"),), 2.0, 1.0, above=("on", 3.0))
    assert excess(above, on=[0, 1], power=[0, 4]) == {}
    assert excess(above, on=[1, 1], power=[3, 6]) == approx({"up": 1.0})


def test_rows_of_a_period():
    """**Proves**: 4 MW for two quarter hours are 2 MWh: as much as allowed, and 0.5 more than 1.5 MWh; each period by itself, and twice as
    much with a coefficient of two.

    **Breaks as**: 8 MWh if powers were added up; 1 MWh allowed to one period by another.
    """
    both, apart = np.array([0, 0]), np.array([0, 1])
    flows = {"step_hours": 0.25, "power": [4, 4]}
    assert excess(PeriodLimit("limit", (Term("power"),), "<=", np.array([2.0]), both), **flows) == {}
    assert excess(PeriodLimit("limit", (Term("power"),), "<=", np.array([1.5]), both), **flows) == approx({"": 0.5})
    assert excess(PeriodLimit("limit", (Term("power"),), "<=", np.array([1.5, 0.5]), apart), **flows) == approx({"": 0.5})
    assert excess(PeriodLimit("limit", (Term("power", 2.0),), ">=", np.array([5.0]), both), **flows) == approx({"": 1.0})


@in_park(grid=grid([10.0, 100.0]), battery=battery(level_start_share=0.5, level_end="free"), load=load([0.0, 8.0]))
def test_the_first_level_follows_from_the_start(dispatch):
    """**Proves**: levels that are all 1 MWh too high follow from each other and from the flows, but not from the 5 MWh of the start.

    **Breaks as**: energy out of nothing before the first hour.
    """
    with pytest.raises(BuildError, match=r"battery\.store does not follow from its flows \(1 MWh\)"):
        audit(dataclasses.replace(dispatch, levels={"battery.store": dispatch.levels["battery.store"] + 1.0}))
