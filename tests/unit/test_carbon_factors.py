"""Factors, their sources, and what a park file may say about carbon."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gridsim.carbon.checks import carbon_findings
from gridsim.carbon.factors import chosen_set, conflicts, data, factor_sets, fuels, routes
from gridsim.carbon.section import CarbonSection
from gridsim.errors import DefinitionError

CERTAINTIES = {"V1", "V2", "C", "M", "M?", "A", "X", "n/f"}


def figures(tree, path=()):
    """Every entry of a data file that is a number with a source."""
    if isinstance(tree, dict):
        if "value" in tree:
            yield path, tree
        for key, branch in tree.items():
            yield from figures(branch, (*path, key))
    elif isinstance(tree, list):
        for place, branch in enumerate(tree):
            yield from figures(branch, (*path, place))


@pytest.mark.parametrize("name", ["electricity", "energy", "products"])
def test_every_number_has_a_source_and_a_certainty(name):
    """**Proves**: no figure without both, and each range holds its value."""
    found = list(figures(data(name)))
    assert len(found) > 10
    for path, entry in found:
        assert entry["source"] and entry["certainty"] in CERTAINTIES, path
        if "low" in entry:
            assert entry["low"] <= entry["value"] <= entry["high"], path


def test_sets_take_residual_and_fossil_of_their_year():
    """**Proves**: a regional set of 2022 has the national 0.5856 and 0.8325 of 2022; sets without an average do not exist."""
    chosen = factor_sets()["inner-mongolia-2022"]
    assert (chosen.average.value, chosen.residual.value, chosen.fossil.value) == (0.6849, 0.5856, 0.8325)
    assert "inner-mongolia-2023" not in factor_sets()
    assert len(factor_sets()) == 14


def test_the_implied_share_of_the_grid_is_near_the_region_s_own():
    """**Proves**: 1 − 0.6849 / 0.8325 = 0.177, beside 17.3 % renewable generation that the region's plan states for 2020."""
    assert factor_sets()["inner-mongolia-2022"].grid_non_fossil_share == pytest.approx(0.177, abs=5e-4)


def test_conflicts_name_sets_that_exist():
    """**Proves**: each disputed set can be chosen."""
    for conflict in conflicts():
        assert set(conflict.sets) <= set(factor_sets())


def test_gas_is_what_its_gigajoules_are():
    """**Proves**: 56.1 kg/GJ and 29.307 GJ/tce for each MWh of 3.6 GJ."""
    gas = fuels()["natural_gas"]
    assert gas.emissions_t_per_mwh.value == pytest.approx(56.1e-3 * 3.6)
    assert gas.energy_tce_per_mwh.value == pytest.approx(3.6 / 29.307, rel=1e-5)


def test_routes_follow_from_the_plan():
    """**Proves**: 600/152 t of CO2 a tonne of ammonia, 54 t over 6 t a truck, 0.68 t over 63 kg a tonne of iron; 3.384 is 28.2 g/MJ × 120 MJ/kg."""
    assert routes()["plan_ammonia"].emissions.value == pytest.approx(600 / 152, abs=5e-5)
    assert routes()["diesel_trucks"].emissions.value == pytest.approx(16.2e3 / 300 / 6)
    assert routes()["coke_iron"].emissions.value == pytest.approx(0.68 / 0.063, rel=1e-3)
    assert data("products")["hydrogen_thresholds"]["eu1185.ghg"]["value"] == pytest.approx(0.3 * 94 * 120 / 1000)


@pytest.mark.parametrize(("name", "says"), [("inner-mongolia-2023", "take inner-mongolia-2022"), ("north-east-2023", "did you mean 'northeast-2023'")])
def test_unknown_sets_are_refused_with_a_remedy(name, says):
    """**Proves**: a year that was not found is told apart from a word that is not known."""
    with pytest.raises(DefinitionError, match=says):
        chosen_set(CarbonSection(factor_set=name))


def test_a_factor_set_must_be_chosen():
    """**Proves**: there is no default."""
    with pytest.raises(ValidationError, match="factor_set"):
        CarbonSection()


def test_what_a_file_says_wrongly_is_found_all_at_once():
    """**Proves**: names that do not exist, a route of another product, more non-fossil energy than energy, and a limit that cannot be written."""
    from hand_solved.parks import electrolyser, grid, hydrogen_demand, load, tiny_park

    park = tiny_park(grid=grid(), load=load([1.0]), plant=electrolyser(), trucks=hydrogen_demand(1.0))
    section = CarbonSection(
        factor_set="northeast-2033",
        fuels={"boiler": "gas"},
        replaces={"trucks": "coal_ammonia", "truck": "coal_hydrogen"},
        other_energy={"steel": {"energy_tce": 1.0, "emissions_t": 1.0, "non_fossil_tce": 2.0, "source": "s"}},
        limits={"matched_share_min": 0.5, "matched_by": "hour", "matched_of": "electrolysis"},
    )
    found = {path: remedy for path, _, remedy in carbon_findings(section, park)}
    assert list(found) == [
        "carbon.factor_set",
        "carbon.other_energy.steel.non_fossil_tce",
        "carbon.fuels.boiler",
        "carbon.replaces.trucks",
        "carbon.replaces.truck",
        "carbon.limits.matched_share_min",
        "carbon.limits.matched_by",
    ]
    assert "diesel_trucks" in found["carbon.replaces.trucks"]
    assert not list(carbon_findings(CarbonSection(factor_set="national-2023"), park))


def test_the_thresholds_are_those_of_the_rule_sets():
    """**Proves**: hydrogen and zero-carbon thresholds stand in the rule sets with the same numbers."""
    from ruamel.yaml import YAML

    rules = Path(__file__).parents[2] / "gridsim" / "data" / "rules"
    if not rules.exists():
        pytest.skip("no rule sets")
    core = YAML(typ="safe").load(rules / "cn-zero-carbon-park-910-2025.yaml")["rules"]["carbon"]["thresholds"]
    assert sorted(entry["threshold"] for entry in core) == sorted(entry["value"] for entry in data("products")["zero_carbon_park"]["core"])
    labels = [rule["threshold"] for rule in YAML(typ="safe").load(rules / "tcab-0078-2020.yaml")["rules"].values() if "threshold" in rule]
    known = {entry["value"] for entry in data("products")["hydrogen_thresholds"].values()}
    assert set(labels) <= known
