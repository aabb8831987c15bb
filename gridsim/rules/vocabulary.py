"""The words that rules are written in: metrics, which a rule holds against a threshold, and facts about the park, which say whether it applies.

A metric of *energy* is a ratio of two sums over a period, or one sum, of these powers (MW, design section 5): ``available`` wind and sun before
curtailment, ``used`` what of it was not curtailed, ``import``, ``export``, ``load`` (final uses, electrolysers included) and ``electrolysis``. All are linear
in the dispatch, so that such a rule can be enforced. A metric of *capacity* is a ratio of what is built (``storage_mw``, ``storage_mwh``,
``storage_and_shaving_mw``, ``renewable_mw``), linear in the capacities, so that sizing can keep it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["energy", "power", "capacity", "traced", "site", "given", "declared"]


@dataclass(frozen=True)
class Metric:
    """One word that rules are written in."""

    label_en: str
    label_zh: str
    unit: str
    kind: Kind
    numerator: Mapping[str, float] = field(default_factory=dict)
    """Factor of each power, or capacity."""
    denominator: Mapping[str, float] = field(default_factory=dict)
    """Empty where the metric is a sum, not a ratio."""
    largest: float = math.inf
    """No value exceeds this."""
    whole_energy: bool = False
    """Whether it is about all energy of the park, fuels and heat that are not simulated among it."""

    @property
    def why_not_enforced(self) -> str:
        """Why a rule on this metric cannot be a constraint of the dispatch; empty where it can."""
        return NOT_ENFORCED[self.kind]

    @property
    def share_of_energy(self) -> bool:
        """Whether a margin of this metric means so many MWh."""
        return self.kind == "traced" or (self.kind == "energy" and bool(self.denominator))


NOT_ENFORCED: dict[Kind, str] = {
    "energy": "",
    "power": "",
    "capacity": "",
    "traced": "it is traced through mixing and storage, or is a ratio of a highest to a lowest hour, and no linear constraint on the dispatch",
    "site": "it is a property of the site that no dispatch changes",
    "given": "it is computed outside the dispatch, or declared",
    "declared": "it is declared, not simulated",
}

METRICS: dict[str, Metric] = {
    "self_use_ratio": Metric("self-used over available", "自发自用占总可用发电量", "1", "energy", {"used": 1.0, "export": -1.0}, {"available": 1.0}, 1.0),
    "green_share": Metric("(load − import) over load", "绿电占总用电量", "1", "energy", {"load": 1.0, "import": -1.0}, {"load": 1.0}, 1.0),
    "green_share_self_used": Metric("self-used over load", "自发自用占总用电量", "1", "energy", {"used": 1.0, "export": -1.0}, {"load": 1.0}),
    "import_share": Metric("import over load", "下网电量占总用电量", "1", "energy", {"import": 1.0}, {"load": 1.0}),
    "export_ratio": Metric("export over available", "上网电量占总可用发电量", "1", "energy", {"export": 1.0}, {"available": 1.0}, 1.0),
    "export_ratio_of_generation": Metric("export over (export + self-used)", "上网电量占上网与自用之和", "1", "energy", {"export": 1.0}, {"used": 1.0}, 1.0),
    "curtailment_rate": Metric("curtailed over available", "弃电率", "1", "energy", {"available": 1.0, "used": -1.0}, {"available": 1.0}, 1.0),
    "utilisation_rate": Metric("not curtailed over available", "新能源利用率", "1", "energy", {"used": 1.0}, {"available": 1.0}, 1.0),
    "load_over_available": Metric("load over available", "用电量占新能源发电量", "1", "energy", {"load": 1.0}, {"available": 1.0}),
    "hydrogen_contracted_share": Metric("green generation over electrolysis", "绿电发电量比制氢用电量", "1", "energy", {"used": 1.0}, {"electrolysis": 1.0}),
    "load_mwh": Metric("load", "用电量", "MWh", "energy", {"load": 1.0}),
    "export_mwh": Metric("export", "上网电量", "MWh", "energy", {"export": 1.0}),
    "export_mw": Metric("export in each hour", "上网功率", "MW", "power", {"export": 1.0}),
    "import_mw": Metric("import in each hour", "下网功率", "MW", "power", {"import": 1.0}),
    "exchange_mw": Metric("import or export in each hour", "与公网交换功率", "MW", "power", {"import": 1.0, "export": 1.0}),
    "storage_power_ratio": Metric(
        "storage power over wind and solar capacity", "储能功率占新能源装机", "1", "capacity", {"storage_and_shaving_mw": 1.0}, {"renewable_mw": 1.0}
    ),
    "storage_hours": Metric("storage energy over storage power", "储能时长", "h", "capacity", {"storage_mwh": 1.0}, {"storage_mw": 1.0}),
    "hydrogen_grid_share": Metric("grey electricity over electrolysis, traced", "制氢用电中的下网电量占比(溯源)", "1", "traced"),
    "hydrogen_matched_share": Metric("green electricity over electrolysis, traced", "制氢用电中的绿电占比(溯源)", "1", "traced"),
    "grid_peak_valley_ratio": Metric("(highest − lowest) over highest import", "下网功率峰谷差率", "1", "traced"),
    "natural_peak_valley_ratio": Metric("(highest − lowest) over highest demand of the loads", "负荷自然峰谷差率", "1", "traced"),
    "connection_voltage_kv": Metric("voltage at the grid connection", "接入电压", "kV", "site"),
    "highest_voltage_kv": Metric("highest voltage of the project", "项目最高电压", "kV", "site"),
    "carbon_per_energy_t_per_tce": Metric("carbon per energy use", "单位能耗碳排放", "tCO2/tce", "given", whole_energy=True),
    "clean_energy_share": Metric("clean share of energy use", "清洁能源消费占比", "1", "given", whole_energy=True),
    "direct_supply_share_of_clean": Metric("direct supply over clean energy", "绿电直接供应占清洁能源", "1", "given", whole_energy=True),
    "hydrogen_kgco2e_per_kg": Metric("carbon intensity of hydrogen", "氢气碳排放强度", "kgCO2e/kg", "given"),
    "product_energy_level": Metric("energy level of the products (1 best)", "产品单位能耗限额等级", "level", "given"),
    "solid_waste_utilisation": Metric("industrial solid waste utilised", "工业固废综合利用率", "1", "given"),
    "waste_heat_utilisation": Metric("waste heat, cold and pressure utilised", "余热余冷余压综合利用率", "1", "given"),
    "water_reuse": Metric("industrial water reused", "工业用水重复利用率", "1", "given"),
    "plant_lead_months": Metric("months in service before the electrolyser", "电源早于电解槽投产月数", "month", "given"),
    "captive_coal_flexible_share": Metric("peak-shaving range of captive coal units", "自备煤电调峰能力占额定容量", "1", "given"),
    "new_storage_power_ratio": Metric("storage power of new wind and solar over their capacity", "新建新能源储能功率占装机", "1", "given"),
    "declared": Metric("declared", "申报", "", "declared"),
}
"""Every metric by its word."""


@dataclass(frozen=True)
class Fact:
    """Something about a park that no simulation knows, and that decides whether a rule applies or holds."""

    label_en: str
    label_zh: str
    kind: Literal["boolean", "number", "choice"] = "boolean"
    choices: tuple[str, ...] = ()
    unit: str = ""

    def refusal(self, value: object) -> str:
        """Tell what to write instead of a value that this fact cannot have; empty where it can."""
        if self.kind == "boolean":
            return "" if isinstance(value, bool) else "write true or false"
        if self.kind == "number":
            return "" if isinstance(value, int | float) and not isinstance(value, bool) else f"write a number{f' in {self.unit}' if self.unit else ''}"
        return "" if value in self.choices else f"choose {' or '.join(self.choices)}"


FACTS: dict[str, Fact] = {
    "year": Fact("year that is assessed", "评价年份", "number"),
    "commissioned": Fact("year of commissioning", "投产年份", "number"),
    "electrolyser_commissioned": Fact("year in which the electrolysers were commissioned", "电解槽投产年份", "number"),
    "project": Fact("kind of project", "项目类型", "choice", ("hydrogen", "other")),
    "renewables": Fact("how wind and sun are sold", "新能源类别", "choice", ("market", "guaranteed", "self_storage")),
    "has_hydrogen": Fact("makes hydrogen by electrolysis", "含电解制氢"),
    "grid_connected": Fact("connected to the public grid", "并网型"),
    "multi_user": Fact("supplies several users", "多用户"),
    "two_high": Fact("a new project of high energy use and high emissions", "新建“两高”项目"),
    "spot_market_continuous": Fact("the spot market runs continuously", "现货市场连续运行"),
    "special_security_review": Fact("passed a special security review for its voltage", "通过接入电压专项安全评估"),
    "declared_exchange_mw": Fact("declared exchange with the grid", "申报交换功率", "number", (), "MW"),
    "peak_shaving_mw": Fact("other peak-shaving capability that is recognised as storage", "认可的其他调峰能力", "number", (), "MW"),
    "park_energy_tce": Fact("energy use of the whole park in a year", "园区年综合能源消费量", "number", (), "tce"),
    "renewables_off_public_grid": Fact("wind and sun were not first connected to the public grid", "新能源未先接入公共电网"),
    "pays_grid_fees": Fact("pays network, system operation, cross-subsidy and funds", "按规定缴纳输配电费、系统运行费、交叉补贴、政府性基金"),
    "no_agent_purchase": Fact("buys no power through the grid company as agent", "负荷不由电网企业代理购电"),
    "distinct_entities": Fact("the users are different legal entities", "各用户为不同法人"),
    "no_residential_or_farm_users": Fact("no residential or farm users", "无居民、农业用户"),
    "hourly_metering": Fact("supply is traced hour by hour", "分时溯源计量"),
    "one_investor": Fact("one controlling investor", "同一投资主体控股"),
    "one_market_entity": Fact("one market entity", "作为一个市场主体"),
    "bears_curtailment": Fact("the developer bears curtailment", "弃电由开发主体承担"),
    "off_take_contract": Fact("off-take contracts are signed", "签订氢气消纳协议"),
    "load_before_renewables": Fact("wind and sun start no earlier than the load", "新能源不早于负荷投产"),
    "dedicated_to_new_load": Fact("wind and sun serve new load of the park only", "新能源全部供园区新增负荷"),
    "exports_to_market": Fact("all exports go to the market", "上网电量全部进入市场"),
    "electricity_dominated": Fact("the project runs mainly on electricity", "以电力消费为主"),
    "capacity_network_fee": Fact("pays the network fee by capacity, not by metered energy", "选择容量制输配电费"),
    "average_load_rate": Fact("average load rate that the province publishes", "省级平均负荷率", "number", (), "1"),
    "licence_area_gate": Fact("the licence area has a metered gate to the public grid", "供电区域设关口计量"),
    "unsupported_plant": Fact("the plants get no operating or investment aid", "电源未享受补贴"),
    "direct_line": Fact("the electrolysers are fed by a direct line", "直接线路供电"),
    "no_grid_power_metered": Fact("a smart meter shows that no grid power is used", "智能电表证明未用网电"),
    "zone_renewable_share": Fact("renewable share of the bidding zone", "价区可再生能源占比", "number", (), "1"),
    "zone_gco2e_per_mj": Fact("carbon of the bidding zone's electricity", "价区电力碳强度", "number", (), "gCO2e/MJ"),
    "renewable_source": Fact("the energy source of the hydrogen is renewable", "制氢能源为可再生能源"),
}
"""Facts that the shipped rule sets ask for. Numbers that a metric of kind *given* needs can be declared under the metric's name."""


def known_facts() -> dict[str, Fact]:
    """Return all facts that can be declared: those above, and the metrics that nothing in a run computes."""
    given = {word: Fact(m.label_en, m.label_zh, "number", (), m.unit) for word, m in METRICS.items() if m.kind == "given"}
    return {**FACTS, **given}
