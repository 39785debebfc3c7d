"""What is done for graduates who were chosen from the list: each job begins on its own page."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier.campaigns.audience import MOST_NUMBERS
from registry.base.errors import RuleError
from registry.record import graduates, selections
from registry.record.confirmation.states import ConfirmationState
from registry.record.destination_filter import UNFILLED
from registry.record.list_tables import Selection
from registry.record.selections import People
from wxapp.core.db import writing
from wxapp.core.resources import now
from wxapp.core.rights import may
from wxapp.core.who import WrongRole
from wxapp.school import exports
from wxapp.school.door import blueprint, staff_context
from wxapp.school.filters import SORT, list_query, read_filter
from wxapp.school.lists import refused_list

EXPORT = "export"
ACTS = {
    "remind": "school.new_campaign",
    "review": "school.reviews",
    "number": "school.transfers",
    "end": "school.end_many",
    "assign": "school.assign_many",
}
"""What may be done besides an export, and the page where it begins."""
_WHOM = ("ticked", "page", "all")
_OF_CAMPAIGNS = frozenset({"state", "department", "level", "major", "class"})
"""Filters that a campaign has too."""


@blueprint.post("/graduates/choose")
def choose() -> ResponseReturnValue:
    """Settle who was chosen, then lead to what is to be done for exactly them."""
    act = request.form.get("act", "")
    if act == EXPORT:
        return exports.export_chosen(_people) if may("school.export") else _refuse()
    if act not in ACTS:
        return refused_list(RuleError("act_unknown", "请选择要办理的事项。", "act"))
    if not may(ACTS[act]):
        _refuse()
    if act == "remind" and _is_narrowed_as_a_campaign():
        # Of all states a campaign leaves out who confirmed, as it does of a list of numbers.
        return redirect(url_for(ACTS[act], **{"state": "", **_narrowed()}), 303)
    try:
        with writing() as session:
            chosen = _chosen(session)
            if act == "remind":
                _refuse_too_many(chosen)
            address = url_for(ACTS[act], chosen=chosen.key)
    except RuleError as refusal:
        return refused_list(refusal)
    return redirect(address, 303)


def _refuse() -> Response:
    raise WrongRole


def _refuse_too_many(chosen: Selection) -> None:
    """Raise RuleError `too_many_to_remind`: a reminder means people by number, and not by more."""
    if chosen.size > MOST_NUMBERS:
        sentence = (
            f"按当前条件选出 {chosen.size:,} 人，发提醒一次最多 {MOST_NUMBERS:,} 人。"
            "请再按院系、班级等筛选后分次发送；只按登记确认状态、院系、学历、专业、班级筛选的全部毕业生不限人数。"
        )
        raise RuleError("too_many_to_remind", sentence)


def _is_narrowed_as_a_campaign() -> bool:
    """Say whether a campaign can mean all of the list by filters, whose number nothing limits."""
    narrowed = _narrowed()
    answered = narrowed.get("state", "") == ConfirmationState.CONFIRMED
    whole = request.form.get("whom") == "all"
    told = narrowed.keys() <= _OF_CAMPAIGNS and UNFILLED not in narrowed.values()
    return whole and not answered and told


def _narrowed() -> dict[str, Any]:
    """Return what narrows the list as the list read it, without its order."""
    return {name: value for name, value in list_query().items() if name != SORT}


def _chosen(session: Session) -> Selection:
    context = staff_context()
    return selections.choose(session, context.scope, context.staff.id, _people(session), now())


def _people(session: Session) -> People:
    """Return the query of who is meant: those ticked, the page, or all that the list counts."""
    whom = request.form.get("whom", "ticked")
    if whom not in _WHOM:
        raise RuleError("whom_unknown", "请选择办理范围。", "whom")
    if whom == "all":
        wanted = read_filter(request.args, staff_context().year)
        return graduates.ids(staff_context().scope, wanted)
    return selections.keyed(session, request.form.getlist("key" if whom == "ticked" else "shown"))
