"""Write the page of a profile set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridsim.profiles.weather.finding import Finding
    from gridsim.report.profile_page.compared import Compared


def columns_of(folder: Path) -> dict[str, Compared]:
    """Return the columns of a profile set by name, for another set to be compared with.

    Raises
    ------
    DefinitionError
        Where the folder is no profile set, or a series cannot be read.
    """
    from gridsim.report.profile_page.compared import Compared
    from gridsim.report.profile_page.profile_set import read_set
    from gridsim.report.words import Words

    folder = Path(folder)
    view = read_set(folder, Words("en"), {})
    origins = {name: file.origin for file in view.listing.files.values() for name in file.columns}
    name = folder.absolute().name
    source = f"{name}: {view.listing.title}" if view.listing.title else name
    return {
        column.name: Compared(name, column.track.values, column.track.stamps, "; ".join(part for part in (source, origins[column.name]) if part), column.unit)
        for column in view.columns
    }


def write_profile_page(
    folder: Path,
    *,
    findings: Sequence[Finding] = (),
    compare: Mapping[str, Compared] | None = None,
    language: str = "en",
    out: Path | None = None,
) -> Path:
    """Read a profile set as a park would and write the page by which a person judges it, whole or not at all.

    Parameters
    ----------
    folder : Path
        Holds ``profiles.yaml`` and the files that it names.
    findings : sequence of Finding
        What checks of the set found just now; those that the set's listing keeps are shown too.
    compare : mapping of str to Compared, optional
        A second source for columns of the set, by their names.
    language : {"en", "zh"}
        Language of the page; notes, origins and findings are shown as they are.
    out : Path, optional
        The file to write; ``report.html`` in the folder where it is left out.

    Returns
    -------
    Path
        The page: one file that needs nothing else.

    Raises
    ------
    DefinitionError
        Where the folder is no profile set, a series cannot be read or compared, or the language is unknown.
    """
    from gridsim.folder import replace_file
    from gridsim.profiles.weather.finding import Finding
    from gridsim.report.profile_page.page import page
    from gridsim.report.profile_page.profile_set import read_set
    from gridsim.report.words import Words

    folder = Path(folder)
    view = read_set(folder, Words(language), compare or {})
    kept = [Finding(**finding.model_dump()) for file in view.listing.files.values() for finding in file.findings]
    text = page(view, list(dict.fromkeys([*findings, *kept])))
    report = Path(out) if out is not None else folder / "report.html"
    replace_file(report, text)
    return report
