"""Tables of what was assumed and how well the answer holds: limits, defaults, facts of the run."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from gridsim.report.numbers import SPACE, number, percent, scientific, unit_of
from gridsim.report.tables import Column, Table
from gridsim.units import KWH_PER_KG_HYDROGEN

if TYPE_CHECKING:
    from gridsim.report.view import RunView


def limit_table(view: RunView) -> Table | None:
    """Annual limits: what was demanded, what was reached, and what a MWh more would change."""
    words, limits = view.words, {key: value for key, value in view.record["limits"].items() if isinstance(value, int | float)}
    if not limits:
        return None
    reached = _reached(view)
    rows = []
    for key, value in limits.items():
        prices = view.record["limit_prices_cny_per_mwh"].get(f"limits.{key}", [])
        of = view.record["limits"].get("export_share_of") if key == "export_share_max" else None
        name = words.named("limit", f"{key}_of_{of}" if of else key)
        rows.append([name, percent(value), percent(reached[key]) if key in reached else "", number(prices[0]) if prices else ""])
    columns = [
        Column(words("table.limit"), text=True),
        Column(words("table.demanded")),
        Column(words("table.reached")),
        Column(words("table.shadow_price"), "CNY/MWh"),
    ]
    return Table(columns, rows, caption=words("limits.caption"))


def _reached(view: RunView) -> dict[str, float]:
    summary = view.summary
    of = view.record["limits"].get("export_share_of", "available")
    return {
        "import_share_max": 1.0 - summary["green_share"],
        "green_share_min": summary["green_share"],
        "self_use_ratio_min": summary["self_use_ratio"],
        "export_share_max": summary["export_ratio" if of == "available" else "export_ratio_of_generation"],
        "curtailment_rate_max": summary["curtailment_rate"],
    }


def quota_table(view: RunView) -> Table | None:
    """Shadow prices of quotas and other limits of a period: lowest, mean and highest over the periods."""
    words, rows = view.words, []
    for name, prices in view.record["limit_prices_cny_per_mwh"].items():
        if name.startswith("limits.") or not prices:
            continue
        technology, _, request = name.partition(".")
        factor, unit = _price_unit(view, technology)
        spread = [number(price * factor) for price in (min(prices), sum(prices) / len(prices), max(prices))]
        named = _rule(view, request) if technology == "rules" else [view.label(technology), words.named("request", request)]
        rows.append([*named, str(len(prices)), *spread, unit])
    columns = [
        Column(words("table.technology"), text=True, data=True),
        Column(words("table.limit"), text=True),
        Column(words("table.periods"), "1"),
        Column(words("table.lowest")),
        Column(words("table.mean")),
        Column(words("table.highest")),
        Column(words("table.unit"), text=True),
    ]
    return Table(columns, rows, caption=words("limits.quota_caption")) if rows else None


def _rule(view: RunView, name: str) -> list[str]:
    """Return the rule set that a rule is of, and what it says."""
    language, accounts = view.words.language, view.record.get("accounts") or {"rules": []}
    found = next((finding for finding in accounts["rules"] if finding["name"] == name), None)
    if found is None:
        return [name.partition(".")[0], name.partition(".")[2]]
    return [f"{found[f'title_{language}']} · {found['document']}", found[f"text_{language}"]]


def _price_unit(view: RunView, technology: str) -> tuple[float, str]:
    """Return factor and unit that turn CNY per unit of the network into CNY per unit of the product."""
    product = view.type_of(technology).removesuffix("_demand")
    if product == "hydrogen":
        return KWH_PER_KG_HYDROGEN / 1e3, "CNY/kg"
    return 1.0, "CNY/t" if product == "ammonia" else "CNY/MWh"


def defaults_table(view: RunView) -> Table | None:
    """Shipped defaults that were used; technologies that share one stand in one row."""
    words = view.words
    groups: dict[tuple[str, str, str, str, str], list[str]] = defaultdict(list)
    for default in view.record["defaults_used"]:
        section, _, rest = default["path"].partition(".")
        name, _, key = rest.partition(".") if section == "technologies" else ("", "", rest)
        where = words.named("type", view.type_of(name)) if name else words.named("section", section)
        value = default["value"] if isinstance(default["value"], str) else json.dumps(default["value"], ensure_ascii=False)
        groups[f"{where}: {key or name}", value, default["unit"], default["certainty"], default["source"]].append(
            view.label(name) if name else ""
        )
    if not groups:
        return None
    rows = [
        [key, _curve(value), unit, certainty, source, ", ".join(dict.fromkeys(label for label in labels if label))]
        for (key, value, unit, certainty, source), labels in groups.items()
    ]
    columns = [
        Column(words("table.field"), text=True, data=True),
        Column(words("table.value"), data=True),
        Column(words("table.unit"), text=True, data=True),
        Column(words("table.certainty"), text=True, data=True),
        Column(words("table.source"), text=True, data=True),
        Column(words("table.used_by"), text=True, data=True),
    ]
    count = len(view.record["defaults_used"])
    return Table(
        columns, rows, caption=words("defaults.certainty"), folded=words("defaults.folded", count=f"{count:,}", rows=f"{len(rows):,}")
    )


def _curve(text: str) -> str:
    """Write the points of a curve so that they can be broken over lines."""
    value = json.loads(text) if text.startswith("[[") else None
    return text if value is None else "; ".join(" → ".join(f"{part:g}" for part in point) for point in value)


def run_table(view: RunView) -> Table:
    """What was run, with what, and how well it holds."""
    words, record = view.words, view.record
    ending, park = record["termination"], record["park"]
    facts = [
        ("run.park", park["name"]),
        ("run.stage", park["stage"] or words("run.no_stage")),
        ("run.overrides", "; ".join(park["overrides"]) or words("run.none")),
        (
            "run.horizon",
            words(
                "run.horizon_value", start=park["start"], steps=f"{park['steps']:,}", minutes=park["step_minutes"], zone=park["time_zone"]
            ),
        ),
        ("run.level", words.named("level", record["level"])),
        ("run.solver_status", words.named("condition", ending["condition"])),
        ("run.gap", percent(ending["gap"])),
        (
            "run.iterations",
            words(
                "run.iterations_value", iterations=f"{ending['iterations']:,}", rounds=ending["rounds"], binaries=f"{ending['binaries']:,}"
            ),
        ),
        ("run.options", ", ".join(f"{key}={value}" for key, value in ending["options"].items())),
        ("run.memory", "–" if record["peak_memory_mb"] is None else f"{number(record['peak_memory_mb'])}{SPACE}MB"),
        ("run.versions", ", ".join(f"{name} {version}" for name, version in record["versions"].items())),
        ("run.sha256", park["sha256"]),
    ]
    columns = [Column(words("table.fact"), text=True), Column(words("table.value"), text=True, data=True)]
    return Table(columns, [[words(key), value] for key, value in facts])


def audit_table(view: RunView) -> Table:
    """Residuals that were computed again from the tables."""
    words = view.words
    rows = [[words.named("audit", key), scientific(value), unit_of(key).replace("1", "")] for key, value in view.record["audit"].items()]
    if "green_ledger_residual_mw" in view.summary:
        rows.append([words("audit.green_ledger_residual_mw"), scientific(view.summary["green_ledger_residual_mw"]), "MW"])
    return Table([Column(words("table.audit"), text=True), Column(words("table.value")), Column(words("table.unit"), text=True)], rows)


def seconds_table(view: RunView) -> Table:
    """Seconds by stage."""
    words, seconds = view.words, view.record["seconds"]
    rows = [[words.named("stage", stage), f"{spent:,.2f}"] for stage, spent in seconds.items()]
    return Table(
        [Column(words("table.stage"), text=True), Column(words("table.time"), "s")],
        rows,
        [words("table.total"), f"{sum(seconds.values()):,.2f}"],
    )
