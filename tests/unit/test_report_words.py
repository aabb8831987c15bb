"""Every word of the report stands in words.csv, once, in both languages."""

from __future__ import annotations

import ast
import re
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest

from gridsim.errors import DefinitionError
from gridsim.metrics.cost import KIND_OF_ROLE
from gridsim.metrics.curtailment import CAUSES
from gridsim.report.words import Words, table

REPORT = Path(str(resources.files("gridsim"))) / "report"
SOURCES = sorted(REPORT.rglob("*.py"))
COMMANDS = [REPORT.parent / "cli.py", REPORT.parent / "study_commands.py"]
"""Say at their end what the report says, in its language."""
TEMPLATE = (REPORT / "template.html").read_text(encoding="utf-8")
KEYS = table()["en"]

LITERAL = re.compile(r'words(?:\.get)?\(\s*"([a-z_]+\.[^"{}]+)"')
FORMED = re.compile(r'words(?:\.get)?\(\s*f"([^"]*)"')
NAMED = re.compile(r'words\.named\(\s*"([a-z_]+)"')
FACT = re.compile(r'^\s+\(?"(run\.[a-z_0-9]+)"', re.MULTILINE)


def everything() -> str:
    return "\n".join([*(source.read_text(encoding="utf-8") for source in [*SOURCES, *COMMANDS]), TEMPLATE])


def test_both_languages_are_complete():
    assert set(table()) == {"en", "zh"}
    for key in KEYS:
        for language in ("en", "zh"):
            assert table()[language][key] or key == "word.sentence_space", f"{key} has no {language}"


def test_no_key_stands_twice():
    lines = (REPORT / "words.csv").read_text(encoding="utf-8").splitlines()
    times = Counter(line.partition(",")[0] for line in lines)
    assert [key for key, count in times.items() if count > 1] == []


def test_both_languages_take_the_same_values():
    def values(text: str) -> set[str]:
        return set(re.findall(r"{(\w+)}", text))

    assert [key for key in KEYS if values(table()["en"][key]) != values(table()["zh"][key])] == []


def test_chinese_is_chinese():
    """Only what is the same in any language may lack Chinese characters: units, separators, the size of the money unit."""
    plain = {key for key, text in table()["zh"].items() if not re.search(r"[一-鿿]", text)}
    assert plain <= {"word.list_comma", "word.sentence_space", "unit.money_cny", "axis.power", "axis.energy_unit", "storage.figure", "curtail.option_of"}


def test_every_key_that_the_code_asks_for_exists():
    asked = set(LITERAL.findall(everything()))
    assert len(asked) > 100
    assert asked <= set(KEYS)
    for form in FORMED.findall(everything()):
        pattern = re.compile(re.sub(r"\\{.*?\\}", ".+", re.escape(form)))
        assert any(pattern.fullmatch(key) for key in KEYS), form


def test_every_key_is_asked_for():
    text = everything()
    groups = set(NAMED.findall(text)) | {"figure_of", "meaning", "supply", "use"}
    forms = [re.compile(re.sub(r"\\{.*?\\}", ".+", re.escape(form))) for form in FORMED.findall(text)]
    asked = set(LITERAL.findall(text)) | set(FACT.findall(text)) | set(re.findall(r'"((?:unit|figure)\.\w+)"', text))
    unused = [
        key for key in KEYS if key not in asked and key.partition(".")[0] not in groups and not any(form.fullmatch(key) for form in forms)
    ]
    assert unused == []


def test_the_runs_own_names_have_words():
    """Causes and kinds of cost come from the scorecard; a new one owes a word."""
    for cause in CAUSES:
        assert f"cause.{cause}" in KEYS
        assert f"cause_meaning.{cause}" in KEYS
        assert f"meaning.curtailed_{cause}_mwh" in KEYS
    kinds = {*KIND_OF_ROLE.values(), "demand_charge", "starts", "investment", "fixed_om", "variable_om"}
    assert {f"cost.{kind}" for kind in kinds} <= set(KEYS)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_no_sentence_is_written_in_the_code(source: Path):
    """Two words in a row, or a capitalised one, belong into the table; docstrings and problems of the input are no report."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    told = {
        id(node)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _name(call) in ("Problem", "DefinitionError")
        for node in ast.walk(call)
    }
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    written = [node.value for node in texts if id(node) not in statements and id(node) not in told]
    sentences = [text for text in written if re.search(r"[a-z]{2,} [a-z]{2,}|^[A-Z][a-z]{2,}$", text)]
    assert [text for text in sentences if "Segoe UI" not in text and text != "yyyy-mm-dd hh:mm"] == []


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def test_no_word_is_written_in_the_template():
    """What is left of the template without its tags and expressions has no letters."""
    body = TEMPLATE[TEMPLATE.index("<body>") :]
    shown = re.sub(r"{{.*?}}|{%.*?%}|<[^>]*>", " ", body, flags=re.DOTALL)
    assert re.findall(r"[A-Za-z]+", shown) == []


def test_unknown_language_is_a_problem_of_the_input():
    with pytest.raises(DefinitionError, match="no language 'fr'"):
        Words("fr")


def test_a_name_without_a_word_is_shown_as_it_is():
    assert Words("en").named("type", "tidal_turbine") == "tidal turbine"
    assert Words("zh").named("type", "caes") == "压缩空气储能"
