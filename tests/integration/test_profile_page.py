"""The page of a profile set: numbers that are known, nothing from outside, both languages, any step and any number of columns."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_report import EVIL, Page, texts_of

from gridsim.errors import DefinitionError
from gridsim.profiles.weather.finding import Finding
from gridsim.report.figures.figure import unpacked
from gridsim.report.numbers import number, percent
from gridsim.report.profile_page import Compared, columns_of, write_profile_page
from gridsim.report.words import Words, table

ROOT = Path(__file__).parents[2]
CHIFENG = ROOT / "profiles" / "chifeng"
FINDINGS = (
    Finding("coverage", "ok", "one whole year"),
    Finding("gaps", "warning", "312 steps were missing", "look for a better source", 312, "2030-02-03 04:00"),
    Finding("frozen", "fault", "the same value for 96 steps", "replace the sensor", 96, "2030-05-01 00:00"),
)


def made(folder: Path, columns: dict[str, tuple[Any, str, str]], minutes: int = 60, start: str = "2030-01-01", time: str = "year: 2030", **more: str) -> Path:
    """Return a set of one file; columns are values, unit, and what 1.0 stands for."""
    folder.mkdir(parents=True, exist_ok=True)
    steps = len(next(iter(columns.values()))[0])
    index = pd.date_range(start, periods=steps, freq=f"{minutes}min").strftime("%Y-%m-%d %H:%M")
    frame = pd.DataFrame({name: values for name, (values, _, _) in columns.items()}, index=pd.Index(index, name="time"))
    text = frame.to_csv(float_format="%.9g", lineterminator="\n")
    (folder / "s.csv").write_text(text, encoding="utf-8")
    listed = "".join(f"      {name}: {{unit: {unit}, of: {basis!r}, note: {more.get('note', '')!r}}}\n" for name, (_, unit, basis) in columns.items())
    sha = more.get("sha256", hashlib.sha256(text.encode()).hexdigest())
    (folder / "profiles.yaml").write_text(
        f"title: {more.get('title', 'A set')!r}\ntime: {{{time}, step_minutes: {minutes}, time_zone: Asia/Shanghai}}\n"
        f"files:\n  s.csv:\n    sha256: {sha}\n    origin: made by a test\n    licence: MIT\n    columns:\n{listed}",
        encoding="utf-8",
    )
    return folder


def page_of(folder: Path, out: Path, **more: Any) -> Page:
    return Page(write_profile_page(folder, out=out, **more).read_text(encoding="utf-8"))


def rows_of(text: str) -> list[list[str]]:
    """Return the cells of every row of every table of a page."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", text, flags=re.DOTALL)
    return [[re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, flags=re.DOTALL)] for row in rows]


def row_of(text: str, *beginning: str) -> list[str]:
    return next(row for row in rows_of(text) if row[: len(beginning)] == list(beginning))


def figures_of(page: Page) -> dict[str, dict[str, Any]]:
    return {figure["name"]: figure for figure in page.content["figures"]}


def hours(count: int = 8760, minutes: int = 60) -> np.ndarray:
    return np.arange(count) * minutes / 60


@pytest.fixture(scope="module")
def chifeng(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("page") / "chifeng.html"
    return write_profile_page(CHIFENG, out=out).read_text(encoding="utf-8")


def test_the_table_has_the_numbers_of_the_files(chifeng: str):
    """Proves: full-load hours are the sum of an hourly per-unit series, the load factor its mean over its peak."""
    weather, loads = (pd.read_csv(CHIFENG / file, index_col="time") for file in ("weather.csv", "loads.csv"))
    generation = [name for name in weather if name.startswith(("wind_", "solar_"))]
    powers = [name for name in loads if not name.endswith("mvar")]
    assert len(generation) >= 6 and len(powers) >= 10
    for name in generation:
        row = row_of(chifeng, name)
        assert row[7] == f"{round(weather[name].sum()):,}", name
        assert row[10] == percent((weather[name] == 0).mean()), name
    for name in powers:
        assert row_of(chifeng, name)[8] == number(loads[name].mean() / loads[name].max()), name


def test_chifeng_names_place_origin_licence_and_checksum(chifeng: str):
    cells = row_of(chifeng, "weather.csv")
    assert cells[2] == "MIT" and cells[4] == "agrees"
    assert re.search(r"\d N \d+\.?\d* E", row_of(chifeng, "Places named in the notes")[1])
    sections = re.findall(r'<section id="([\w-]+)"', chifeng)
    assert sections[:5] == ["set", "columns", "findings", "wind", "solar"]
    assert {"loads", "temperature"} <= set(sections)


def test_a_sine_has_the_numbers_of_a_sine(tmp_path: Path):
    """Proves: 0.5 + 0.4 sin over whole days: mean 0.5, 4380 h, deviation 0.4/√2, rho(1 h) = cos 15°, largest hourly change 2 · 0.4 · sin 7.5°."""
    values = 0.5 + 0.4 * np.sin(2 * np.pi * hours() / 24)
    text = write_profile_page(made(tmp_path / "set", {"wind": (values, "pu", "rated power")})).read_text(encoding="utf-8")
    row, judged = rows_of(text)[[row[:1] for row in rows_of(text)].index(["wind"])], [row for row in rows_of(text) if row[:1] == ["wind"]][1]
    assert row[:10] == ["wind", "Wind", "pu", "rated power", "0.500", "0.100", "0.900", "4,380", "0.104", "0\xa0%"]
    assert judged[1:] == ["0.283", "0.104", "0.966", "1.000", "–", "–"]
    memory = unpacked(figures_of(Page(text))["wind-spread"]["data"][1]["y"])
    assert memory == pytest.approx(np.cos(2 * np.pi * np.arange(73) / 24), abs=2e-3)


def test_a_remembering_process_has_the_memory_of_its_power(tmp_path: Path):
    """Proves: hourly AR(1) of phi = 0.95 over ten years has rho(1) = 0.95 and rho(24) = 0.95 ** 24 = 0.292."""
    rng, values = np.random.default_rng(3), np.zeros(87_600)
    shocks = rng.standard_normal(len(values)) * np.sqrt(1 - 0.95**2)
    for step in range(1, len(values)):
        values[step] = 0.95 * values[step - 1] + shocks[step]
    folder = made(tmp_path / "set", {"temperature_degc": (values, "degC", "")}, time="start: 2030-01-01, hours: 87600")
    page = page_of(folder, tmp_path / "p.html")
    memory = unpacked(figures_of(page)["temperature-spread"]["data"][1]["y"])
    assert memory[[1, 24]] == pytest.approx([0.95, 0.95**24], abs=0.03)


def test_quarter_hours_are_judged_by_their_hours(tmp_path: Path):
    """Proves: 0, 0, 0, 1 MW within each hour never changes from hour to hour but by 1 MW from step to step; mean and load factor are 0.25."""
    values = np.tile([0.0, 0.0, 0.0, 1.0], 8760)
    folder = made(tmp_path / "set", {"furnace_mw": (values, "MW", ""), "furnace_mvar": (values * 0.5, "Mvar", "")}, 15)
    text = write_profile_page(folder).read_text(encoding="utf-8")
    assert row_of(text, "furnace_mw")[4:11] == ["0.250", "0", "1.00", "0.250", "0", "1.00", "75.0\xa0%"]
    figures = figures_of(Page(text))
    assert figures["loads-carpet-0"]["data"][0]["z"]["shape"] == [96, 365]
    assert figures["loads-days"]["data"][0]["y"]["shape"] == [96]
    assert "reactive-carpet-0" in figures


def test_five_minutes_fill_a_carpet_in_means_of_a_quarter_hour(tmp_path: Path):
    folder = made(tmp_path / "set", {"load_mw": (np.arange(288 * 20) % 288, "MW", "")}, 5, time="start: 2030-03-01, hours: 480", start="2030-03-01")
    carpet = figures_of(page_of(folder, tmp_path / "p.html"))["loads-carpet-0"]["data"][0]
    assert carpet["z"]["shape"] == [96, 20]
    assert unpacked(carpet["z"])[:2, 0] == pytest.approx([1.0, 4.0], abs=0.01)


def test_a_second_source_has_its_own_lines_and_a_table_of_differences(tmp_path: Path):
    """Proves: 0.4 against 0.5 of the same days: −0.1, −20 %, 3504 h against 4380 h; daily means in step have the correlation 1."""
    ripple = np.sin(2 * np.pi * np.arange(8760) // 24 / 365) * 0.1
    folder = made(tmp_path / "set", {"wind": (0.4 + ripple, "pu", "rated power"), "wind_2": (0.3 + ripple, "pu", "rated power")})
    stamps = np.datetime64("2030-01-01T00:00") + np.arange(17_520) * np.timedelta64(30, "m")
    second = Compared("reanalysis", np.repeat(0.5 + ripple, 2), stamps, "a service")
    text = write_profile_page(folder, compare={"wind": second}).read_text(encoding="utf-8")
    name = "wind – reanalysis"
    assert row_of(text, name, "Mean")[2:] == ["pu", "0.400", "0.500", "−0.100", "−20.0\xa0%"]
    assert row_of(text, name, "Full-load hours")[3:6] == ["3,504", "4,380", "−876"]
    assert row_of(text, name, "Correlation of daily means, 365 days in common")[3] == "1.000"
    assert row_of(text, name, "1 h change, 99th percentile")[5] == "0"
    assert "Second sources: a service." in text
    figures = figures_of(Page(text))
    for figure in ("wind-months", "wind-days", "wind-spread"):
        assert name in {trace["name"] for trace in figures[figure]["data"]}, figure
    assert {trace["name"] for trace in figures["wind-weeks"]["data"]} == {"wind", "wind_2"}
    bars = {trace["name"]: trace["y"] for trace in figures["wind-months"]["data"]}
    assert np.array(bars[name]) - np.array(bars["wind"]) == pytest.approx(0.1, abs=1e-4)


def test_another_year_has_no_common_days_and_a_climatology_only_months(tmp_path: Path):
    folder = made(tmp_path / "set", {"t": (np.full(8760, 8.0), "degC", ""), "wind": (np.full(8760, 0.4), "pu", "rated power")})
    months = np.array([f"2030-{month:02d}-01" for month in range(1, 13)], dtype="datetime64[D]")
    other = pd.date_range("2023-01-01", periods=8760, freq="h", tz="Asia/Shanghai")
    compare = {"t": Compared("climate", np.arange(12.0), months), "wind": Compared("2023", np.full(8760, 0.5), other)}
    text = write_profile_page(folder, compare=compare).read_text(encoding="utf-8")
    assert row_of(text, "wind – 2023", "Correlation of daily means: no days in common")[3] == "–"
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    assert row_of(text, "t – climate", "Mean")[4] == f"{(days * np.arange(12)).sum() / 365:.2f}"
    figures = figures_of(Page(text))
    assert [trace["name"] for trace in figures["temperature-months"]["data"]] == ["t", "t – climate"]
    assert {trace["name"] for trace in figures["temperature-spread"]["data"]} == {"t"}


def test_another_set_is_a_second_source(tmp_path: Path):
    first = made(tmp_path / "first", {"wind": (np.full(8760, 0.4), "pu", "rated power")}, title="First")
    second = made(tmp_path / "second", {"wind": (np.full(35_040, 0.5), "pu", "rated power")}, 15, title="Second")
    text = write_profile_page(first, compare=columns_of(second)).read_text(encoding="utf-8")
    assert row_of(text, "wind – second", "Mean")[3:5] == ["0.400", "0.500"]
    assert "second: Second; made by a test" in text


def test_findings_stand_the_gravest_first(tmp_path: Path):
    text = write_profile_page(CHIFENG, findings=FINDINGS, out=tmp_path / "p.html").read_text(encoding="utf-8")
    found = [row for row in rows_of(text) if row and row[0].split("\xa0")[-1] in {"fault", "warning", "ok"}]
    assert [row[1] for row in found] == ["frozen sensor", "gaps", "coverage"]
    assert found[1][2:] == ["312 steps were missing", "312", "2030-02-03 04:00", "look for a better source"]
    assert '<p class="verdict alarm">Do not use it as it is. Faults found: 1; warnings: 1.</p>' in text


@pytest.mark.parametrize(
    ("findings", "tone", "words"),
    [((), "plain", "No checks were handed over"), (FINDINGS[:1], "", "found no fault and nothing to warn of"), (FINDINGS[:2], "warning", "use: 1.")],
)
def test_the_verdict_is_that_of_the_findings(tmp_path: Path, findings: tuple[Finding, ...], tone: str, words: str):
    text = write_profile_page(CHIFENG, findings=findings, out=tmp_path / "p.html").read_text(encoding="utf-8")
    shown = re.search(r'<p class="verdict ?(\w*)">(.*?)</p>', text)
    assert shown is not None
    assert shown[1] == tone
    assert words in shown[2]


def test_a_changed_file_is_said(tmp_path: Path):
    folder = made(tmp_path / "set", {"load": (np.ones(8760), "pu", "annual peak")}, sha256="f" * 64)
    text = write_profile_page(folder).read_text(encoding="utf-8")
    assert row_of(text, "s.csv")[4] == "CHANGED since profiles.yaml was written"
    assert '<p class="verdict alarm">' in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_needs_nothing_from_outside(tmp_path: Path, language: str):
    page = page_of(CHIFENG, tmp_path / "p.html", language=language, findings=FINDINGS)
    addresses = {"src", "href", "data", "action", "srcset", "xlink:href"}
    assert all(str(value).startswith("#") for _, given in page.tags for key, value in given.items() if key in addresses)
    assert {tag for tag, _ in page.tags}.isdisjoint({"link", "img", "iframe", "object", "embed", "base", "form"})
    assert next(given["content"] for tag, given in page.tags if tag == "meta" and "http-equiv" in given).startswith("default-src 'none'")
    assert (tmp_path / "p.html").stat().st_size < 6e6
    assert "http" not in page.scripts[0]
    assert "http" not in " ".join(page.shown)


def test_chinese_page_has_no_english_word_of_the_table(tmp_path: Path):
    stamps = np.datetime64("2030-01-01T00:00") + np.arange(8760) * np.timedelta64(60, "m")
    compare = {"wind_aohan": Compared("乙", np.random.default_rng(1).uniform(size=8760), stamps, "丙")}
    page = page_of(CHIFENG, tmp_path / "p.html", language="zh", findings=FINDINGS, compare=compare)
    texts = [texts_of([figure["data"], figure["layout"]]) for figure in page.content["figures"]]
    shown = [text for text in page.shown if not text.startswith("Chifeng")] + [text for figure in texts for text in figure]
    assert {"额定功率）", "满负荷小时数", "1 h 变化第 99 百分位"} <= set(shown) | {row for text in shown for row in text.split("：")}
    english, chinese = table()["en"], table()["zh"]
    found = []
    for key, text in english.items():
        for piece in re.split(r"{\w+}", text):
            piece = piece.strip(" .,;:()[]|–")
            if len(piece) >= 4 and piece not in chinese[key]:
                pattern = re.compile(rf"(?<![\w./]){re.escape(piece)}(?![\w./])")
                found += [(key, text) for text in shown if pattern.search(text)]
    assert found == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_of_a_set_do_not_run(tmp_path: Path, language: str):
    folder = made(tmp_path / "set", {"<b>load</b>": (np.ones(8760), "'<i>MW</i>'", EVIL)}, title=EVIL, note=EVIL)
    finding = Finding(EVIL, "warning", EVIL, EVIL, 1, EVIL)
    page = page_of(folder, tmp_path / "p.html", findings=[finding], language=language)
    assert [tag for tag, _ in page.tags if tag in {"script", "img"}] == ["script"] * 3
    assert not any(key.startswith("on") for _, given in page.tags for key in given)
    names = [trace["name"] for figure in page.content["figures"] for trace in figure["data"]]
    assert set(names) == {"&lt;b&gt;load&lt;/b&gt;"}


def test_figures_are_what_plotly_knows(tmp_path: Path):
    """plotly's own Python classes refuse unknown properties and wrong types."""
    import plotly.graph_objects as go

    stamps = np.datetime64("2030-01-01T00:00") + np.arange(8760) * np.timedelta64(60, "m")
    compare = {"wind_aohan": Compared("other", np.random.default_rng(1).uniform(size=8760), stamps)}
    figures = page_of(CHIFENG, tmp_path / "p.html", compare=compare).content["figures"]
    names = ["months", "days", "spread", "weeks"]
    carpets = {"wind": 3, "solar": 3, "temperature": 1}
    expected = []
    for group in ("wind", "solar", "loads", "temperature"):
        expected += [f"{group}-{name}" for name in names]
        expected += ["loads-typical-week", "loads-carpet"] if group == "loads" else [f"{group}-carpet-{place}" for place in range(carpets[group])]
    assert [figure["name"] for figure in figures] == expected
    for figure in figures:
        for trace in figure["data"]:
            trace |= {key: unpacked(trace[key]) for key in ("y", "z") if isinstance(trace.get(key), dict)}
        go.Figure(data=figure["data"], layout=figure["layout"])


def test_many_columns_have_one_carpet_to_choose_from(tmp_path: Path):
    columns = {f"load_{place}": (1.0 + np.sin(hours() / 24 + place), "MW", "") for place in range(28)}
    columns |= {"boiler_mw_th": (np.ones(8760), "MW_th", ""), "oven_kw": (np.ones(8760), "kW", "")}
    text = write_profile_page(made(tmp_path / "set", columns)).read_text(encoding="utf-8")
    figures, options = figures_of(Page(text)), re.findall(r"<option>(\w+)</option>", text)
    assert options == [f"load_{place}" for place in range(28)]
    assert [trace["visible"] for trace in figures["loads-carpet"]["data"]] == [True] + [False] * 27
    assert [trace["visible"] for trace in figures["loads-days"]["data"][:28]] == [True] * 10 + ["legendonly"] * 18
    assert re.findall(r'<section id="([\w-]+)"', text)[3:] == ["loads", "loads-2", "heat"]
    assert len(figures["loads-months"]["data"][0]["y"]) == 28


def test_a_short_set_leaves_out_what_makes_no_sense(tmp_path: Path):
    folder = made(tmp_path / "set", {"load": (1.0 + hours(36) / 36, "MW", "")}, time="start: 2030-07-01, hours: 36", start="2030-07-01")
    page = page_of(folder, tmp_path / "p.html")
    assert list(figures_of(page)) == ["loads-days", "loads-weeks"]
    assert Words("en")("profile_carpet.left_out", days=14) in page.shown


def test_every_problem_of_the_set_and_of_the_second_source_is_told(tmp_path: Path):
    folder = made(tmp_path / "set", {"wind": (np.ones(8760), "pu", "rated power"), "load": (np.ones(8760), "MW", "")})
    stamps = np.datetime64("2030-01-01T00:00") + np.arange(3) * np.timedelta64(60, "m")
    compare = {
        "wnid": Compared("a", np.ones(3), stamps),
        "wind": Compared("b", np.ones(4), stamps),
        "load": Compared("c", np.ones(3), stamps, unit="kW"),
    }
    with pytest.raises(DefinitionError) as error:
        write_profile_page(folder, compare=compare)
    told = {problem.where: str(problem) for problem in error.value.problems}
    assert "did you mean 'wind'" in told["compare.wnid"]
    assert "4 values and 3 stamps" in told["compare.wind"]
    assert "is in kW, the column in MW" in told["compare.load"]
    assert not (folder / "report.html").exists()
    with pytest.raises(DefinitionError, match="no folder"):
        write_profile_page(tmp_path / "nowhere")
    with pytest.raises(DefinitionError, match="no language 'fr'"):
        write_profile_page(folder, language="fr")


@pytest.mark.parametrize("stamps", [[2, 1, 0], [0, 0, 1]])
def test_stamps_of_a_second_source_rise(tmp_path: Path, stamps: list[int]):
    folder = made(tmp_path / "set", {"wind": (np.ones(8760), "pu", "rated power")})
    wrong = Compared("b", np.ones(3), np.datetime64("2030-01-01T00:00") + np.array(stamps) * np.timedelta64(60, "m"))
    with pytest.raises(DefinitionError, match="do not rise"):
        write_profile_page(folder, compare={"wind": wrong})


def test_nothing_half_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = made(tmp_path / "set", {"wind": (np.ones(8760), "pu", "rated power")})
    before = write_profile_page(folder).read_bytes()

    def fails(*_: Any) -> str:
        raise RuntimeError("full disk")

    monkeypatch.setattr("gridsim.report.profile_page.page.page", fails)
    with pytest.raises(RuntimeError, match="full disk"):
        write_profile_page(folder)
    assert (folder / "report.html").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["profiles.yaml", "report.html", "s.csv"]


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs a browser")
def test_a_browser_draws_every_figure(tmp_path: Path):
    page = write_profile_page(CHIFENG, language="zh", out=tmp_path / "p.html")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--enable-logging=stderr", "--v=0"]
    done = subprocess.run([*command, f"--user-data-dir={tmp_path}", "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=120, check=False)
    assert "data-drawn-after-ms=" in done.stdout, done.stderr[-2000:]
    drawn = done.stdout.count('class="drawing js-plotly-plot"')
    assert drawn == page.read_text(encoding="utf-8").count('<div class="drawing"') > 20
    assert "Uncaught" not in done.stderr
