"""Lines between buses, and parks of several sites."""

from hand_solved.parks import approx, grid, in_park, line, load, wind


@in_park(wind=wind([1.0], 100.0, bus="base"), line=line("base", "electricity", 10.0, loss_share=0.1), grid=grid(100.0), load=load([15.0]))
def test_line_limit_and_loss_are_at_the_sending_end(dispatch):
    """**Proves**: of 100 MW of wind 10 MW enter the line, 9 MW arrive, and 6 of 15 MW are bought at 100: 600 CNY.

    **Breaks as**: 500 CNY without loss; 500 if 10 MW arrived because the limit stood at the receiving end.
    """
    assert dispatch.objective_cny == approx(600.0)
    assert dispatch.prices["base"] == approx([0.0])
    figures = dispatch.draft.park.technologies["line"].report("line", dispatch)
    assert (figures["energy_mwh"], figures["loss_mwh"]) == approx((9.0, 1.0))


@in_park(
    grid=grid(100.0, bus="a"),
    line=line("a", "b", 5.0, both_ways=True),
    wind_a=wind([1.0, 0.0], 10.0, bus="a"),
    wind_b=wind([0.0, 1.0], 10.0, bus="b"),
    load_a=load([5.0, 5.0], bus="a"),
    load_b=load([5.0, 5.0], bus="b"),
)
def test_line_carries_both_ways(dispatch):
    """**Proves**: wind blows at A, then at B, and feeds both loads in either hour: nothing is bought, 0 CNY.

    **Breaks as**: 500 CNY if the line worked from A to B only.
    """
    assert dispatch.objective_cny == approx(0.0)
    assert (dispatch.flows["line"], dispatch.flows["line.back"]) == (approx([5.0, 0.0]), approx([0.0, 5.0]))


@in_park(grid=grid(-100.0, bus="a"), line=line("a", "b", 10.0, loss_share=0.1, both_ways=True), load_a=load([1.0], bus="a"))
def test_line_does_not_burn_power_in_a_circle(dispatch):
    """**Proves**: at −100 CNY/MWh sending 10 MW there and 9 back would lose 1.9 MW and earn 190; only the load's 1 MW is bought: −100 CNY.

    **Breaks as**: −290 CNY if both directions ran at once.
    """
    assert dispatch.objective_cny == approx(-100.0)


@in_park(grid_a=grid(100.0, bus="a"), grid_b=grid(300.0, bus="b"), line=line("a", "b", 4.0), load=load([10.0], bus="b"))
def test_two_sites_with_their_own_tariffs(dispatch):
    """**Proves**: 4 of 10 MW at B come over the line from A's grid at 100, 6 MW from B's own at 300: 2200 CNY; each site has its price.

    **Breaks as**: 1000 CNY without the line's limit, 3000 without the line.
    """
    assert dispatch.objective_cny == approx(2200.0)
    assert (dispatch.prices["a"], dispatch.prices["b"]) == (approx([100.0]), approx([300.0]))
