"""Parks that others solved: each folder under ``cases`` holds one, with the totals that they published.

A folder has ``park.yaml`` (what gridsim reads), ``params.yaml`` (what must come out, how near, and who says so) and ``README.md`` (what the
case is and how it maps to gridsim). A new case needs no code, unless it names a figure that is not yet in `FIGURES`. Figures are totals,
because the hours of an optimal dispatch are not unique.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from gridsim.dispatch.result import Dispatch
from gridsim.dispatch.solve import solve
from gridsim.park.park import Park
from gridsim.park.read import read_park
from gridsim.physics.annuity import present_worth_factor

CASES = Path(__file__).parent / "cases"
REPOSITORY = Path(__file__).parents[2]
CASE_DATA = Path(os.environ.get("GRIDSIM_CASE_DATA", REPOSITORY.parent / "shared" / "data"))
"""Measured and published series that are not part of this repository."""

BASES = {"published", "derived"}


# ---- figures: totals of the answer's flows, not of gridsim's own scorecard


@dataclass(frozen=True)
class Answer:
    """A solved park, and the terms of its life-cycle cost."""

    park: Park
    dispatch: Dispatch
    life_cycle: dict[str, float]

    def energy_mwh(self, role: str) -> float:
        """Energy through all components with this role. [MWh]"""
        return float(self._flow_mw(role).sum() * self.dispatch.time.step_hours)

    def import_while_exporting_mwh(self) -> float:
        """Energy that enters and leaves in the same hour. [MWh]"""
        return float(np.minimum(self._flow_mw("import"), self._flow_mw("export")).sum() * self.dispatch.time.step_hours)

    def available_mwh(self) -> float:
        """What wind and sun could have given. [MWh]"""
        draft = self.dispatch.draft
        return float(sum(draft.available(c).sum() for c in draft.having("renewable")) * self.dispatch.time.step_hours)

    def load_mwh(self) -> float:
        """Electricity drawn by loads and conversions. [MWh]"""
        electric = [bus for bus in self.dispatch.draft.buses if self.dispatch.draft.electric(bus)]
        supplied = [flow for bus in electric for c, flow in self.dispatch.by_bus[bus] if c.role in {"load", "conversion"}]
        return float(-np.sum(supplied) * self.dispatch.time.step_hours)

    def import_cost_cny(self) -> float:
        """Energy charge of all imports. [CNY]"""
        return sum(self.dispatch.variable_cost(c.name) for c in self.dispatch.draft.having("import"))

    def made(self, technology_type: str, figure: str) -> float:
        """Sum of a figure over the reports of all technologies of one type."""
        return sum(t.report(name, self.dispatch)[figure] for name, t in self.park.technologies.items() if t.type == technology_type)

    def invested(self, field: str) -> float:
        """Sum of a field over everything that was bought. [CNY]"""
        return sum(getattr(item, field) for technology in self.park.technologies.values() for item in technology.investments())

    def life_cycle_cost_cny(self) -> float:
        """Investment, and the present worth of upkeep and energy after tax. [CNY]"""
        terms = self.life_cycle
        escalations = np.array([terms["upkeep_escalation"], terms["energy_escalation"]])
        upkeep, energy = present_worth_factor(terms["years"], escalations, terms["discount_rate"])
        yearly = upkeep * self.invested("fixed_om_cny_per_year") + energy * self.dispatch.objective_cny
        return self.invested("capital_cost_cny") + (1.0 - terms["tax_rate"]) * float(yearly)

    def _flow_mw(self, role: str) -> np.ndarray:
        return self.dispatch.summed(self.dispatch.draft.having(role))


FIGURES: dict[str, Callable[[Answer], float]] = {
    "load_mwh": Answer.load_mwh,
    "generation_mwh": lambda answer: answer.energy_mwh("renewable"),
    "curtailed_mwh": lambda answer: answer.available_mwh() - answer.energy_mwh("renewable"),
    "import_mwh": lambda answer: answer.energy_mwh("import"),
    "export_mwh": lambda answer: answer.energy_mwh("export"),
    "import_while_exporting_mwh": Answer.import_while_exporting_mwh,
    "green_share": lambda answer: 1.0 - answer.energy_mwh("import") / answer.load_mwh(),
    "export_over_generation": lambda answer: answer.energy_mwh("export") / answer.energy_mwh("renewable"),
    "hydrogen_kg": lambda answer: answer.made("electrolyser", "hydrogen_kg"),
    "ammonia_t": lambda answer: answer.made("ammonia_plant", "ammonia_t"),
    "objective_cny": lambda answer: answer.dispatch.objective_cny,
    "objective_cny_per_t": lambda answer: answer.dispatch.objective_cny / answer.made("ammonia_plant", "ammonia_t"),
    "energy_cost_cny": Answer.import_cost_cny,
    "demand_charge_cny": lambda answer: sum(answer.dispatch.demand_charges.values()),
    "upkeep_cny_per_year": lambda answer: answer.invested("fixed_om_cny_per_year"),
    "life_cycle_cost_cny": Answer.life_cycle_cost_cny,
}


# ---- cases


@dataclass(frozen=True)
class Run:
    """One stage of one case at one level of detail."""

    folder: Path
    name: str
    params: dict[str, Any]

    @property
    def expected(self) -> list[dict[str, Any]]:
        """What must come out."""
        return self._own["expected"]

    @property
    def wrong_readings(self) -> list[dict[str, Any]]:
        """Changes of the park that must not give the published figure."""
        return self._own.get("wrong_readings", [])

    @property
    def _own(self) -> dict[str, Any]:
        return self.params["runs"][self.name]

    def solve(self, folder: Path, overrides: Sequence[str] = ()) -> Answer:
        """Solve a copy of the case in ``folder``, beside the published series that it reads."""
        for file in self.params.get("data", []):
            if not (CASE_DATA / file).is_file():
                pytest.skip(f"{file} is not at hand: set GRIDSIM_CASE_DATA to the folder that holds it")
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        for file in self.params.get("data", []):
            shutil.copyfile(CASE_DATA / file, folder / file)
        park = read_park(folder, stage=self._own.get("stage"), overrides=overrides)
        return Answer(park, solve(park, level=self._own.get("level", "linear")).dispatch, self.params.get("life_cycle", {}))


def read_params(folder: Path) -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load((folder / "params.yaml").read_text(encoding="utf-8"))


FOLDERS = sorted(path for path in CASES.iterdir() if path.is_dir())


def runs() -> Iterator[Run]:
    for folder in FOLDERS:
        params = read_params(folder)
        for name in params["runs"]:
            yield Run(folder, name, params)


def parameter(run: Run, *others: Any, about: str = "") -> Any:
    identity = "-".join(part for part in (run.folder.name, run.name, about.replace(" ", "_")) if part)
    return pytest.param(run, *others, id=identity, marks=[pytest.mark.slow] if run.params.get("slow") else [])


def misses(answer: Answer, expected: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Figures that are not met, each with what was found."""
    found = []
    for target in expected:
        value, wanted = FIGURES[target["figure"]](answer), target["value"]
        allowed = target["absolute"] if "absolute" in target else target["relative"] * abs(wanted)
        if not abs(value - wanted) <= allowed:
            gap = f"off by {value - wanted:.3g}, allowed {allowed:.3g}"
            found.append((target["figure"], f"{target['figure']} is {value:.12g}, {target['basis']} {wanted:.12g}: {gap}"))
    return found


@pytest.mark.parametrize("run", [parameter(run) for run in runs()])
def test_case_gives_the_published_figures(run, tmp_path):
    found = misses(run.solve(tmp_path), run.expected)
    assert not found, "\n".join(message for _, message in found)


WRONG_READINGS = [parameter(run, wrong, about=wrong["reading"]) for run in runs() for wrong in run.wrong_readings]


@pytest.mark.parametrize(("run", "wrong"), WRONG_READINGS)
def test_wrong_reading_misses_the_published_figure(run, wrong, tmp_path):
    """Proves that a case can tell: a park read wrongly leaves the tolerance of the figure it names."""
    found = misses(run.solve(tmp_path, wrong["set"]), run.expected)
    assert wrong["misses"] in [figure for figure, _ in found]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_case_folder_is_complete(folder):
    """A case says what it is, where its numbers come from and how near they must be; a published series is not copied into it."""
    params = read_params(folder)
    targets = [target for run in params["runs"].values() for target in run["expected"]]
    assert {"park.yaml", "params.yaml", "README.md"} <= {path.name for path in folder.iterdir()}
    assert params["source"] and targets
    assert not {target["figure"] for target in targets} - set(FIGURES)
    assert all(target["basis"] in BASES and ("relative" in target) != ("absolute" in target) for target in targets)
    assert not any((folder / file).exists() for file in params.get("data", []))
