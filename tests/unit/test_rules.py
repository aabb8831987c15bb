"""Rules as data, whether they apply, and the verdict to the last bit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hand_solved.parks import electrolyser, grid, hydrogen_demand, load, tiny_park

from gridsim.park.sections import Rules
from gridsim.rules.applies import facts_of, fulfilled, thresholds_of
from gridsim.rules.definition import Between, Rule, RuleSet
from gridsim.rules.judge import VALUES_ZH, judge_measures, summary_of
from gridsim.rules.library import enforced_names, shipped, shipped_ids
from gridsim.rules.measure import Measure, Unknown
from gridsim.rules.vocabulary import FACTS, METRICS, known_facts

PARK = tiny_park(grid=grid(), load=load([1.0]), electrolyser=electrolyser(), users=hydrogen_demand(1.0))
ASKED = {
    "cn-650-2025": "self_use green export backfeed voltage exchange type fees buyer",
    "cn-688-2026": "self_use green export backfeed voltage exchange entities users traceability",
    "cn-1192-2025": "self_use green capacity_fee",
    "im-source-grid-load-storage-2023": "load storage_power storage_hours peak_valley utilisation backfeed owner entity curtailment_risk",
    "im-2022-19-market": "storage_power storage_hours new_load captive_coal new_storage",
    "im-direct-supply-draft-2025": "green export_hydrogen export_market backfeed_other buyer",
    "im-wind-solar-hydrogen-2022": "export grid_share storage_power storage_hours owner off_take",
    "im-wind-solar-hydrogen-2024": "export",
    "im-park-green-supply": "dedicated order storage_power storage_hours backfeed",
    "im-two-high": "green electricity",
    "im-incremental-distribution": "gate exchange",
    "cn-zero-carbon-park-910-2025": "carbon clean_energy products solid_waste waste_heat water direct_supply",
    "eu-2023-1184": "additionality unsupported match_month match_hour direct_line",
    "eu-2023-1185": "saving",
    "tcab-0078-2020": "low_carbon clean renewable renewable_source",
}


@dataclass
class Given:
    """Measures with values of the test's."""

    values: dict[str, object] = field(default_factory=dict)

    def of(self, metric, period):
        if metric not in self.values:
            return Unknown("not in this test", "本测试未给出")
        values = np.atleast_1d(np.asarray(self.values[metric], dtype=float))
        return Measure(values, np.full(values.size, 100.0), str)


def park(**rules):
    return replace(PARK, rules=Rules(**rules))


def finding(name, values=None, **rules):
    found = judge_measures(park(report=[name.partition(".")[0]], **rules), Given(values or {}))
    return next(one for one in found if one.name == name)


def circumstances(*groups):
    """Facts for which all conditions hold."""
    facts = {}
    for group in groups:
        for name, wanted in group.items():
            facts[name] = next(v for v in (wanted.min, wanted.max, (wanted.below or 0) - 1) if v is not None) if isinstance(wanted, Between) else wanted
    return {name: int(value) if name == "year" else value for name, value in facts.items()}


def numeric_rules():
    """Every shipped rule with a number, once for each of its thresholds, with the facts for which it is that one."""
    for rule_set in map(shipped, shipped_ids()):
        for key, rule in rule_set.rules.items():
            cases = [(case.threshold, case.when) for case in rule.thresholds] or [(rule.threshold, {})]
            for number, (threshold, when) in enumerate(cases):
                facts = circumstances(rule_set.when, rule.when, when)
                if len(cases) > 1 and not when:  # the last of the cases is for all that is none of the others
                    facts |= {"year": 2026, "commissioned": 2026, "renewables": "market"}
                if rule.threshold_fact is not None:
                    threshold, facts[rule.threshold_fact] = 40.0, 40.0
                if rule.fact is None and rule.threshold_metric is None:
                    yield pytest.param(f"{rule_set.id}.{key}", threshold, facts, id=f"{rule_set.id}.{key}-{number}")


@pytest.mark.parametrize(("name", "threshold", "facts"), list(numeric_rules()))
def test_a_rule_is_kept_at_its_threshold_and_broken_one_unit_in_the_last_place_beyond(name, threshold, facts):
    """**Proves**: for each shipped number, equality and the next number inside pass, the next number outside fails, with a margin that has the sign."""
    rule = shipped(name.partition(".")[0]).rules[name.partition(".")[2]]
    inward, outward = (np.inf, -np.inf) if rule.sense == ">=" else (-np.inf, np.inf)
    for value, status in ((threshold, "pass"), (np.nextafter(threshold, inward), "pass"), (np.nextafter(threshold, outward), "fail")):
        found = finding(name, {rule.metric: value}, declared=facts)
        assert (found.status, found.threshold) == (status, threshold), found
        assert np.sign(found.margin) == (0 if value == threshold else 1 if status == "pass" else -1)


def test_a_threshold_that_is_measured_too():
    """**Proves**: the peak-valley ratio of grid power is held against the load's own, to the last bit."""
    name, natural = "im-source-grid-load-storage-2023.peak_valley", 0.4
    for value, status in ((natural, "pass"), (np.nextafter(natural, 1.0), "fail")):
        found = finding(name, {"grid_peak_valley_ratio": value, "natural_peak_valley_ratio": natural})
        assert (found.status, found.threshold) == (status, natural)
    assert finding(name, {"grid_peak_valley_ratio": 0.1}).status == "not_known"


def test_shipped_sets_hold_every_rule_that_was_found():
    """**Proves**: the rules of facts A, set by set, each with texts in both languages, source and certainty; the draft is marked as one."""
    assert {name: " ".join(shipped(name).rules) for name in shipped_ids()} == ASKED
    for rule_set in map(shipped, shipped_ids()):
        assert rule_set.document and (rule_set.date or rule_set.dated or rule_set.status == "placeholder")
        for rule in rule_set.rules.values():
            assert rule.text_en and rule.text_zh and rule.source and rule.certainty
    assert shipped("im-direct-supply-draft-2025").status == "draft"


def test_what_is_missing_is_never_kept():
    """**Proves**: with nothing measured and nothing declared, no rule of any set passes."""
    found = judge_measures(park(), Given())
    assert {one.status for one in found} == {"not_known", "not_applicable"}
    assert len(found) == sum(len(rules.split()) for rules in ASKED.values())
    assert all(one.reason_en and one.reason_zh for one in found)


def test_chinese_reasons_name_facts_in_chinese():
    """**Proves**: a fact that decides is told by its label and its value's; one that is to be declared by its label, with the key behind it, and nothing else
    in a reason has Latin letters."""
    found = judge_measures(park(), Given()) + judge_measures(park(declared={"project": "hydrogen", "two_high": False, "has_hydrogen": False}), Given())
    reasons = {one.reason_zh for one in found}
    assert "不适用: 新建“两高”项目为否" in reasons and "不适用: 项目类型为制氢" in reasons
    known = set(known_facts())
    for reason in reasons:
        without_keys = re.sub(r"\((\w+)\)", lambda key: "" if key[1] in known else key[0], reason)
        assert not re.search("[A-Za-z]", without_keys), reason
    assert any(reason.startswith("未申报: ") and "(two_high)" in reason for reason in reasons)
    assert VALUES_ZH.keys() >= {choice for fact in FACTS.values() for choice in fact.choices}


@pytest.mark.parametrize(("stated", "status"), [(True, "pass"), (False, "fail"), (None, "not_known")])
def test_declared_rules(stated, status):
    declared = {} if stated is None else {"no_agent_purchase": stated}
    found = finding("cn-650-2025.buyer", declared=declared)
    assert (found.status, found.declared) == (status, stated is not None)


def test_a_declared_value_gives_way_to_a_computed_one():
    """**Proves**: 3.0 kgCO2e/kg declared passes and says so; 4.0 computed is what counts."""
    from hand_solved.parks import solve

    from gridsim.metrics.green import green_ledger
    from gridsim.rules.measure import Measures

    dispatch = solve(park(report=["eu-2023-1185"], declared={"hydrogen_kgco2e_per_kg": 3.0}))
    for given, status, declared in (({}, "pass", True), ({"hydrogen_kgco2e_per_kg": 4.0}, "fail", False)):
        found = judge_measures(dispatch.draft.park, Measures(dispatch, green_ledger(dispatch), given))[0]
        assert (found.status, found.declared) == (status, declared)


@pytest.mark.parametrize(
    ("carbon", "tce", "status"),
    [(0.2, None, "pass"), (0.25, None, "not_known"), (0.31, None, "fail"), (0.25, 1e6, "pass"), (0.25, 999_999.0, "fail"), (0.1, 1e5, "not_known")],
)
def test_a_threshold_that_hangs_on_the_park_s_energy_use(carbon, tce, status):
    """**Proves**: 0.3 from 1 Mtce on, 0.2 from 0.2 Mtce on; undeclared, only what keeps (or breaks) both is known; below, no number was found.

    **Breaks as**: a pass at 0.25 if the first case were taken where it is open.
    """
    declared = {} if tce is None else {"park_energy_tce": tce}
    found = finding("cn-zero-carbon-park-910-2025.carbon", {"carbon_per_energy_t_per_tce": carbon}, declared=declared)
    assert found.status == status
    if tce is None:
        assert found.threshold == 0.2


def test_the_strictest_of_the_thresholds_that_can_be_meant_is_shown():
    """**Proves**: four hours of storage for the market, two if guaranteed; undeclared, three hours are not known to do, and the margin is to four."""
    found = finding("im-2022-19-market.storage_hours", {"storage_hours": 3.0})
    assert (found.status, found.threshold, found.margin) == ("not_known", 4.0, -1.0)


def test_the_reference_plan_is_no_zero_carbon_park():
    """**Proves**: 1.953 tCO2/tce (the plan's targets for 2030) fails by 1.753, whatever the park's size: 9.8 times the threshold of 0.2."""
    found = finding("cn-zero-carbon-park-910-2025.carbon", {"carbon_per_energy_t_per_tce": 1.953})
    assert found.status == "fail" and found.margin == pytest.approx(-1.753)


def test_strict_assumptions_are_shown_and_give_way_to_what_is_declared():
    """**Proves**: undeclared, the spot market does not run and a project is none of hydrogen: no export. Declared, the hydrogen rule counts: 40 % in 2027."""
    undeclared = finding("im-direct-supply-draft-2025.backfeed_other", {"export_mw": [0.0, 1.0]})
    assert undeclared.status == "fail" and undeclared.assumed == {"project": "other"} and undeclared.failing == 1 and undeclared.periods == 2
    facts = {"project": "hydrogen", "year": 2027}
    assert finding("im-direct-supply-draft-2025.backfeed_other", {"export_mw": 1.0}, declared=facts).status == "not_applicable"
    hydrogen = finding("im-direct-supply-draft-2025.export_hydrogen", {"export_ratio_of_generation": 0.4}, declared=facts)
    assert (hydrogen.status, hydrogen.threshold, hydrogen.assumed) == ("pass", 0.4, {})
    assert finding("cn-650-2025.backfeed", {"export_mw": 1.0}, declared={"spot_market_continuous": True}).status == "not_applicable"


def test_an_exemption_must_be_shown():
    """**Proves**: electrolysers before 2028 are exempt from additionality until 2038; one that says nothing is not."""
    name, late = "eu-2023-1184.additionality", {"plant_lead_months": 37}
    assert finding(name, late).status == "fail"
    assert finding(name, late, declared={"electrolyser_commissioned": 2027}).status == "not_applicable"
    assert finding(name, late, declared={"electrolyser_commissioned": 2028}).status == "fail"
    assert finding(name, late, declared={"electrolyser_commissioned": 2027, "year": 2038}).status == "fail"
    assert finding(name, late, declared={"zone_renewable_share": 0.9}).status == "fail"
    assert finding(name, late, declared={"zone_renewable_share": np.nextafter(0.9, 1.0)}).status == "not_applicable"


def test_readings_are_judged_side_by_side():
    """**Proves**: 0.22 of generation fails and 0.19 of available passes; the strict reading counts unless the park names the other."""
    values = {"export_ratio_of_generation": 0.22, "export_ratio": 0.19}
    strict = finding("cn-650-2025.export", values)
    assert (strict.status, strict.reading) == ("fail", "of_generation")
    assert [(other.reading, other.status, other.value) for other in strict.other_readings] == [("of_available", "pass", 0.19)]
    chosen = finding("cn-650-2025.export", values, readings={"cn-650-2025.export": "of_available"})
    assert (chosen.status, chosen.reading, chosen.value) == ("pass", "of_available", 0.19)
    assert [(other.reading, other.status) for other in chosen.other_readings] == [("of_generation", "fail")]


def test_a_province_s_own_threshold():
    """**Proves**: 0.25 in place of the notice's 0.20, in each reading; the certainty is then the user's."""
    found = finding("cn-650-2025.export", {"export_ratio_of_generation": 0.22, "export_ratio": 0.26}, thresholds={"cn-650-2025.export": 0.25})
    assert (found.status, found.threshold, found.certainty) == ("pass", 0.25, "user")
    assert [other.status for other in found.other_readings] == ["fail"]


def test_the_worst_period_counts():
    """**Proves**: of three months the second is furthest off: margin −0.2 of 100 MWh, two of three broken; a month without electrolysis is none."""
    found = finding("eu-2023-1184.match_month", {"hydrogen_matched_share": [0.9, 0.8, np.nan, 1.0]}, declared={"year": 2029})
    assert (found.status, found.value, found.failing, found.periods, found.worst) == ("fail", 0.8, 2, 3, "1")


def test_margin_in_mwh():
    found = finding("cn-650-2025.self_use", {"self_use_ratio": 0.7})
    assert found.margin == pytest.approx(0.1) and found.margin_mwh == pytest.approx(10.0)


def test_summary_is_flat():
    found = [finding("cn-650-2025.self_use", {"self_use_ratio": 0.7}), finding("cn-650-2025.buyer")]
    assert summary_of(found) == {
        "rule.cn-650-2025.self_use": "pass",
        "rule.cn-650-2025.self_use.value": 0.7,
        "rule.cn-650-2025.self_use.threshold": 0.6,
        "rule.cn-650-2025.self_use.margin": 0.7 - 0.6,
        "rule.cn-650-2025.buyer": "not_known",
    }


def test_conditions_are_three_valued():
    """**Proves**: one condition that fails decides, one that is open leaves it open, and both ends of a range are as they say."""
    rule_set, facts = shipped("cn-650-2025"), facts_of(park(declared={"year": 2030}))
    assert fulfilled({"year": Between(min=2030), "two_high": True}, facts, rule_set).holds is None
    assert fulfilled({"year": Between(above=2030), "two_high": True}, facts, rule_set).holds is False
    assert fulfilled({"year": Between(max=2030)}, facts, rule_set).holds is True
    assert fulfilled({"year": Between(below=2030)}, facts, rule_set).holds is False
    rule = Rule(text_en="", text_zh="", metric="load_mwh", sense=">=", certainty="M", source="", thresholds=[])
    assert thresholds_of(rule, facts, rule_set).values == ()


def test_a_whole_set_enforces_what_can_be():
    assert enforced_names(park(enforce=["im-source-grid-load-storage-2023"])) == tuple(
        f"im-source-grid-load-storage-2023.{key}" for key in ("load", "storage_power", "storage_hours", "utilisation", "backfeed")
    )


def test_linear_metrics_are_ratios_of_known_powers():
    powers = {"available", "used", "import", "export", "load", "electrolysis"}
    for word, metric in METRICS.items():
        linear = metric.kind in {"energy", "power"}
        assert bool(metric.numerator) == (linear or metric.kind == "capacity"), word
        if linear:
            assert {*metric.numerator, *metric.denominator} <= powers


def test_rule_set_needs_a_known_metric_and_known_facts():
    whole = {"id": "own", "title_en": "", "title_zh": "", "document": "", "status": "in_force", "certainty": "A", "source": ""}
    rule = {"text_en": "", "text_zh": "", "metric": "green_share", "sense": ">=", "threshold": 0.5, "certainty": "A", "source": ""}
    assert RuleSet.model_validate({**whole, "rules": {"a": rule}}).rules["a"].threshold == 0.5
    for broken in ({"metric": "green_shares"}, {"sense": None}, {"threshold_fact": "year"}, {"fact": "year"}, {"when": {"moon": True}}, {"metric": "declared"}):
        with pytest.raises(ValueError, match=r"own|metric|sense|give one|fact|moon"):
            RuleSet.model_validate({**whole, "rules": {"a": {**rule, **broken}}})
