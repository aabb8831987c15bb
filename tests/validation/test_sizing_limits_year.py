"""Limits that collide over a whole year: 95 % green with 100 MW of land for solar, on the starter park."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridsim.dispatch.sizes import Free
from gridsim.errors import InfeasibleError
from gridsim.park.read import read_park
from gridsim.study.sizing import size

pytestmark = pytest.mark.slow

STARTER = Path(__file__).parents[2] / "networks" / "starter"


def test_what_collides_with_a_green_share_of_95_percent():
    """Proves: the share, the land, the battery's range and the factory each would do alone, in this order; what does not (hydrogen, the grid) is not named.

    Numbers are regressions: the share from all hours, the others from 1500 segments, which are the least that is needed.
    """
    park = read_park(STARTER, overrides=["limits.green_share_min=0.95"])
    with pytest.raises(InfeasibleError) as caught:
        size(park, [Free("technologies.solar_1.capacity_mw", 0.0, 100.0), Free("technologies.battery_1.energy_mwh", 0.0, 60.0)])
    head, *lines = str(caught.value).splitlines()
    assert "these limits collide" in head
    assert [line.rpartition(" -> ")[0].strip() for line in lines] == [
        "-> limits.green_share_min 0.95",
        "-> technologies.solar_1.capacity_mw at most 100",
        "-> technologies.battery_1.energy_mwh at most 60",
        "-> technologies.factory.peak_mw 30",
    ]
    numbers = [float(line.rpartition(" -> ")[2].split()[0]) for line in lines]
    assert numbers == pytest.approx([0.942, 117.0, 72.3, 28.8], rel=5e-3)
