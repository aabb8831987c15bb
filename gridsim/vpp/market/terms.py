"""The words a market's file may use for its numbers: unit, range, the products they belong to, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Product = Literal["day_ahead_energy", "reserve", "regulation", "peak_shaving", "valley_filling", "demand_response", "green_certificate"]
Direction = Literal["up", "down", "both"]
"""Seen from the grid: ``up`` relieves it (less import, more export, 削峰), ``down`` takes more from it (填谷); ``both`` holds the same MW either way."""

CALLED: tuple[Product, ...] = ("peak_shaving", "valley_filling", "demand_response")
"""Products that are paid by calls, measured against a baseline."""
CAPACITY: tuple[Product, ...] = ("reserve", "regulation")
"""Products that are paid for MW held ready."""
POWER = (*CAPACITY, *CALLED)
ENERGY: tuple[Product, ...] = ("day_ahead_energy",)

PRODUCTS: dict[str, tuple[str, str]] = {
    "day_ahead_energy": ("日前电能量", "Day-ahead energy"),
    "reserve": ("备用", "Reserve"),
    "regulation": ("二次调频", "Secondary frequency regulation"),
    "peak_shaving": ("调峰（削峰）", "Peak shaving"),
    "valley_filling": ("填谷", "Valley filling"),
    "demand_response": ("需求响应", "Demand response"),
    "green_certificate": ("绿证", "Green certificates"),
}
"""Chinese and English name of each product."""


@dataclass(frozen=True)
class Term:
    """One number of a market's rules."""

    unit: str
    products: tuple[str, ...]
    label_zh: str
    label_en: str
    least: float | None = 0.0
    most: float | None = None


TERMS: dict[str, Term] = {
    "minimum_mw": Term("MW", (*ENERGY, *POWER), "最小申报容量", "Smallest offer"),
    "step_mw": Term("MW", (*ENERGY, *POWER), "申报最小单位", "Smallest step of an offer"),
    "most_steps": Term("1", ENERGY, "报价段数上限", "Most price-quantity steps of a bid", 1.0),
    "minimum_hours": Term("h", POWER, "最短持续时间", "Shortest time an offer must be kept up"),
    "maximum_hours": Term("h", CALLED, "单次最长时间", "Longest call"),
    "gate_closure_hours": Term("h", (*ENERGY, *POWER), "申报截止（交割日零时之前）", "Gate closure, before the day of delivery begins"),
    "notice_minutes": Term("min", POWER, "提前通知时间", "Notice before a call"),
    "calls_per_day": Term("1", POWER, "每日调用次数上限", "Most calls a day"),
    "calls_per_year": Term("1", POWER, "每年调用次数上限", "Most calls a year"),
    "hours_per_year": Term("h", POWER, "每年调用小时上限", "Most hours called a year"),
    "price_floor": Term("as the price", (*ENERGY, *POWER), "报价下限", "Lowest price of an offer", None),
    "price_cap": Term("as the price", (*ENERGY, *POWER), "报价上限", "Highest price of an offer", None),
    "price_step": Term("as the price", (*ENERGY, *POWER), "报价最小单位", "Smallest step of a price"),
    "capacity_price_cny_per_mw_h": Term("CNY/MW h", CAPACITY, "容量补偿价格", "Paid for a MW held ready an hour"),
    "mileage_price_cny_per_mw": Term("CNY/MW", ("regulation",), "调频里程价格", "Paid for a MW of mileage at a performance of 1"),
    "weight_rate": Term("1", ("regulation",), "调节速率 k1 权重", "Weight of the rate index k1"),
    "weight_delay": Term("1", ("regulation",), "响应时间 k2 权重", "Weight of the delay index k2"),
    "weight_precision": Term("1", ("regulation",), "调节精度 k3 权重", "Weight of the precision index k3"),
    "performance_cap": Term("1", ("regulation",), "综合性能指标结算上限", "Highest performance index that is paid"),
    "performance_least": Term("1", ("regulation",), "综合性能指标准入下限", "Performance index below which an hour is not paid"),
    "energy_price_cny_per_mwh": Term("CNY/MWh", POWER, "电量补偿价格", "Paid for energy delivered on call"),
    "call_price_cny_per_mw": Term("CNY/MW", CALLED, "单次响应容量补偿", "Paid for the mean MW of a call"),
    "full_pay_from_share": Term("1", POWER, "按实际响应量结算的最低完成率", "Share of what was asked from which delivery is paid in full", 0.0, 1.0),
    "no_pay_below_share": Term("1", POWER, "不予补偿的完成率", "Share of what was asked below which nothing is paid", 0.0, 1.0),
    "reduced_pay_factor": Term("1", POWER, "完成率不足时的补偿系数", "Factor on payment between these two shares", 0.0, 1.0),
    "paid_up_to_share": Term("1", POWER, "补偿量上限（占申报量）", "Share of what was asked up to which delivery is paid", 1.0),
    "penalty_factor": Term("1", POWER, "缺额考核系数", "Penalty on what is missing, as a multiple of its price"),
    "tolerance_share": Term("1", (*ENERGY, *POWER), "允许偏差", "Share of what was sold or asked that may be missed free of penalty", 0.0, 1.0),
    "imbalance_short_factor": Term("1", ENERGY, "欠发（多用）偏差价格系数", "Imbalance price over day-ahead price, for what is missing"),
    "imbalance_long_factor": Term("1", ENERGY, "超发（少用）偏差价格系数", "Imbalance price over day-ahead price, for what is beyond"),
    "certificate_price_cny_per_mwh": Term("CNY/MWh", ("green_certificate",), "绿证价格", "Price of a certificate of 1 MWh"),
}

NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "day_ahead_energy": (),
    "reserve": (("capacity_price_cny_per_mw_h",),),
    "regulation": (("mileage_price_cny_per_mw",), ("weight_rate",), ("weight_delay",), ("weight_precision",)),
    "peak_shaving": (("energy_price_cny_per_mwh", "call_price_cny_per_mw"),),
    "valley_filling": (("energy_price_cny_per_mwh", "call_price_cny_per_mw"),),
    "demand_response": (("energy_price_cny_per_mwh", "call_price_cny_per_mw"),),
    "green_certificate": (("certificate_price_cny_per_mwh",),),
}
"""Terms that settlement cannot do without: of each group at least one. A price may also come as a series."""

WITHOUT: dict[str, float] = {
    "minimum_mw": 0.0,
    "step_mw": 0.0,
    "minimum_hours": 0.0,
    "full_pay_from_share": 0.0,
    "no_pay_below_share": 0.0,
    "reduced_pay_factor": 1.0,
    "penalty_factor": 0.0,
    "tolerance_share": 0.0,
    "performance_least": 0.0,
    "imbalance_short_factor": 1.0,
    "imbalance_long_factor": 1.0,
}
"""What a term that is not stated counts as: the rule that it would make is not there. Limits that are not listed here count as none."""
