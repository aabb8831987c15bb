"""Which format a weather file has, by its content; a wrong suffix does no harm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gridsim.errors import Problem
from gridsim.profiles.weather.importers import epw, era5, nsrdb, pvgis, spreadsheet, tmy3
from gridsim.profiles.weather.importers.raw import Options, Raw
from gridsim.profiles.weather.importers.tabular import decode

TEXT_FORMATS: dict[str, tuple[Callable[[str], bool], Callable[[str, Options, list[Problem]], Raw | None]]] = {
    "EPW": (epw.recognises, epw.read),
    "PVGIS": (pvgis.recognises, pvgis.read),
    "TMY3": (tmy3.recognises, tmy3.read),
    "NSRDB": (nsrdb.recognises, nsrdb.read),
}
WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_raw(path: Path, options: Options, problems: list[Problem]) -> Raw | None:
    """Read a file in the format that its content has, or note why it cannot be read."""
    head = first_bytes(path, options.shown, problems)
    if head is None:
        return None
    if era5.recognises(head):
        return era5.read(path, options, problems)
    if head.startswith(WORKBOOK):
        return spreadsheet.read(path, options, problems)
    decoded = decode(path.read_bytes(), options.shown, problems)
    if decoded is None:
        return None
    text = decoded[0].replace("\r\n", "\n")
    for name, (recognises, read) in TEXT_FORMATS.items():
        if recognises(text):
            try:
                return read(text, options, problems)
            except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
                # pvlib's readers raise whatever a cut or edited file makes them stumble over
                found = f"looks like {name}, but is cut short or edited ({type(error).__name__}: {str(error)[:120]})"
                problems.append(Problem("", found, "get the original file again", options.shown))
                return None
    return spreadsheet.read(path, options, problems)


def first_bytes(path: Path, shown: str, problems: list[Problem]) -> bytes | None:
    """Return the first bytes of a file that is there and not empty, or note what it is instead."""
    try:
        if path.is_dir():
            problems.append(Problem("", "is a directory, expected a file", "name the file inside it", shown))
            return None
        with path.open("rb") as file:
            head = file.read(64)
    except FileNotFoundError:
        problems.append(Problem("", "does not exist", "check the path", shown))
        return None
    except (OSError, ValueError) as error:
        problems.append(Problem("", f"cannot be read ({getattr(error, 'strerror', None) or 'not a possible path'})", "check the path", shown))
        return None
    if not head.strip():
        problems.append(Problem("", "is empty", "expected a table", shown))
        return None
    return head
