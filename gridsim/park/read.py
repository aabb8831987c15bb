"""From a park's folder to a checked `Park`, or to one `DefinitionError` that lists every problem.

No engine is imported here. The steps: read YAML with line numbers, lay the stage and the overrides over it, fill shipped defaults, check each part by its
own definition, read the profiles, and run the named checks of ``park.checks``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from gridsim.errors import DefinitionError, Problem, did_you_mean
from gridsim.park.checks import CHECKS
from gridsim.park.defaults import Defaults
from gridsim.park.definition import Definition
from gridsim.park.messages import problems_of
from gridsim.park.park import DefaultUsed, Park
from gridsim.park.sections import Bus, Finance, Limits, Site, TimeSection
from gridsim.park.tariff import Tariff
from gridsim.park.tree import Node, dotted, leaves, merged, missing_parent, nested, parse_override, parse_yaml, read_yaml
from gridsim.profiles.read import ProfileReader, Source, read_csv, sources_of_set
from gridsim.profiles.time_axis import TimeAxis
from gridsim.technologies import registry

if TYPE_CHECKING:
    from gridsim.technologies.base import Technology

PARK_KEYS = {
    "name",
    "description",
    "time",
    "profile_set",
    "profiles",
    "sites",
    "buses",
    "tariffs",
    "technologies",
    "tables",
    "limits",
    "finance",
    "stages",
    "default_stage",
}
STAGE_KEYS = PARK_KEYS - {"stages", "default_stage", "tables"} | {"after"}
REQUIRED_KEYS = ("name", "time", "buses", "technologies")


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
    if reader.problems or park is None:
        raise DefinitionError(str(folder), _unique(reader.problems))
    return park


def _unique(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


class _ParkReader:
    def __init__(self, folder: Path) -> None:
        self.file = folder if folder.suffix in {".yaml", ".yml"} else folder / "park.yaml"
        self.folder = self.file.parent
        self.problems: list[Problem] = []
        self.used: list[DefaultUsed] = []
        self.defaults = Defaults()

    def read(self, stage: str | None, overrides: Sequence[str], hours: tuple[int, int] | None) -> Park | None:
        if not self.folder.is_dir() or not self.file.exists():
            found = "there is no such folder" if not self.folder.is_dir() else "the folder holds no park.yaml"
            self.problems.append(Problem("", found, "give the folder of a park; `gridsim new NAME` makes one", str(self.file)))
            return None
        tree = read_yaml(self.file, str(self.file), self.problems)
        if tree is None:
            return None
        if not isinstance(tree.value, dict):
            self.problems.append(tree.problem("", "is not a list of keys", "begin with name:, time:, buses: and technologies:"))
            return None
        tree = self._with_tables(tree)
        tree, stage = self._with_stage(tree, stage)
        tree = self._with_overrides(tree, overrides)
        return self._checked(tree, stage, tuple(overrides), hours)

    # ---- laying things over each other

    def _with_tables(self, tree: Node) -> Node:
        """Lay the rows of CSV tables under ``technologies``."""
        tables = tree.value.get("tables")
        if tables is None:
            return tree
        names = tables.value if isinstance(tables.value, list) else [tables]
        for entry in names:
            if not isinstance(entry.value, str):
                self.problems.append(entry.problem("tables", "is not a file name", "list CSV files, such as - loads.csv"))
                continue
            rows = read_csv(self.folder / entry.value, str(self.folder / entry.value), self.problems)
            if rows is not None:
                tree = self._with_rows(tree, rows, str(self.folder / entry.value))
        return tree

    def _with_rows(self, tree: Node, rows: dict[str, list[str]], shown: str) -> Node:
        if "name" not in rows or "type" not in rows:
            self.problems.append(Problem("", "has no column 'name' or no column 'type'", "each row is a technology: name, type, then its fields", shown, 1))
            return tree
        present = dict(tree.value["technologies"].value) if isinstance(tree.at(("technologies",)).value, dict) else {}
        for number, name in enumerate(rows["name"]):
            line = number + 2
            if name in present:
                self.problems.append(Problem(f"technologies.{name}", "is written twice", "names must be unique; rename one", shown, line))
                continue
            fields = {}
            for column, cells in rows.items():
                if column != "name" and cells[number].strip():
                    cell = parse_yaml(cells[number], shown, []) or Node(cells[number])
                    fields[column] = Node(cell.value, shown, line)
            present[name] = Node(fields, shown, line)
        return Node({**tree.value, "technologies": Node(present, tree.file, tree.line)}, tree.file, tree.line)

    def _with_stage(self, tree: Node, stage: str | None) -> tuple[Node, str | None]:
        """Lay the stage, and all it comes after, over the base."""
        stages_node = tree.value.get("stages")
        stages: dict[str, Node] = stages_node.value if stages_node is not None and isinstance(stages_node.value, dict) else {}
        if stages_node is not None and not isinstance(stages_node.value, dict):
            self.problems.append(stages_node.problem("stages", "is not a list of stages by name", "write for example stages: {'2030': {…}}"))
        for name, node in stages.items():
            self._check_stage(name, node, stages)
        default = tree.value.get("default_stage")
        wanted = stage
        if wanted is None and default is not None:
            wanted = str(default.value)
        if wanted is None:
            return tree, None
        if wanted not in stages:
            node = default if stage is None and default is not None else Node(None, f"--stage {wanted}")
            self.problems.append(node.problem("default_stage" if stage is None else "", f"there is no stage '{wanted}'", did_you_mean(wanted, stages)))
            return tree, None
        for name in self._chain(wanted, stages):
            content = stages[name].value
            if isinstance(content, dict):
                change = {key: node for key, node in content.items() if key.split(".")[0] in STAGE_KEYS - {"after"}}
                tree = merged(tree, dotted(Node(change, tree.file, stages[name].line)))
        return tree, wanted

    def _check_stage(self, name: str, node: Node, stages: dict[str, Node]) -> None:
        where = f"stages.{name}"
        if not isinstance(node.value, dict):
            self.problems.append(node.problem(where, "is empty or not a list of changes", "write the keys that change, as in the base"))
            return
        for key, child in node.value.items():
            if key.split(".")[0] not in STAGE_KEYS:
                self.problems.append(child.problem(f"{where}.{key}", "is not a key a stage may change", did_you_mean(key, STAGE_KEYS)))
        after = node.value.get("after")
        if after is not None and str(after.value) not in stages:
            self.problems.append(after.problem(f"{where}.after", f"there is no stage '{after.value}'", did_you_mean(str(after.value), stages)))
        chain = self._chain(name, stages)
        if chain[0] == "":
            path = " -> ".join([*chain[1:], chain[1]])
            self.problems.append((after or node).problem(f"{where}.after", f"the stages follow each other in a circle ({path})", "break the circle"))

    @staticmethod
    def _chain(name: str, stages: dict[str, Node]) -> list[str]:
        """Return the stages from the first to ``name``; an empty name at the front marks a circle."""
        chain: list[str] = []
        while name in stages:
            if name in chain:
                return ["", *chain]
            chain.insert(0, name)
            content = stages[name].value
            after = content.get("after") if isinstance(content, dict) else None
            if after is None:
                break
            name = str(after.value)
        return chain

    def _with_overrides(self, tree: Node, overrides: Sequence[str]) -> Node:
        for number, text in enumerate(overrides):
            parsed = parse_override(text, number)
            if isinstance(parsed, Problem):
                self.problems.append(parsed)
                continue
            path, node = parsed
            if path[0] not in STAGE_KEYS - {"after"}:
                self.problems.append(node.problem(path[0], "is not a key of a park that can be set", did_you_mean(path[0], STAGE_KEYS - {"after"})))
            elif (problem := missing_parent(tree, path, node)) is not None:
                self.problems.append(problem)
            else:
                tree = merged(tree, nested(path, node))
        return tree

    # ---- checking the parts

    def _checked(self, tree: Node, stage: str | None, overrides: tuple[str, ...], hours: tuple[int, int] | None) -> Park | None:
        for key, node in tree.value.items():
            if key not in PARK_KEYS:
                self.problems.append(node.problem(key, "is not a key of a park", did_you_mean(key, PARK_KEYS)))
        for key in REQUIRED_KEYS:
            if key not in tree.value:
                self.problems.append(tree.problem(key, "is missing", "every park has name, time, buses and technologies"))
        time = self._one(TimeSection, tree, "time")
        limits = self._one(Limits, tree, "limits", Limits())
        finance = self._one(Finance, tree, "finance", defaults_of="finance")
        sites = self._many(Site, tree, "sites")
        buses = self._many(Bus, tree, "buses")
        tariffs = self._many(Tariff, tree, "tariffs")
        technologies = self._technologies(tree)
        if time is None:
            return None
        axis = time.axis()
        reader = ProfileReader(axis, self._sources(tree, axis), self.problems)
        self._read_profiles(reader, tree, technologies, tariffs)
        year_start = axis.start.replace(month=1, day=1, hour=0, minute=0)
        year_hours = (year_start.replace(year=year_start.year + 1) - year_start).days * 24.0
        kept = axis if hours is None else self._part(axis, hours)
        first = kept.first_step
        profiles = {name: series[first : first + kept.steps] for name, series in reader.profiles.series.items()}
        name = tree.at(("name",)).value
        description = tree.at(("description",)).value if "description" in tree.value else ""
        for key, text in (("name", name), ("description", description)):
            if key in tree.value and not isinstance(text, str | int | float):
                self.problems.append(tree.value[key].problem(key, "is not text", "write one line of text"))
        park = Park(
            name=str(name),
            description=str(description),
            folder=self.folder,
            stage=stage,
            time=kept,
            sites=sites,
            buses=buses,
            tariffs=tariffs,
            technologies=technologies,
            limits=limits or Limits(),
            finance=finance or Finance(discount_rate=0.0),
            profiles=profiles,
            profile_means={name: float(series.mean()) for name, series in reader.profiles.series.items()},
            profile_peaks={name: float(series.max()) for name, series in reader.profiles.series.items()},
            year_hours=year_hours,
            defaults_used=tuple(self.used),
            notes=tuple(dict.fromkeys(reader.profiles.notes)),
            overrides=overrides,
            definition={key: node.plain() for key, node in tree.value.items() if key not in {"stages", "default_stage", "tables"}},
        )
        for check in CHECKS:
            for path, found, remedy in check(park):
                self.problems.append(tree.at(tuple(path.split("."))).problem(path, found, remedy))
        if self.problems:
            return None
        fingerprint = hashlib.sha256(json.dumps(park.definition, sort_keys=True, default=str).encode())
        for profile in sorted(profiles):
            fingerprint.update(profile.encode() + profiles[profile].tobytes())
        object.__setattr__(park, "fingerprint", fingerprint.hexdigest())
        return park

    def _part(self, axis: TimeAxis, hours: tuple[int, int]) -> TimeAxis:
        first, last = (round(hour / axis.step_hours) for hour in hours)
        if not 0 <= first < last <= axis.steps:
            found = f"{hours[0]}:{hours[1]} is not a part of the park's {axis.hours:g} hours"
            self.problems.append(Problem("", found, "give FIRST:LAST with 0 <= FIRST < LAST, or a number of hours", "--hours"))
            return axis
        return axis.part(first, last)

    def _one(self, model: type[Definition], tree: Node, key: str, otherwise: Any = None, defaults_of: str | None = None) -> Any:
        node = tree.value.get(key)
        if node is None and defaults_of is None:
            return otherwise
        content = node if node is not None and isinstance(node.value, dict) else Node({}, tree.file, tree.line)
        if node is not None and not isinstance(node.value, dict):
            self.problems.append(node.problem(key, "is not a list of keys", f"it takes {', '.join(sorted(model.model_fields))}"))
            return None
        return self._validated(model, content, key, defaults_of)

    def _many(self, model: type[Definition], tree: Node, key: str) -> dict[str, Any]:
        node = tree.value.get(key)
        result = {}
        for name, child in self._children(node, key).items():
            if not isinstance(child.value, dict):
                self.problems.append(child.problem(f"{key}.{name}", "is empty or not a list of keys", f"it takes {', '.join(sorted(model.model_fields))}"))
            elif (checked := self._validated(model, child, f"{key}.{name}")) is not None:
                result[name] = checked
        return result

    def _children(self, node: Node | None, key: str) -> dict[str, Node]:
        if node is None:
            return {}
        if not isinstance(node.value, dict):
            self.problems.append(node.problem(key, "is not a list of entries by name", f"write {key}: with one indented name for each entry"))
            return {}
        for name, child in node.value.items():
            if not name or "." in name or name != name.strip() or not name.isprintable():
                self.problems.append(child.problem(f"{key}.{name}", "has a name with a dot or blank around it", "use letters, digits and underscores"))
        return node.value

    def _validated(self, model: type[Definition], node: Node, where: str, defaults_of: str | None = None) -> Any:
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
                self.used.append(DefaultUsed(f"{where}.{field}", default["value"], default["unit"], default["source"], default["certainty"]))

    def _technologies(self, tree: Node) -> dict[str, Technology]:
        kinds = registry()
        result: dict[str, Technology] = {}
        for name, node in self._children(tree.value.get("technologies"), "technologies").items():
            where = f"technologies.{name}"
            if not isinstance(node.value, dict):
                self.problems.append(node.problem(where, "is empty or not a list of keys", "give at least type: and its fields"))
                continue
            kind = node.value.get("type")
            if kind is None or not isinstance(kind.value, str) or kind.value not in kinds:
                found = "has no type" if kind is None else f"'{kind.value}' is not a type of technology"
                self.problems.append((kind or node).problem(where if kind is None else f"{where}.type", found, did_you_mean(str(kind.value) if kind else "", kinds)))
                continue
            model = kinds[kind.value]
            section = kind.value
            if model.variant_field is not None:
                given = node.value.get(model.variant_field)
                variant = given.value if given is not None else model.model_fields[model.variant_field].default
                section = f"{kind.value}/{variant}"
            checked = self._validated(model, node, where, section)
            if checked is not None:
                result[name] = checked
        return result

    # ---- profiles

    def _sources(self, tree: Node, axis: TimeAxis) -> dict[str, Source]:
        sources: dict[str, Source] = {}
        folder = tree.value.get("profile_set")
        if folder is not None:
            if isinstance(folder.value, str):
                sources |= sources_of_set(self.folder / folder.value, str(self.folder / folder.value), folder, self.problems)
            else:
                self.problems.append(folder.problem("profile_set", "is not a folder name", "give the folder that holds profiles.yaml"))
        for name, node in self._children(tree.value.get("profiles"), "profiles").items():
            text = node.value
            file, mark, column = text.rpartition("#") if isinstance(text, str) else ("", "", "")
            if not mark or not file or not column:
                self.problems.append(node.problem(f"profiles.{name}", f"'{text}' is not of the form file.csv#column", "name a CSV file and one of its columns"))
                continue
            base = Path.cwd() if node.file.startswith("--set") else self.folder
            sources[name] = Source(base / file, column, str(base / file) if base == self.folder else file)
        return sources

    def _read_profiles(self, reader: ProfileReader, tree: Node, technologies: dict[str, Technology], tariffs: dict[str, Tariff]) -> None:
        for name, technology in technologies.items():
            for field in technology.profile_fields:
                profile = getattr(technology, field)
                if profile is None:
                    continue
                where = f"technologies.{name}.{field}"
                node = tree.at(("technologies", name, field))
                series = reader.read(profile, where, node)
                if series is None:
                    continue
                if technology.non_negative_profiles and series.min() < 0:
                    step = int(series.argmin())
                    found = f"'{profile}' is negative ({series[step]:g}) in {int((series < 0).sum())} hours, first {reader.time.label(int((series < 0).argmax()))}"
                    self.problems.append(node.problem(where, found, "demands and availabilities are never negative; check signs and sensor faults"))
        for name, tariff in tariffs.items():
            for field, profile in tariff.profile_names().items():
                reader.read(profile, f"tariffs.{name}.{field}", tree.at(("tariffs", name, field)))


def list_stages(folder: str | Path) -> list[str]:
    """Return the names under ``stages:``, in the file's order."""
    problems: list[Problem] = []
    tree = read_yaml(Path(folder) / "park.yaml", str(Path(folder) / "park.yaml"), problems)
    if tree is None or not isinstance(tree.at(("stages",)).value, dict) or "stages" not in tree.value:
        return []
    return list(tree.value["stages"].value)


__all__ = ["leaves", "list_stages", "read_park"]
