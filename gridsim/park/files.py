"""Text files: plain UTF-8, or refused with the reason."""

from __future__ import annotations

import os
import re
from pathlib import Path

from gridsim.errors import Problem

BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""Letters that neither YAML nor CSV may hold."""
PLAIN_BYTES = bytes(range(32, 127)) + b"\t\n\r"


def read_text(path: Path, shown: str, problems: list[Problem], where: str = "") -> str | None:
    """Return the text of a UTF-8 file without byte-order mark, or note why it cannot be read; ``where`` is the path that names it."""
    try:
        if path.is_dir():
            problems.append(Problem(where, "is a directory, expected a file", "name the file inside it", shown))
            return None
        raw = path.read_bytes()
    except FileNotFoundError:
        problems.append(
            Problem(where, "does not exist", "check the path; paths are relative to the park's folder, which holds park.yaml", shown)
        )
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a possible path"
        problems.append(Problem(where, f"cannot be read ({reason})", "check the path and the file's permissions", shown))
        return None
    if raw.startswith(BYTE_ORDER_MARKS):
        advice = "save it again as plain UTF-8 (in Excel: 'CSV', in an editor: 'UTF-8 without BOM')"
        problems.append(Problem(where, "starts with a byte-order mark (BOM)", advice, shown, 1))
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        advice = "save it again as UTF-8; a spreadsheet must be exported as CSV first"
        problems.append(Problem(where, f"is not UTF-8 text (byte {error.start})", advice, shown, line))
        return None
    control = UNPRINTABLE.search(text) if raw.translate(None, PLAIN_BYTES) else None
    if control is not None:
        line = text.count("\n", 0, control.start()) + 1
        problems.append(Problem(where, "holds a control character", "this looks like a binary file; expected plain text", shown, line))
        return None
    return text


def shown(path: Path) -> str:
    """Return a path as problems name it, without detours such as ``networks/starter/../../profiles``."""
    return os.path.normpath(path)


def is_folder(path: Path) -> bool:
    """Tell whether a path is a folder that can be looked into; paths that no system could have are not."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_there(path: Path) -> bool:
    """Tell whether there is something at a path; at those that no system could have is nothing."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
