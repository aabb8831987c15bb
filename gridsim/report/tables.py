"""The report's tables as text, ready to lay out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gridsim.report.figures.costs import costs_by_technology, kinds
from gridsim.report.monthly import causes, monthly_rows
from gridsim.report.numbers import SPACE, energy_scale, mass, number, percent, unit_of

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
    whole: bool = False
    """Its words are not broken into lines."""


class Cell(str):
    """Text of a cell with a tone, and a note below it in small print."""

    __slots__ = ("note", "tone")

    tone: str
    """``good``, ``bad``, ``open`` or ``faint``, or empty; the text says the same in words."""
    note: str

    def __new__(cls, text: str, tone: str = "", note: str = "") -> Cell:
        """Return the text, marked."""
        cell = super().__new__(cls, text)
        cell.tone, cell.note = tone, note
        return cell


@dataclass(frozen=True)
class Table:
    """Rows of text; the last may be a sum."""

    columns: list[Column]
    rows: list[list[str]]
    total: list[str] = field(default_factory=list)
    caption: str = ""
    folded: str = ""
    """Where given, the table hides behind this line until it is opened or printed."""
    title: str = ""
    """Above the table, where a section has several."""


SUMMARY_SHARES = ("green_share", "green_share_annual_balance", "green_share_monthly", "hourly_matched_share", "green_share_hourly_without_storage")


def green_share_table(view: RunView) -> Table | None:
    """The share of green power, counted five ways."""
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

    columns = [Column(words("table.month"), text=True, whole=True)]
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
        row = [
            view.label(name),
            words.named("type", technology["type"]),
            _capacity(figures),
            _scaled(figures, "energy_mwh", factor),
            _product(figures),
        ]
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
    return Table(
        columns + ([Column(words("table.owner"), text=True, data=True)] if owners else []), rows, caption=words("technologies.caption")
    )


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
