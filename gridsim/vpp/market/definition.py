"""What the file of a market, and the file of the baseline methods, may say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from gridsim.errors import did_you_mean, quoted
from gridsim.park.definition import Definition
from gridsim.park.document_file import Certainty, Document, Identified
from gridsim.units import Hours, Share
from gridsim.vpp.market.terms import TERMS, Direction, Product

Scope = Literal["mw", "hour"]
"""``mw``: not from the same MW in the same hour; ``hour``: not at all in the same hour."""


class Figure(Definition):
    """One number of a document, with where it was found; no value: the document does not state it, or it was not seen."""

    value: float | None
    source: str
    certainty: Certainty
    note: str = ""


class MarketDefinition(Document):
    """The rules of one product in one market."""

    label_en: str
    label_zh: str
    product: Product
    direction: Direction
    terms: dict[str, Figure]
    """Numbers by the words of `gridsim.vpp.market.terms.TERMS`."""
    baseline: str | None = None
    """Id of the method that says what would have been drawn without a call."""
    excludes: dict[Product, Scope] = Field(default_factory=dict)
    """Products that are not sold together with this one; either of the two files may say so."""
    excludes_source: str = ""
    excludes_certainty: Certainty = "A"

    @field_validator("terms")
    @classmethod
    def _terms_exist(cls, terms: dict[str, Figure]) -> dict[str, Figure]:
        for name, figure in terms.items():
            check_term(name, figure.value)
        return terms

    @model_validator(mode="after")
    def _fits_the_product(self) -> MarketDefinition:
        for name in self.terms:
            if self.product not in TERMS[name].products:
                raise ValueError(f"has {name}, which is no term of {self.product}", f"remove it; it belongs to {', '.join(TERMS[name].products)}")
        if self.excludes and not self.excludes_source:
            raise ValueError("excludes other products, and does not say where that is written", "give excludes_source:")
        return self


def check_term(name: str, value: float | None) -> None:
    """Raise a `ValueError` of finding and remedy where a term does not exist or its value is out of range."""
    if name not in TERMS:
        raise ValueError(f"{quoted(name)} is not a term of a market", did_you_mean(name, TERMS))
    term = TERMS[name]
    if value is None:
        return
    if term.least is not None and value < term.least:
        raise ValueError(f"{name} is {value:g}, below {term.least:g}", f"give at least {term.least:g} {term.unit}")
    if term.most is not None and value > term.most:
        raise ValueError(f"{name} is {value:g}, above {term.most:g}", f"give at most {term.most:g} {term.unit}")


class Adjustment(Definition):
    """How a baseline is moved to the hours before the call."""

    kind: Literal["none", "additive", "multiplicative"]
    window_hours: Hours = 0.0
    """Length of the window whose means are compared. [h]"""
    gap_hours: Hours = 0.0
    """Between the window's end and the call. [h]"""
    cap_share: Share | None = None
    """Most by which the baseline may move, as a share of its mean over the window; none: any."""
    only_up: bool = False


class BaselineMethod(Identified):
    """One way to say what would have been drawn without a call."""

    label_en: str
    label_zh: str
    kind: Literal["days", "match_day", "same_day", "regression"]
    """``days``: mean of the highest of past days; ``match_day``: mean of the past days most like this one outside the call; ``same_day``: the meter before
    (and after) the call; ``regression``: least squares on drivers."""
    take_days: Annotated[int, Field(ge=1)] = 1
    """Days that are averaged."""
    of_days: Annotated[int, Field(ge=1)] = 1
    """Most recent fitting days among which they are chosen."""
    ranked_by: Literal["call", "day"] = "call"
    """Highest by the mean of the call's hours, or of the whole day."""
    skip_days: Annotated[int, Field(ge=0)] = 0
    """Days just before the call that are not looked at."""
    lookback_days: Annotated[int, Field(ge=1)] = 45
    low_day_share: Share | None = None
    """Days below this share of the mean of the days that were found are replaced by earlier ones, once."""
    same_day_type: bool = True
    """Working days are compared with working days, days off with days off."""
    working_days_only: bool = False
    """Days off are never looked at, whatever day the call is on."""
    before_hours: Hours = 0.0
    before_gap_hours: Hours = 0.0
    after_hours: Hours = 0.0
    after_gap_hours: Hours = 0.0
    adjustment: Adjustment = Adjustment(kind="none")
    source: str
    certainty: Certainty
    note_en: str = ""
    note_zh: str = ""

    @model_validator(mode="after")
    def _whole(self) -> BaselineMethod:
        if self.kind == "days" and self.take_days > self.of_days:
            raise ValueError(f"takes {self.take_days} of {self.of_days} days", "give take_days no larger than of_days")
        if self.kind == "same_day" and not self.before_hours + self.after_hours:
            raise ValueError("looks at no hour before or after the call", "give before_hours or after_hours")
        if self.adjustment.kind != "none" and not self.adjustment.window_hours:
            raise ValueError("adjusts, and has no window", "give adjustment.window_hours")
        return self
