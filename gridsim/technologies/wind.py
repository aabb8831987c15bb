"""Wind turbines: a wind base, or dispersed turbines inside the park."""

from __future__ import annotations

from typing import Literal

from gridsim.technologies.variable_renewable import VariableRenewable


class Wind(VariableRenewable):
    """Wind turbines with the availability of one profile; equations in `variable_renewable`."""

    type: Literal["wind"]
