"""The plans' tables as data: what adds up in them, what does not, and how a park stands beside them."""

import numpy as np
import pytest

from gridsim.indicators.checks import indicator_findings
from gridsim.indicators.plan_gap import plan_gaps
from gridsim.indicators.projects import sums
from gridsim.indicators.section import IndicatorsSection
from gridsim.indicators.table import parsed, table, table_names

ZONE, PILOT, REGION = "chifeng-carbon-peak-plan", "inner-mongolia-carbon-peak-pilot", "inner-mongolia-climate-plan"


def test_every_row_of_the_tables_is_there():
    """**Proves**: 25, 15 and 12 rows, numbered without gaps; three tables."""
    assert table_names() == [ZONE, PILOT, REGION]
    for name, rows in ((ZONE, 25), (PILOT, 15), (REGION, 12)):
        assert [row.number for row in table(name).indicators] == list(range(1, rows + 1))


def test_the_intensities_follow_from_the_plan_s_own_falls():
    """**Proves**: energy per value added falls by 18 % to 2025 and by as much again to 2030, CO2 by 24 % and 52 % from 2020: the plan's note, to its digits.

    **Breaks as**: a figure that was copied wrongly.
    """
    energy, carbon = (table(ZONE).indicator(name).targets for name in ("energy_per_value_added", "carbon_per_value_added"))
    assert round(energy[2020].value * 0.82, 2) == energy[2025].value
    assert round(energy[2025].value * 0.82, 2) == energy[2030].value
    assert round(carbon[2020].value * 0.76, 2) == carbon[2025].value
    assert round(carbon[2020].value * 0.48, 2) == carbon[2030].value


def test_programmes_add_up_to_the_printed_totals_but_for_carbon():
    """**Proves**: 48 projects and 63.907 bn CNY are the sum of the eight programmes; of 20.0 to 22.4 Mt of carbon, 11.3 to 13.7 are named, so 8.6 are nobody's;
    the range of the total is 9 kt narrower than that of the only programme with a range."""
    found = {line.of: line for line in sums(table(ZONE))}
    assert found["projects"].difference == 0
    assert found["investment_cny"].difference == pytest.approx(0.0, abs=1.0)
    named = 136e3 + 16.2e3 + 6e6 + 35e3 + 1834.5e3 + 532.7e3 + 390.5e3 + 2.356e6
    assert found["carbon_low_t"].summed == pytest.approx(named)
    assert found["carbon_low_t"].difference == pytest.approx(20.009e6 - named)
    assert found["carbon_high_t"].difference == pytest.approx(found["carbon_low_t"].difference - 9e3)


def test_the_saving_items_imply_three_factors():
    """**Proves**: 3.22, 4.64 and 2.66 tCO2/tce."""
    from gridsim.indicators.projects import ProjectLine

    (saving,) = (programme for programme in table(ZONE).programmes if programme.name == "energy_saving")
    implied = [ProjectLine(item, 1, (), None, None, None, None).implied_t_per_tce for item in saving.items]
    assert implied == pytest.approx([3.2235, 4.6402, 2.6601], abs=1e-4)


def test_each_kind_of_technology_belongs_to_one_programme():
    """**Proves**: nothing is saved twice."""
    from gridsim.technologies import registry

    kinds = [kind for programme in table(ZONE).programmes for kind in programme.technologies]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) <= set(registry())


def test_the_plan_is_not_one_for_a_zero_carbon_park():
    """**Proves**: 2.735, 2.535 and 1.953 tCO2/tce; in 2030 6.5 times the threshold of large parks and 9.8 times that of smaller ones; 84.6 % of the emissions
    would have to go.

    **Breaks as**: 0.51 if energy stood over carbon.
    """
    found = plan_gaps(table(ZONE))
    value = {line.year: line.gap.value for line in found}
    assert [value[year] for year in (2020, 2025, 2030)] == pytest.approx([2.735, 2.535, 1.953], abs=5e-4)
    factors = {line.gap.threshold: line.gap.factor for line in found if line.year == 2030}
    assert factors == pytest.approx({0.3: 6.511, 0.2: 9.767}, abs=1e-3)
    (large,) = (line.gap for line in found if line.year == 2030 and line.gap.threshold == 0.3)
    assert large.to_cut_t == pytest.approx(4.61 - 0.3 * 2.36)
    assert large.to_cut_share == pytest.approx(0.8464, abs=1e-4)
    assert plan_gaps(table(PILOT)) == ()


@pytest.mark.parametrize(
    ("printed", "unit", "better", "value", "met"),
    [
        (">20", "%", "higher", 0.2, False),
        (">20", "%", "higher", np.nextafter(0.2, 1.0), True),
        ("≥18", "%", "higher", 0.18, True),
        ("≥18", "%", "higher", np.nextafter(0.18, 0.0), False),
        ("94", "%", "higher", 0.94, True),
        ("94", "%", "higher", np.nextafter(0.94, 0.0), False),
        ("2.36", "tce/万元", "lower", 2.36, True),
        ("2.36", "tce/万元", "lower", np.nextafter(2.36, 3.0), False),
        ("-8%", "%", "lower", -0.08, True),
        ("-8%", "%", "lower", np.nextafter(-0.08, 0.0), False),
        (">75", "家", "higher", 75.0, False),
        ("29.5", "%", "higher", 0.295, True),
    ],
)
def test_a_target_is_met_by_one_unit_in_the_last_place(printed, unit, better, value, met):
    """**Proves**: strict and inclusive signs, percent as shares, bare numbers on their better side."""
    assert parsed(printed, unit, better).met_by(float(value)) is met


def test_what_the_file_says_wrongly_is_found_all_at_once():
    """**Proves**: unknown tables, rows and years, percent for shares, and words for targets."""
    wrong = IndicatorsSection(
        tables=[ZONE],
        target_year=2031,
        declared={"waste_heta": {"value": 0.4, "source": "s"}, "solid_waste": {"value": 62.0, "source": "s"}},
        targets={"investment_intensity": "high"},
    )
    found = {path: (finding, remedy) for path, finding, remedy in indicator_findings(wrong)}
    assert set(found) == {
        "indicators.target_year",
        "indicators.declared.waste_heta",
        "indicators.declared.solid_waste.value",
        "indicators.targets.investment_intensity",
    }
    assert "waste_heat" in found["indicators.declared.waste_heta"][1]
    assert "2030" in found["indicators.target_year"][1]
    assert [path for path, _, _ in indicator_findings(IndicatorsSection(tables=["zone"]))] == ["indicators.tables.0"]
    assert not list(indicator_findings(IndicatorsSection(tables=[ZONE], target_year=2030)))


def test_every_conflict_of_a_table_is_told_in_both_languages():
    """**Proves**: a note in Chinese and in English for each."""
    for name in table_names():
        for conflict in table(name).conflicts:
            assert conflict.note_zh and conflict.note_en and conflict.about
