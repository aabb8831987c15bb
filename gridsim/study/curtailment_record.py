"""A curtailment study as plain data, which its page is made of, and as lines of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gridsim
from gridsim.metrics import curtailment_table as tables
from gridsim.report.curtailment_page.curtailment_view import CurtailmentView
from gridsim.report.words import Words
from gridsim.study.curtailment import row

if TYPE_CHECKING:
    from gridsim.study.curtailment import CurtailmentStudy


def curtailment_record(study: CurtailmentStudy) -> dict[str, Any]:
    """Return the study's tables as lists of rows, and its notes as a key of the words with figures."""
    from gridsim.dispatch.curtails_least import TIE_BREAK_CNY_PER_MWH

    dispatch, card = study.dispatch, study.card
    carpet = tables.by_month_and_hour(dispatch, card)
    added = [saving.option.name for saving in study.savings if not saving.option.built]
    notes: list[dict[str, Any]] = [{"key": "tie_break", "figures": {"cny_per_mwh": TIE_BREAK_CNY_PER_MWH}}]
    if added:
        notes.append({"key": "added", "figures": {"names": ", ".join(added)}})
    if study.share_of_year < 1.0:
        notes.append({"key": "part", "figures": {"hours": dispatch.time.hours}})
    if any(saving.option.pro_rata for saving in study.savings):
        notes.append({"key": "pro_rata", "figures": {}})
    park = dispatch.draft.park
    return {
        "version": gridsim.__version__,
        "park": {
            "name": park.name,
            "description": park.description,
            "stage": park.stage,
            "start": f"{str(park.time.stamps[0])[:16].replace('T', ' ')}",
            "hours": park.time.hours,
            "labels": {name: technology.label for name, technology in park.technologies.items() if technology.label},
        },
        "curtailed_mwh": card.year["curtailed_mwh"],
        "curtailment_rate": card.year["curtailment_rate"],
        "operating_cost_cny": study.cost_cny,
        "max_cause_residual_mw": tables.check_sum(card),
        "causes": tables.by_cause(card, dispatch.time.step_hours).to_dict("records"),
        "months": tables.by_month(dispatch, card).to_dict("records"),
        "hours": tables.by_hour(dispatch, card).to_dict("records"),
        "plants": tables.by_plant(dispatch).to_dict("records"),
        "month_and_hour_mwh": {"months": list(carpet.index), "mwh": carpet.to_numpy().tolist()},
        "savings": [row(saving) for saving in study.savings],
        "notes": notes,
    }


def lines(record: dict[str, Any], language: str = "en") -> list[str]:
    """Return what the terminal says."""
    words = Words(language)
    view = CurtailmentView(record, words)
    text = [f"  {words('table.curtailed')}: {record['curtailed_mwh']:,.0f} MWh ({record['curtailment_rate']:.2%})"]
    text += [
        f"    {words.named('cause', one['cause'])}: {one['mwh']:,.0f} ({one['share_of_curtailed']:.1%})" for one in record["causes"][:-1] if one["mwh"] > 0
    ]
    heads = [f"{words('curtail.saved')} [MWh]", f"{words('curtail.cost_saved')} [CNY]", f"{words('curtail.yearly_cost')} [CNY]", words("curtail.pays")]
    text += ["", f"  {' | '.join(heads)}"]
    for one in record["savings"]:
        cost = words("curtail.not_stated") if one["yearly_cost_cny_per_unit"] is None else f"{one['yearly_cost_cny_per_unit']:,.0f}"
        pays = "" if one["pays"] is None else words.named("yes_no", "yes" if one["pays"] else "no")
        name = f"{view.option(one)}, +1 {one['unit']}"
        text.append(f"  {name:<52}{one['curtailed_mwh_per_unit']:>12,.0f}{one['cny_per_unit']:>14,.0f}{cost:>14}  {pays}")
    return [*text, "", *(f"  {note}" for note in view.notes)]
