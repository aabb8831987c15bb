"""Solar modules: a ground-mounted base, or rooftops."""

from __future__ import annotations

from typing import ClassVar, Literal

from gridsim.technologies.variable_renewable import VariableRenewable


class Solar(VariableRenewable):
    """Solar modules with the availability of one profile, per unit of AC power; equations in `variable_renewable`."""

    variant_field: ClassVar[str | None] = "kind"

    type: Literal["solar"]
    kind: Literal["base", "rooftop"] = "base"
