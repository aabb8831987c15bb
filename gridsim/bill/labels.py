"""What lines of a bill are called, in Chinese and English."""

from __future__ import annotations

LABELS: dict[str, tuple[str, str]] = {
    "energy.sharp": ("电度电费 尖峰", "Energy, sharp"),
    "energy.peak": ("电度电费 高峰", "Energy, peak"),
    "energy.flat": ("电度电费 平段", "Energy, flat"),
    "energy.valley": ("电度电费 低谷", "Energy, valley"),
    "energy.deep_valley": ("电度电费 深谷", "Energy, deep valley"),
    "adder.transmission_and_distribution": ("输配电费(按电量)", "Transmission and distribution, by energy"),
    "adder.line_loss": ("上网环节线损费", "Line loss"),
    "adder.system_operation_fee": ("系统运行费", "System operation fee"),
    "adder.funds_and_surcharge": ("政府性基金及附加", "Government funds and surcharge"),
    "network_fee.capacity": ("单一容量制输配电费(按平均负荷率)", "Transmission and distribution, by capacity"),
    "demand.metered": ("基本电费 实际最大需量", "Demand charge, metered"),
    "demand.transformer": ("基本电费 变压器容量", "Demand charge, transformer capacity"),
    "demand.contract": ("基本电费 合同最大需量", "Demand charge, contract"),
    "demand.excess": ("基本电费 超合同需量加收", "Demand charge, above contract"),
    "demand.coincident": ("系统高峰时段需量电费", "Coincident demand charge"),
    "power_factor": ("力调电费", "Power-factor adjustment"),
    "direct_supply": ("绿电直连电费", "Direct supply"),
    "direct_supply.received": ("绿电直连电费收入", "Direct supply, received"),
    "export": ("上网电费收入", "Export settlement"),
    "certificates.bought": ("绿证购入", "Green certificates bought"),
    "certificates.sold": ("绿证售出", "Green certificates sold"),
    "deviation.above": ("正偏差考核", "Deviation above the band"),
    "deviation.below": ("负偏差考核", "Deviation below the band"),
}

BEGINNINGS = {
    "energy": ("电度电费 ", "Energy, "),
    "adder": ("", ""),
    "self_use": ("自发自用 ", "Self-used: "),
    "neighbour": ("隔墙售电 ", "Sold next door: "),
    "wheeling": ("过网费 ", "Wheeling to "),
}

UNITS = {"kWh": ("千瓦时", "kWh"), "kW": ("千瓦", "kW"), "kVA": ("千伏安", "kVA"), "CNY": ("元", "CNY"), "MWh": ("兆瓦时", "MWh")}
"""Unit of a quantity; the price is in CNY (元) for one of it."""

ACCOUNTS = {"user": ("用户", "User"), "plant": ("电源", "Plant")}


def label(item: str) -> tuple[str, str]:
    """Return the Chinese and the English label of an item such as ``energy.peak``; names that a user made stay as they are."""
    if item in LABELS:
        return LABELS[item]
    kind, _, name = item.partition(".")
    of_adder = LABELS.get(f"adder.{name}")
    chinese, english = BEGINNINGS.get(kind, ("", ""))
    words = name.replace("_", " ")
    if of_adder is not None:
        return chinese + of_adder[0], english + of_adder[1].lower()
    return chinese + words, english + words if english else words[:1].upper() + words[1:]
