"""The report's tables as text, ready to lay out."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gridsim.report.figures.costs import costs_by_technology, kinds
from gridsim.report.monthly import causes, monthly_rows
from gridsim.report.numbers import SPACE, energy_scale, mass, number, percent, scientific, unit_of
from gridsim.units import KWH_PER_KG_HYDROGEN

if TYPE_CHECKING:
    from gridsim.report.view import RunView


@dataclass(frozen=True)
class Column:
    """Head of a column."""

    title: str
    unit: str = ""
    text: bool = False
    """Left-aligned; numbers are right-aligned."""
    data: bool = False
    """Holds names, sources and other text that the run gave."""


@dataclass(frozen=True)
class Table:
    """Rows of text; the last may be a sum."""

    columns: list[Column]
    rows: list[list[str]]
    total: list[str] = field(default_factory=list)
    caption: str = ""
    folded: str = ""
    """Where given, the table hides behind this line until it is opened or printed."""


SUMMARY_SHARES = ("green_share", "green_share_monthly", "hourly_matched_share", "green_share_hourly_without_storage")


def green_share_table(view: RunView) -> Table | None:
    """The share of green power, counted four ways."""
    words = view.words
    rows = [[words(f"word.{key}"), percent(view.summary[key]), words(f"meaning.{key}")] for key in SUMMARY_SHARES if key in view.summary]
    columns = [Column(words("table.green_share"), text=True), Column(words("table.share")), Column(words("table.meaning"), text=True)]
    return Table(columns, rows) if rows else None


def cause_table(view: RunView) -> Table | None:
    """Curtailed energy by cause, with what each cause means."""
    words, found = view.words, causes(view)
    sums = {cause: float(power.sum() * view.step_hours) for cause, power in found.items()}
    total = sum(sums.values())
    if total <= 0:
        return None
    factor, unit = energy_scale(total)
    rows = [
        [words.named("cause", cause), number(mwh / factor), percent(mwh / total), words.get(f"cause_meaning.{cause}")]
        for cause, mwh in sorted(sums.items(), key=lambda item: -item[1])
    ]
    columns = [
        Column(words("table.cause"), text=True),
        Column(words("table.curtailed"), unit),
        Column(words("table.share")),
        Column(words("table.meaning"), text=True),
    ]
    return Table(columns, rows, [words("table.total"), number(total / factor), percent(1.0), ""])


def month_table(view: RunView) -> Table:
    """One row a month, and the whole horizon."""
    words, rows = view.words, monthly_rows(view)
    year = {"month": words("table.total"), **view.summary}
    products = [key for key in ("hydrogen_kg", "ammonia_t") if any(row[key] for row in rows)]
    energies = ["load_mwh", "available_mwh", "curtailed_mwh", "import_mwh", "export_mwh"]
    share_keys = ["green_share", "hourly_matched_share", "self_use_ratio", "export_ratio", "curtailment_rate"]
    factor, unit = energy_scale(max(float(row[key]) for row in rows for key in energies))

    def cells(row: dict[str, Any]) -> list[str]:
        result = [str(row["month"])]
        result += [number(row[key] / factor) for key in energies]
        result += [percent(row[key]) for key in share_keys]
        result += [number(row[key]) for key in ("peak_import_mw", "peak_export_mw")]
        return result + [number(row[key] / (1e3 if key == "hydrogen_kg" else 1.0)) for key in products]

    columns = [Column(words("table.month"), text=True)]
    columns += [Column(words(f"short.{key}"), unit) for key in energies]
    columns += [Column(words(f"short.{key}")) for key in share_keys]
    columns += [Column(words(f"short.{key}"), "MW") for key in ("peak_import_mw", "peak_export_mw")]
    columns += [Column(words(f"short.{key}"), "t") for key in products]
    return Table(columns, [cells(row) for row in rows], cells(year) if len(rows) > 1 else [])


def cost_table(view: RunView) -> Table | None:
    """One row a technology, one column a kind."""
    table = costs_by_technology(view)
    if not table:
        return None
    words, (factor, unit) = view.words, view.words.money
    present = kinds(view)

    def cells(name: str, row: dict[str, float]) -> list[str]:
        amounts = [row.get(kind) for kind in present] + [sum(row.values())]
        return [name, *("" if cny is None else number(cny / factor) for cny in amounts)]

    rows = [cells(view.label(name), row) for name, row in sorted(table.items(), key=lambda item: -sum(item[1].values()))]
    sums = {kind: sum(row.get(kind, 0.0) for row in table.values()) for kind in present}
    columns = [Column(words("table.technology"), text=True, data=True)]
    columns += [Column(words.named("cost", kind), unit) for kind in present] + [Column(words("table.total"), unit)]
    return Table(columns, rows, cells(words("table.total"), sums))


def figures_of(view: RunView, name: str) -> dict[str, Any]:
    """Return the figures that ``summary.json`` holds for one technology."""
    prefix = f"{name}."
    return {key[len(prefix) :]: value for key, value in view.summary.items() if key.startswith(prefix)}


def technology_table(view: RunView) -> Table:
    """Size, energy, product, full-load hours, cycles and curtailment of each technology, in the order of the park file."""
    words = view.words
    owners = any(technology["owner"] for technology in view.technologies.values())
    found = {name: figures_of(view, name) for name in view.technologies}
    factor, unit = energy_scale(max((figures.get("energy_mwh", 0.0) for figures in found.values()), default=0.0))
    rows = []
    for name, technology in view.technologies.items():
        figures = found[name]
        row = [view.label(name), words.named("type", technology["type"]), _capacity(figures), _scaled(figures, "energy_mwh", factor), _product(figures)]
        row += [number(figures[key]) if key in figures else "" for key in ("full_load_hours", "cycles")]
        row += [_scaled(figures, "curtailed_mwh", factor)]
        row += [percent(figures["curtailed_mwh"] / figures["available_mwh"]) if figures.get("available_mwh") else ""]
        rows.append(row + ([technology["owner"]] if owners else []))
    columns = [
        Column(words("table.technology"), text=True, data=True),
        Column(words("table.type"), text=True),
        Column(words("table.capacity")),
        Column(words("table.electricity"), unit),
        Column(words("table.product")),
        Column(words("table.full_load_hours"), "h"),
        Column(words("table.cycles"), "1"),
        Column(words("table.curtailed"), unit),
        Column(words("word.curtailment_rate")),
    ]
    return Table(columns + ([Column(words("table.owner"), text=True, data=True)] if owners else []), rows, caption=words("technologies.caption"))


def _scaled(figures: dict[str, Any], key: str, factor: float) -> str:
    return number(figures[key] / factor) if key in figures else ""


def _capacity(figures: dict[str, Any]) -> str:
    parts = [f"{number(value)}{SPACE}{unit_of(key)}" for key, value in figures.items() if key.startswith("capacity_")]
    return ", ".join(parts)


def _product(figures: dict[str, Any]) -> str:
    """Hydrogen or ammonia that a technology made, delivered or gave back: the first that it reports."""
    for key in ("ammonia_t", "hydrogen_kg", "delivered_kg", "delivered_t", "emptied_kg"):
        if key in figures:
            return mass(figures[key] * (1e3 if key.endswith("_t") else 1.0))
    return ""


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
        rows.append([view.label(technology), words.named("request", request), str(len(prices)), *spread, unit])
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
        groups[f"{where}: {key or name}", value, default["unit"], default["certainty"], default["source"]].append(view.label(name) if name else "")
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
    return Table(columns, rows, caption=words("defaults.certainty"), folded=words("defaults.folded", count=f"{count:,}", rows=f"{len(rows):,}"))


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
        ("run.horizon", words("run.horizon_value", start=park["start"], steps=f"{park['steps']:,}", minutes=park["step_minutes"], zone=park["time_zone"])),
        ("run.level", words.named("level", record["level"])),
        ("run.solver_status", words.named("condition", ending["condition"])),
        ("run.gap", percent(ending["gap"])),
        ("run.iterations", words("run.iterations_value", iterations=f"{ending['iterations']:,}", rounds=ending["rounds"], binaries=f"{ending['binaries']:,}")),
        ("run.options", ", ".join(f"{key}={value}" for key, value in ending["options"].items())),
        ("run.memory", f"{number(record['peak_memory_mb'])}{SPACE}MB"),
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
    return Table([Column(words("table.stage"), text=True), Column(words("table.time"), "s")], rows, [words("table.total"), f"{sum(seconds.values()):,.2f}"])
