"""What a study keeps of a scenario's dispatch: each step's electricity by type of technology, as the stacks of a run's report show it.

A worker may stand on another machine than the study's folder. So the table travels as text in the worker's row, and the study's own process writes it.
"""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gridsim.report.study_page.kept import CURTAILED, FOLDER, STEP_KEY, SUPPLY, USE

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.dispatch.solve import Solved
    from gridsim.metrics.scorecard import Scorecard

DECIMALS = 3
"""Of the powers kept: 1 kW. [MW]"""


def dispatch_table(solved: Solved, card: Scorecard) -> pd.DataFrame:
    """Return a row a step with the power of each type of technology.

    Parameters
    ----------
    solved : Solved
        A dispatch of any level; prices are not needed.
    card : Scorecard
        Of this dispatch.

    Returns
    -------
    DataFrame, shape (T, layers)
        ``supply:<type>`` and ``use:<type>`` in the order in which they are stacked, each side with the same sum, and ``curtailed``. [MW]
    """
    import pandas as pd

    from gridsim.folder import RunFolder
    from gridsim.metrics.balance import energy_flow
    from gridsim.metrics.hourly import hourly_table
    from gridsim.report.balance import supply_and_use
    from gridsim.report.view import RunView
    from gridsim.report.words import Words

    dispatch = solved.dispatch
    park, (hourly, units) = dispatch.draft.park, hourly_table(dispatch, card)
    record = {
        "park": {"step_minutes": dispatch.time.step_minutes},
        "technologies": {name: {"type": technology.type, "label": technology.label} for name, technology in park.technologies.items()},
        "energy_flow": [vars(edge) for edge in energy_flow(dispatch)],
    }
    supply, use = supply_and_use(RunView(RunFolder(Path(), {}, record, hourly, units), Words("en")))
    columns = {f"{SUPPLY}{part.group}": part.power_mw for part in supply} | {f"{USE}{part.group}": part.power_mw for part in use}
    columns[CURTAILED] = card.hour["curtailed_mw"].to_numpy()
    return pd.DataFrame({name: np.round(power, DECIMALS) + 0.0 for name, power in columns.items()}, index=hourly.index)


def dispatch_text(solved: Solved, card: Scorecard) -> str:
    """Return the table as text that fits into a row of JSON: a parquet file in base64, about 0.2 MB for a year of hours."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(dispatch_table(solved, card).astype(np.float32))
    minutes = str(solved.dispatch.time.step_minutes).encode()
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), STEP_KEY: minutes})
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", compression_level=9, use_dictionary=False, use_byte_stream_split=True)
    return base64.b64encode(file.getvalue()).decode("ascii")


def write_dispatch(folder: Path, scenario: str, text: str) -> Path:
    """Write what a worker sent, whole or not at all, to where the page of the study reads it."""
    target = folder / FOLDER / f"{scenario}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    passing = target.with_name(f".{target.name}.{os.getpid()}")
    passing.write_bytes(base64.b64decode(text))
    passing.replace(target)
    return target
