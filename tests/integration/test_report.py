"""The report of a real run: right numbers, nothing from outside, nothing that runs, both languages, any horizon."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from gridsim.folder import read_folder, write_hourly, write_json
from gridsim.report import html
from gridsim.report.balance import supply_and_use
from gridsim.report.figures.figure import unpacked
from gridsim.report.flows import CURTAILED, Node, flows
from gridsim.report.numbers import energy, mass, number, percent
from gridsim.report.view import RunView
from gridsim.report.words import Words, table
from gridsim.report.write import write_report
from gridsim.workflow import run

ROOT = Path(__file__).parents[2]
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


class Page(HTMLParser):
    """What a page shows, what it would fetch, and what it would run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag not in {"meta", "img", "br", "link"}:
            self._open.append((tag, "data" in (given.get("class") or "").split()))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        where = self._open[-1][0] if self._open else ""
        if where == "script":
            self.scripts.append(data)
        elif where != "style" and data.strip() and not any(is_data for _, is_data in self._open):
            self.shown.append(data.strip())

    @property
    def content(self) -> dict[str, Any]:
        return json.loads(next(script for script in self.scripts if script.startswith('{"figures"')))


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of the starter park, in one of which wind is curtailed."""
    folder = tmp_path_factory.mktemp("report") / "two_days"
    run(ROOT / "networks" / "starter", hours=(2160, 2208), out=folder, report=False)
    return folder


@pytest.fixture(scope="module")
def year(two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A leap year that repeats the two days."""
    return stretched(two_days, tmp_path_factory.mktemp("report") / "year", 8784, 60, "2028-01-01")


def stretched(source: Path, target: Path, steps: int, minutes: int, start: str) -> Path:
    """Return a folder with the same hours again and again; sums no longer agree with its summary."""
    target.mkdir()
    folder = read_folder(source)
    values = np.resize(folder.hourly.to_numpy(), (steps, folder.hourly.shape[1]))
    index = pd.date_range(start, periods=steps, freq=f"{minutes}min", name="time")
    write_hourly(target / "hourly.parquet", pd.DataFrame(values, columns=folder.hourly.columns, index=index), folder.units)
    record = {**folder.record, "park": {**folder.record["park"], "steps": steps, "step_minutes": minutes, "start": start}}
    write_json(target / "run.json", record)
    write_json(target / "summary.json", folder.summary)
    return target


def page_of(folder: Path, language: str = "en") -> Page:
    return Page(write_report(folder, language).read_text(encoding="utf-8"))


def copied(source: Path, target: Path) -> Path:
    return Path(shutil.copytree(source, target))


def test_report_says_what_the_summary_says(two_days: Path):
    page, summary = page_of(two_days), read_folder(two_days).summary
    shown = " ".join(page.shown)
    for key in ("green_share", "hourly_matched_share", "self_use_ratio", "export_ratio", "curtailment_rate"):
        value, unit = percent(summary[key]).split("\xa0")
        assert f"{value} {unit}" in shown, key
    for key in ("load_mwh", "curtailed_mwh", "export_mwh"):
        assert energy(summary[key]) in shown, key
    assert mass(summary["hydrogen_kg"]).replace("\xa0", " ") in shown
    assert f"{number(summary['peak_import_mw'])} MW" in shown
    assert f"{number(summary['cost_total_cny'] / 1e6)} million CNY" in shown
    assert summary["curtailed_mwh"] > 1.0


def test_flows_and_layers_agree_with_the_summary(two_days: Path):
    view = RunView(read_folder(two_days), Words("en"))
    summary = view.summary
    drawn = flows(view, tiny_share=0.0).flows
    sums = {
        "import_mwh": sum(flow.mwh for flow in drawn if flow.source == Node("technology", "grid", "supply")),
        "export_mwh": sum(flow.mwh for flow in drawn if flow.target == Node("technology", "grid", "use")),
        "curtailed_mwh": sum(flow.mwh for flow in drawn if flow.target == CURTAILED),
        "available_mwh": sum(flow.mwh for flow in drawn if view.type_of(flow.source.name) in ("wind", "solar")),
        "discharge_mwh": sum(flow.mwh for flow in drawn if flow.source == Node("technology", "battery_1", "supply")),
    }
    assert sums == pytest.approx({key: summary[key] for key in sums}, rel=1e-6, abs=1e-3)
    supply, use = supply_and_use(view)
    assert sum(part.power_mw for part in supply) == pytest.approx(sum(part.power_mw for part in use), abs=0.02)
    assert "other_supply" not in {part.group for part in supply}
    wind = next(part for part in supply if part.group == "wind")
    assert wind.power_mw.sum() == pytest.approx(summary["wind_1.energy_mwh"])


def test_report_needs_nothing_from_outside(year: Path):
    page = page_of(year)
    links = [
        value for _, given in page.tags for key, value in given.items() if key in {"src", "href", "data", "action", "srcset", "xlink:href"}
    ]
    assert all(link.startswith("#") for link in links)
    assert {tag for tag, _ in page.tags}.isdisjoint({"link", "img", "iframe", "object", "embed", "base", "form"})
    policy = next(given["content"] for tag, given in page.tags if tag == "meta" and "http-equiv" in given)
    assert policy.startswith("default-src 'none'")
    text = (year / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(", text[: text.index("</style>")])
    assert len(text.encode()) < 8e6


@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_of_a_park_do_not_run(two_days: Path, tmp_path: Path, language: str):
    folder = copied(two_days, tmp_path / "evil")
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    record["park"] |= {"name": EVIL, "description": EVIL, "stage": EVIL, "overrides": [EVIL]}
    record["warnings"] = [EVIL]
    for technology in record["technologies"].values():
        technology |= {"label": EVIL, "note": EVIL, "owner": EVIL}
    write_json(folder / "run.json", record)
    page = page_of(folder, language)
    assert [tag for tag, _ in page.tags if tag in {"script", "img"}] == ["script"] * 3
    assert not any(key.startswith("on") for _, given in page.tags for key in given)
    assert "alert(1)" not in page.scripts[1] + page.scripts[2]
    labels = page.content["figures"][0]["data"][0]["node"]["label"]
    assert not any("<" in label for label in labels)
    assert any("&lt;img" in label for label in labels)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figures_are_what_plotly_knows(year: Path, language: str):
    """plotly's own Python classes refuse unknown properties and wrong types."""
    import plotly.graph_objects as go

    figures = page_of(year, language).content["figures"]
    assert [figure["name"] for figure in figures] == [
        "flow",
        "curtailment-carpet",
        "curtailment-causes",
        "grid-carpet",
        "store-0",
        "store-1",
        "week-windiest",
        "week-darkest",
        "months-supply",
        "months-use",
        "duration",
        "costs",
        "trace-users",
        "cash-flow",
        "levelised-electricity",
        "levelised-hydrogen",
    ]
    for figure in figures:
        for trace in figure["data"]:
            trace |= {key: unpacked(trace[key]) for key in ("y", "z") if isinstance(trace.get(key), dict)}
        go.Figure(data=figure["data"], layout=figure["layout"])
    assert figures[1]["data"][0]["z"].shape == (24, 366)


def test_chinese_report_has_no_english_word_of_the_table(year: Path):
    page = page_of(year, "zh")
    shown = page.shown + [text for figure in page.content["figures"] for text in texts_of([figure["data"], figure["layout"]])]
    assert "绿电占比" in shown
    english, chinese = table()["en"], table()["zh"]
    found = []
    for key, text in english.items():
        for piece in re.split(r"{\w+}", text):
            piece = piece.strip(" .,;:()[]|–")
            if len(piece) >= 4 and piece not in chinese[key]:
                pattern = re.compile(rf"(?<![\w./]){re.escape(piece)}(?![\w./])")
                found += [(key, text) for text in shown if pattern.search(text)]
    assert found == []


def texts_of(content: Any) -> Any:
    """Yield what a figure would show."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key in {"text", "name", "hovertemplate", "label", "customdata"} or isinstance(value, dict | list):
                yield from texts_of(value)
    elif isinstance(content, list):
        for value in content:
            yield from texts_of(value)
    elif isinstance(content, str):
        yield content


@pytest.mark.parametrize("language", ["en", "zh"])
def test_workbook_holds_the_numbers_as_numbers(two_days: Path, language: str):
    write_report(two_days, language)
    folder, words = read_folder(two_days), Words(language)
    book = openpyxl.load_workbook(two_days / "tables.xlsx")
    kinds = ["summary", "monthly", "technologies", "costs", "curtailment", "hourly", "defaults", "run"]
    sheets = {kind: book[words(f"sheet.{kind}")] for kind in kinds}
    assert [name for name in book.sheetnames if name in {sheet.title for sheet in sheets.values()}] == [sheet.title for sheet in sheets.values()]
    assert len(book.sheetnames) > len(kinds) + 5  # rules, bill, money and carbon
    rows = list(sheets["summary"].iter_rows(min_row=2, values_only=True))
    assert {row[0]: row[1] for row in rows} == {
        key: pytest.approx(value, rel=1e-15) if isinstance(value, float) else value for key, value in folder.summary.items()
    }
    assert all(row[3] for row in rows)
    assert ("battery_1.energy_mwh", "MWh") in {(row[0], row[2]) for row in rows}
    hourly = np.array([row[1:] for row in sheets["hourly"].iter_rows(min_row=2, values_only=True)], dtype=float)
    assert hourly == pytest.approx(folder.hourly.to_numpy(), abs=5.1e-5)
    assert [row[0].value for row in sheets["hourly"].iter_rows(min_row=2, max_col=1)] == list(folder.hourly.index.to_pydatetime())
    assert sheets["hourly"]["B1"].value == "total:available_mw [MW]"
    assert all(sheet.freeze_panes == "B2" and sheet["A1"].font.bold for sheet in sheets.values())
    assert sheets["costs"].cell(sheets["costs"].max_row, 5).value == pytest.approx(folder.summary["cost_total_cny"])
    assert sheets["curtailment"].cell(2, sheets["curtailment"].max_column).value == pytest.approx(folder.summary["curtailed_mwh"])
    assert sheets["monthly"].cell(2, 2).value == pytest.approx(folder.summary["load_mwh"])
    assert sheets["defaults"].max_row == 1 + len(folder.record["defaults_used"])


def test_workbook_takes_no_name_for_a_formula_and_no_gap_for_a_number(two_days: Path, tmp_path: Path):
    folder = copied(two_days, tmp_path / "gap")
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    record["technologies"]["wind_1"]["label"] = '=HYPERLINK("x")'
    write_json(folder / "run.json", record)
    former = read_folder(folder)
    gap = former.hourly.columns.get_loc("park:price_cny_per_mwh")
    former.hourly.iloc[3, gap] = np.nan
    write_hourly(folder / "hourly.parquet", former.hourly, former.units)
    write_report(folder)
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    assert book["technologies"]["B2"].value == '=HYPERLINK("x")'
    assert book["technologies"]["B2"].data_type == "s" or book["technologies"]["B2"].quotePrefix
    assert book["hourly"].cell(5, gap + 2).value is None
    assert book["hourly"].cell(5, gap + 3).value is not None


@pytest.mark.parametrize(
    ("steps", "minutes", "left_out"),
    [
        (6, 60, {"left_out.months", "left_out.duration"}),
        (24, 60, {"left_out.months", "left_out.carpet"}),
        (168, 60, {"left_out.months", "left_out.carpet"}),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_short_horizons_leave_out_what_makes_no_sense(
    two_days: Path, tmp_path: Path, steps: int, minutes: int, left_out: set[str], language: str
):
    folder = stretched(two_days, tmp_path / "short", steps, minutes, "2030-04-22")
    page = page_of(folder, language)
    assert {Words(language)(key).format(days=14) for key in left_out} <= set(page.shown)
    names = [figure["name"] for figure in page.content["figures"]]
    assert "week-whole" in names
    assert not any("carpet" in name for name in names)


def test_quarter_hours_fill_a_carpet_of_96_rows(two_days: Path, tmp_path: Path):
    folder = stretched(two_days, tmp_path / "quarter", 96 * 20, 15, "2030-01-01")
    figures = {figure["name"]: figure for figure in page_of(folder).content["figures"]}
    carpet = figures["grid-carpet"]["data"][0]
    assert carpet["z"]["shape"] == [96, 20]
    assert (carpet["y0"], carpet["dy"]) == (0.125, 0.25)
    assert figures["week-windiest"]["data"][0]["y"]["shape"] == [672 + 1]


def test_a_real_run_of_six_hours_has_a_report(tmp_path: Path):
    run(ROOT / "networks" / "starter", hours=(0, 6), out=tmp_path / "run", report=False)
    page = page_of(tmp_path / "run")
    assert Words("en")("left_out.duration") in page.shown


def test_nothing_half_is_left_behind(two_days: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = copied(two_days, tmp_path / "run")
    write_report(folder)
    before = (folder / "report.html").read_bytes()

    def fails(view: RunView) -> str:
        raise RuntimeError("full disk")

    monkeypatch.setattr(html, "page", fails)
    with pytest.raises(RuntimeError, match="full disk"):
        write_report(folder)
    assert (folder / "report.html").read_bytes() == before
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs a browser")
def test_a_browser_draws_every_figure(year: Path, tmp_path: Path):
    report = write_report(year, "zh")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--enable-logging=stderr", "--v=0"]
    done = subprocess.run(
        [*command, f"--user-data-dir={tmp_path}", "--dump-dom", report.as_uri()], capture_output=True, text=True, timeout=120, check=False
    )
    assert "data-drawn-after-ms=" in done.stdout, done.stderr[-2000:]
    assert done.stdout.count('class="drawing js-plotly-plot"') == 16
    assert "Uncaught" not in done.stderr
