"""From a park's folder to a checked `Park`, or to one `DefinitionError` that lists every problem.

No engine is imported here. The steps: read YAML with line numbers, lay tables, stage and overrides over it, fill shipped defaults,
check each part by its own definition, read the profiles, and run the named checks of ``park.checks``.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import ValidationError

from gridsim.carbon.section import CarbonSection
from gridsim.errors import DefinitionError, Problem, did_you_mean, quoted
from gridsim.indicators.section import IndicatorsSection
from gridsim.park.checks import CHECKS, CHECKS_OF_THE_WHOLE
from gridsim.park.defaults import Defaults
from gridsim.park.definition import Definition
from gridsim.park.files import is_folder, is_there
from gridsim.park.layers import PARK_KEYS, with_overrides, with_stage, with_tables
from gridsim.park.messages import problems_of
from gridsim.park.park import DefaultUsed, Park
from gridsim.park.parse import read_yaml
from gridsim.park.sections import Bus, Finance, Limits, Rules, Site, TimeSection
from gridsim.park.tariff import Tariff
from gridsim.park.tree import Node
from gridsim.profiles.read import ProfileReader
from gridsim.profiles.sources import Source, source_of_reference, sources_of_set
from gridsim.profiles.time_axis import TimeAxis
from gridsim.rules.library import own_rule_sets
from gridsim.technologies import registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gridsim.technologies.base import Technology
    from gridsim.vpp.section import VppSection

D = TypeVar("D", bound=Definition)

REQUIRED_KEYS = ("name", "time", "buses", "technologies")
STAND_IN_AXIS = TimeAxis(datetime.datetime(2030, 1, 1), 8760)
"""Takes the place of a time section that was refused, so that all else can still be checked."""


def read_park(
    folder: str | Path,
    *,
    stage: str | None = None,
    overrides: Sequence[str] = (),
    hours: tuple[int, int] | None = None,
) -> Park:
    """Read and check one stage of a park.

    Parameters
    ----------
    folder : path
        Folder that holds ``park.yaml``, or the path of that file.
    stage : str, optional
        Name under ``stages:``; left out, ``default_stage`` of the file, if it has one.
    overrides : sequence of str
        ``path=value`` pairs, such as ``technologies.caes_1.energy_mwh=800``.
    hours : (int, int), optional
        First and last (exclusive) hour to keep, of the time the park file names.

    Returns
    -------
    Park

    Raises
    ------
    DefinitionError
        With all problems at once, each with file, line, path, finding and remedy.
    """
    reader = _ParkReader(Path(folder))
    park = reader.read(stage, overrides, hours)
    if park is None or reader.problems:
        raise DefinitionError(str(folder), reader.told())
    return park


def park_file(folder: Path) -> Path:
    """Return the file of a park that is named by its folder or by itself."""
    return folder if folder.suffix in {".yaml", ".yml"} else folder / "park.yaml"


class _ParkReader:
    def __init__(self, folder: Path) -> None:
        self.file = park_file(folder)
        self.folder = self.file.parent
        self.problems: list[Problem] = []
        self.unread: list[Problem] = []
        """Problems of values that could not be taken from the file; to call these values missing would be an echo."""
        self.refused: set[str] = set()
        """Names of entries that were refused; to say that others refer to nothing would be an echo."""
        self.used: list[DefaultUsed] = []
        self.defaults = Defaults()

    def told(self) -> list[Problem]:
        """Return each problem once, in the order of the files, without the echoes of values that were not read."""
        unread = [problem.where.split(".") for problem in self.unread if problem.where]
        echoes = {".".join(steps[: depth + 1]) for steps in unread for depth in range(len(steps))}
        heard = [problem for problem in self.problems[len(self.unread) :] if problem.where not in echoes]
        order = {file: place for place, file in enumerate(dict.fromkeys(problem.file for problem in self.problems))}
        return sorted(dict.fromkeys([*self.unread, *heard]), key=lambda problem: (order[problem.file], problem.line or 0))

    def read(self, stage: str | None, overrides: Sequence[str], hours: tuple[int, int] | None) -> Park | None:
        if not is_folder(self.folder):
            remedy = "give the folder of a park; `gridsim new NAME` makes one"
            self.problems.append(Problem("", "there is no such folder", remedy, str(self.folder)))
            return None
        tree = read_yaml(self.file, str(self.file), self.problems)
        if tree is None:
            return None
        if not isinstance(tree.value, dict):
            found = f"is {quoted(tree.value)}, expected a group of keys"
            self.problems.append(tree.problem("", found, "begin with name:, time:, buses: and technologies:"))
            return None
        tree = with_tables(tree, self.folder, self.problems)
        self.unread = list(self.problems)
        self.refused = {problem.where.split(".")[-1] for problem in self.unread}
        tree, stage = with_stage(tree, stage, self.problems)
        tree = with_overrides(tree, overrides, self.problems)
        return self._checked(tree, stage, tuple(overrides), hours)

    def _checked(self, tree: Node, stage: str | None, overrides: tuple[str, ...], hours: tuple[int, int] | None) -> Park:
        self._check_keys(tree)
        time = self._one(TimeSection, tree, "time")
        limits = self._one(Limits, tree, "limits")
        rules = self._one(Rules, tree, "rules")
        carbon = self._one(CarbonSection, tree, "carbon") if tree.child("carbon") is not None else None
        indicators = self._one(IndicatorsSection, tree, "indicators") if tree.child("indicators") is not None else None
        vpp = self._vpp(tree)
        finance = self._one(Finance, tree, "finance", defaults_of="finance")
        sites = self._many(Site, tree, "sites")
        buses = self._many(Bus, tree, "buses")
        tariffs = self._many(Tariff, tree, "tariffs")
        technologies = self._technologies(tree)
        axis = STAND_IN_AXIS if time is None else time.axis()
        profiles = ProfileReader(axis, self.problems)
        for name, source, where, non_negative in self._wanted_profiles(tree, technologies, tariffs):
            if time is not None:
                profiles.read(name, source, where, non_negative=non_negative)
        kept = axis if hours is None or time is None else self._part(axis, hours)
        part = slice(kept.first_step, kept.first_step + kept.steps)
        series = {name: values[part] for name, values in profiles.series.items()}
        definition = {key: node.plain() for key, node in tree.value.items() if key not in {"stages", "default_stage", "tables"}}
        own_rules = own_rule_sets(self.folder, self.problems)
        whole = {**definition, **{f"rules/{name}": rule_set.model_dump() for name, rule_set in own_rules.items()}}
        park = Park(
            name=str(definition.get("name")),
            description=str(definition.get("description", "")),
            folder=self.folder,
            stage=stage,
            time=kept,
            sites=sites,
            buses=buses,
            tariffs=tariffs,
            technologies=technologies,
            limits=limits or Limits(),
            finance=finance or Finance(discount_rate=0.0),
            profiles=series,
            profile_means={name: float(values.mean()) for name, values in profiles.series.items()},
            profile_peaks={name: float(values.max()) for name, values in profiles.series.items()},
            year_hours=(datetime.date(axis.start.year + 1, 1, 1) - datetime.date(axis.start.year, 1, 1)).days * 24.0,
            defaults_used=tuple(self.used),
            notes=tuple(dict.fromkeys([*profiles.notes, *_notes_of_tariffs(tariffs, axis.step_minutes)])),
            fingerprint=_fingerprint(whole, series),
            overrides=overrides,
            rules=rules or Rules(),
            carbon=carbon,
            indicators=indicators,
            vpp=vpp,
            own_rule_sets=own_rules,
            definition=definition,
        )
        self._run_checks(park, tree)
        return park

    # ---- the parts

    def _vpp(self, tree: Node) -> VppSection | None:
        """Read what it does as a virtual power plant; loaded only where a park says so, as `gridsim validate` shall answer at once."""
        if tree.child("vpp") is None:
            return None
        from gridsim.vpp.market.library import own_markets
        from gridsim.vpp.section import VppSection

        own_markets(self.folder, self.problems)
        return self._one(VppSection, tree, "vpp")

    def _check_keys(self, tree: Node) -> None:
        for key, node in tree.value.items():
            if key not in PARK_KEYS:
                self.problems.append(node.problem(key, "is not a key of a park", did_you_mean(key, PARK_KEYS)))
        for key in REQUIRED_KEYS:
            node = tree.child(key) or Node(None, tree.file)
            if not node.value:
                found = "is empty" if key in tree.value else "is missing"
                self.problems.append(node.problem(key, found, f"every park has {', '.join(REQUIRED_KEYS)}"))
        for key in ("name", "description"):
            node = tree.child(key) or Node(None)
            if isinstance(node.value, bool) or not isinstance(node.value, str | int | float | None):
                self.problems.append(node.problem(key, f"{quoted(node.value)} is not text", "write one line of text"))

    def _one(self, model: type[D], tree: Node, key: str, defaults_of: str | None = None) -> D | None:
        node = tree.child(key)
        if node is None or node.value is None:
            return None if defaults_of is None else self._validated(model, Node({}), key, defaults_of)
        return self._validated(model, node, key, defaults_of)

    def _many(self, model: type[D], tree: Node, key: str) -> dict[str, D]:
        checked = {name: self._validated(model, node, f"{key}.{name}") for name, node in self._entries(tree, key)}
        return self._accepted(checked)

    def _accepted(self, checked: dict[str, D | None]) -> dict[str, D]:
        """Return the entries that were not refused, and remember the others' names."""
        self.refused.update(name for name, entry in checked.items() if entry is None)
        return {name: entry for name, entry in checked.items() if entry is not None}

    def _entries(self, tree: Node, key: str) -> Iterator[tuple[str, Node]]:
        section = tree.child(key)
        if section is None or section.value is None:
            return
        if not isinstance(section.value, dict):
            found = f"is {quoted(section.value)}, expected entries by name"
            self.problems.append(section.problem(key, found, "write one indented name for each entry, and its keys below it"))
            return
        for name, node in section.value.items():
            if not name or "." in name or ":" in name or name != name.strip():
                found = f"{quoted(name)} cannot be a name"
                self.problems.append(node.problem(f"{key}.{name}", found, "use letters, digits and underscores"))
            yield name, node

    def _validated(self, model: type[D], node: Node, where: str, defaults_of: str | None = None) -> D | None:
        if not isinstance(node.value, dict):
            found = f"is {quoted(node.value)}, expected a group of keys"
            self.problems.append(node.problem(where, found, f"it takes {', '.join(sorted(model.model_fields))}"))
            return None
        plain = node.plain()
        if defaults_of is not None:
            self._fill(plain, defaults_of, where, model)
        try:
            return model.model_validate(plain)
        except ValidationError as error:
            self.problems.extend(problems_of(error, model, node, where))
            return None

    def _fill(self, plain: dict[str, Any], section: str, where: str, model: type[Definition]) -> None:
        for field, default in self.defaults.of(section).items():
            if field not in plain and field in model.model_fields:
                plain[field] = default["value"]
                used = DefaultUsed(f"{where}.{field}", default["value"], default["unit"], default["source"], default["certainty"])
                self.used.append(used)

    def _technologies(self, tree: Node) -> dict[str, Technology]:
        kinds = registry()
        checked: dict[str, Technology | None] = {}
        for name, node in self._entries(tree, "technologies"):
            where = f"technologies.{name}"
            kind = node.child("type")
            checked[name] = None
            if not isinstance(node.value, dict):
                found = f"is {quoted(node.value)}, expected a group of keys"
                self.problems.append(node.problem(where, found, "write type: and the keys of that type below it"))
            elif kind is None:
                self.problems.append(node.problem(f"{where}.type", "is missing", f"choose one of {', '.join(kinds)}"))
            elif kind.value not in list(kinds):
                found = f"{quoted(kind.value)} is not a type of technology"
                self.problems.append(kind.problem(f"{where}.type", found, did_you_mean(str(kind.value), kinds)))
            else:
                model = kinds[kind.value]
                checked[name] = self._validated(model, node, where, _section(kind.value, model, node))
        return self._accepted(checked)

    # ---- profiles, time, checks

    def _sources(self, tree: Node) -> tuple[dict[str, Source], bool]:
        """Return the profiles there are by name, and whether these are all."""
        sources: dict[str, Source] | None = {}
        node = tree.child("profile_set")
        if node is not None and isinstance(node.value, str):
            sources = sources_of_set(self._base(node, node.value) / node.value, node, self.problems)
        elif node is not None:
            sources = None
            self.problems.append(
                node.problem("profile_set", f"{quoted(node.value)} is not a folder", "give the folder that holds profiles.yaml")
            )
        found = dict(sources or {})
        for name, node in self._entries(tree, "profiles"):
            base = self._base(node, str(node.value).rpartition("#")[0])
            source = source_of_reference(node.value, base, f"profiles.{name}", node, self.problems)
            if source is None:
                self.refused.add(name)
            else:
                found[name] = source
        return found, sources is not None

    def _base(self, node: Node, path: str) -> Path:
        """Return what a path is relative to: the park's folder; of one that is set from outside the working directory, where only that has it."""
        outside = node.file.startswith("--set") and not is_there(self.folder / path)
        return Path() if outside and is_there(Path(path)) else self.folder

    def _wanted_profiles(
        self, tree: Node, technologies: dict[str, Technology], tariffs: dict[str, Tariff]
    ) -> Iterator[tuple[str, Source, str, bool]]:
        """Yield name, source, path in the park, and whether negative values are refused, of each profile that is used."""
        sources, complete = self._sources(tree)
        uses: list[tuple[str, str | None, bool, tuple[str, ...]]] = [
            (f"technologies.{name}.{field}", getattr(technology, field), technology.non_negative_profiles, technology.profile_units)
            for name, technology in technologies.items()
            for field in technology.profile_fields
        ]
        uses += [
            (f"tariffs.{name}.{field}", profile, False, ("CNY/MWh",))
            for name, tariff in tariffs.items()
            for field, profile in tariff.profile_names().items()
        ]
        for where, profile, non_negative, units in uses:
            if profile in sources:
                if (unit := sources[profile].unit) and unit not in units:
                    found = f"the profile '{profile}' is in {unit}, expected {' or '.join(units)}"
                    self.problems.append(tree.at(tuple(where.split("."))).problem(where, found, "name another profile, or correct its unit in profiles.yaml"))
                yield profile, sources[profile], where, non_negative
            elif profile is not None and profile not in self.refused and complete:
                node = tree.at(tuple(where.split(".")))
                self.problems.append(node.problem(where, f"there is no profile {quoted(profile)}", did_you_mean(profile, sources)))

    def _part(self, axis: TimeAxis, hours: tuple[int, int]) -> TimeAxis:
        first, last = hours
        if 0 <= first < last <= axis.hours:
            return axis.part(round(first / axis.step_hours), round(last / axis.step_hours))
        found = f"{first}:{last} is not a part of the park's {axis.hours:g} hours"
        self.problems.append(Problem("", found, "give FIRST:LAST with 0 <= FIRST < LAST, or a number of hours", "--hours"))
        return axis

    def _run_checks(self, park: Park, tree: Node) -> None:
        written = tree.at(("technologies",)).value
        whole = isinstance(written, dict) and written.keys() == park.technologies.keys()
        for check in (*CHECKS, *CHECKS_OF_THE_WHOLE) if whole else CHECKS:
            for path, found, remedy in check(park):
                node = _node_at(tree, path)
                if not (isinstance(node.value, str) and node.value in self.refused):
                    self.problems.append(node.problem(path, found, remedy))


def _node_at(tree: Node, path: str) -> Node:
    """Return the deepest node on a path that exists; its steps may be numbers of a list, and the last of them a key that holds dots, as rules have."""
    node, steps = tree, path.split(".")
    for depth, step in enumerate(steps):
        if (whole := node.child(".".join(steps[depth:]))) is not None:
            return whole
        child = node.child(int(step) if isinstance(node.value, list) and step.isdigit() else step)
        if child is None:
            break
        node = child
    return node


def _section(kind: str, model: type[Technology], node: Node) -> str:
    """Return the section of the shipped defaults; a variant that does not exist takes those of one that does."""
    if model.variant_field is None:
        return kind
    field = model.model_fields[model.variant_field]
    variants = get_args(field.annotation)
    given = node.child(model.variant_field)
    wanted = given.value if given is not None else field.default
    return f"{kind}/{wanted if wanted in variants else variants[0]}"


def _fingerprint(definition: dict[str, Any], series: dict[str, NDArray[np.float64]]) -> str:
    """Return the SHA-256 over a definition and every profile it uses."""
    digest = hashlib.sha256(json.dumps(definition, sort_keys=True, default=str).encode())
    for name in sorted(series):
        digest.update(name.encode() + series[name].tobytes())
    return digest.hexdigest()


def _notes_of_tariffs(tariffs: dict[str, Tariff], step_minutes: int) -> Iterator[str]:
    """Tell where a step is longer than the clock of a tariff."""
    for name, tariff in tariffs.items():
        for period in tariff.within_steps(step_minutes):
            hours = tariff.time_of_use[period].hours
            yield (
                f"tariffs.{name}.time_of_use.{period}: {hours} begins or ends within a step of {step_minutes} minutes, and the whole step takes the price "
                "at its start; a shorter time.step_minutes keeps to the clock"
            )
