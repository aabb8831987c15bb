"""Whatever the table, the rule and the signal: set-points and shortfall are the signal to the last bit, and every asset keeps to its bounds."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridsim.vpp.setpoints.assets import Assets
from gridsim.vpp.setpoints.ledger import Ledger
from gridsim.vpp.setpoints.section import SetPointsSection
from gridsim.vpp.setpoints.settlement import to_the_cent
from gridsim.vpp.setpoints.split import Split, split

QUICK = settings(max_examples=50, deadline=5000, suppress_health_check=list(HealthCheck), derandomize=True)
SIGNALS = 100_000
MEGAWATTS = st.floats(0.0, 500.0).filter(lambda mw: mw == 0.0 or mw > 1e-6)
SECTIONS = st.builds(
    SetPointsSection, fairness_share=st.sampled_from([0.0, 1.0]) | st.floats(0.0, 1.0), fair_rule=st.sampled_from(["proportional", "max_min", "ledger"])
)


@st.composite
def tables(draw) -> Assets:
    """Up to eight assets with plans, equal costs, minimum loads and blocks."""
    rows = []
    for _ in range(draw(st.integers(1, 8))):
        down, up, now = draw(MEGAWATTS), draw(MEGAWATTS), draw(st.sampled_from([0.0, 1.0, -1.0])) * draw(MEGAWATTS)
        kind, cost = draw(st.sampled_from(["free", "free", "module", "machine", "blocks"])), draw(st.sampled_from([-50.0, 0.0, 10.0, 300.0, 1e4 / 3]))
        draws = supplies = block = 0.0
        if kind in {"module", "machine"}:
            draws = draw(st.floats(0.1, 40.0)) if now == 0.0 else draw(st.floats(0.01, 1.0)) * max(-now, 0.0)
        if kind == "machine":
            supplies = draw(st.floats(0.1, 40.0)) if now == 0.0 else draw(st.floats(0.01, 1.0)) * max(now, 0.0)
        if kind == "blocks":
            block = max(down, up, 1.0) / draw(st.integers(1, 5)) * draw(st.sampled_from([1.0, 0.9]))
        rows.append((now - down, now + up, now, cost, draws, supplies, block))
    low, high, now, cost, draws, supplies, block = (list(column) for column in zip(*rows, strict=True))
    names = [f"a{number}" for number in range(len(rows))]
    owner = [draw(st.sampled_from(["x", "y", "z"])) for _ in rows]
    return Assets.of(names, low, high, cost, now_mw=now, owner=owner, least_draw_mw=draws, least_supply_mw=supplies, block_mw=block)


def check(found: Split, rows: int = 50) -> None:
    """Hold a split against the signal, exactly, and against the bounds."""
    assets = found.assets
    assert (found.change_mw.sum(axis=1) + found.shortfall_mw == found.signal_mw).all()
    for changes, shortfall, signal in list(zip(found.change_mw.tolist(), found.shortfall_mw.tolist(), found.signal_mw.tolist(), strict=True))[:rows]:
        assert sum(map(Fraction, changes)) + Fraction(shortfall) == Fraction(signal)
    over = np.maximum(found.change_mw - assets.room_up_mw, -assets.room_down_mw - found.change_mw)
    assert over.max() <= 1e-12 * (1.0 + np.abs(found.change_mw).sum(axis=1).max())
    assert ((found.set_point_mw >= assets.low_mw) & (found.set_point_mw <= assets.high_mw)).all()
    for at, pieces in assets.pieces.items():
        apart = [np.maximum(a - found.change_mw[:, at], found.change_mw[:, at] - b) for a, b in pieces]
        assert np.min(apart, axis=0).max() <= 1e-9


@QUICK
@given(assets=tables(), section=SECTIONS, signals=st.lists(st.floats(-3000.0, 3000.0), min_size=1, max_size=6), given_mwh=st.floats(0.0, 1e5))
def test_set_points_and_shortfall_are_the_signal(assets, section, signals, given_mwh):
    """Also proves: many signals at once are what each is alone, but for the last bits."""
    ledger = Ledger.opened(assets, 0.25)
    ledger = ledger.after(assets, np.linspace(0.0, given_mwh, assets.count))
    found = split(signals, assets, section, ledger)
    check(found)
    for row, signal in enumerate(signals):
        alone = split(signal, assets, section, ledger)
        check(alone)
        assert alone.shortfall_mw[0] == pytest.approx(found.shortfall_mw[row], abs=1e-9)


@QUICK
@given(assets=tables(), section=SECTIONS, signal=st.floats(-3000.0, 3000.0))
def test_where_all_move_freely_only_what_is_beyond_all_is_short(assets, section, signal):
    free = Assets.of(assets.names, assets.low_mw, assets.high_mw, assets.cost_up_cny_per_mwh, now_mw=assets.now_mw, owner=assets.owner)
    found = split(signal, free, section, Ledger.opened(free, 0.25))
    beyond = signal - np.clip(signal, -free.room_down_mw.sum(), free.room_up_mw.sum())
    assert found.shortfall_mw[0] == pytest.approx(beyond, abs=1e-9)
    assert (found.change_mw * signal >= 0).all()


@QUICK
@given(assets=tables(), section=SECTIONS, signal=st.floats(-3000.0, 3000.0))
def test_assets_with_pieces_leave_no_more_than_asked(assets, section, signal):
    """Proves: too much is never given where nothing at all would be nearer."""
    found = split(signal, assets, section, Ledger.opened(assets, 0.25))
    assert abs(found.shortfall_mw[0]) <= abs(signal)


@QUICK
@given(amounts=st.lists(st.floats(-1e7, 1e7), min_size=1, max_size=12))
def test_rounded_amounts_add_up_and_move_by_less_than_a_fen(amounts):
    from decimal import Decimal

    from gridsim.bill.amounts import cents, exact

    total = cents(sum(map(exact, amounts), Decimal()))
    rounded = to_the_cent(amounts, total)
    assert sum(rounded) == total
    assert all(abs(one - exact(amount)) <= Decimal("0.01") for one, amount in zip(rounded, amounts, strict=True))


def park_of_twenty() -> Assets:
    """Twenty assets of 1 to 60 MW, five owners."""
    generator = np.random.default_rng(20)
    now = generator.uniform(-20.0, 20.0, 20)
    return Assets.of(
        [f"asset_{number}" for number in range(20)],
        now - generator.uniform(0.0, 60.0, 20),
        now + generator.uniform(1.0, 60.0, 20),
        generator.integers(0, 12, 20) * 50.0,
        now_mw=now,
        owner=[f"owner_{number % 5}" for number in range(20)],
    )


@pytest.mark.parametrize("section", [SetPointsSection(), SetPointsSection(fairness_share=1.0), SetPointsSection(fairness_share=1.0, fair_rule="max_min")])
def test_a_hundred_thousand_signals(section):
    """Proves: on 1e5 random signals, sums to the last bit, no bound broken, short only what is beyond all."""
    assets = park_of_twenty()
    least, most = -assets.room_down_mw.sum(), assets.room_up_mw.sum()
    signals = np.random.default_rng(1).uniform(1.2 * least, 1.2 * most, SIGNALS)
    found = split(signals, assets, section)
    check(found, rows=1000)
    assert np.abs(found.shortfall_mw - (signals - np.clip(signals, least, most))).max() < 1e-9
    assert (found.shortfall_mw[(signals > 0.999 * least) & (signals < 0.999 * most)] == 0.0).all()


def test_ten_thousand_signals_one_by_one():
    """Proves: the same for signals that come alone; every tenth by a mixture of merit and a ledger that is kept."""
    assets, mixture = park_of_twenty(), SetPointsSection(fairness_share=0.5, fair_rule="ledger")
    ledger = Ledger.opened(assets, 0.25)
    for number, signal in enumerate(np.random.default_rng(2).uniform(-600.0, 600.0, 10_000).tolist()):
        found = split(signal, assets, mixture if number % 10 == 0 else None, ledger)
        assert found.change_mw.sum() + found.shortfall_mw[0] == signal
        assert (found.change_mw <= assets.room_up_mw).all() and (-found.change_mw <= assets.room_down_mw).all()
        if number % 10 == 0:
            ledger = ledger.after(assets, found.change_mw[0])
