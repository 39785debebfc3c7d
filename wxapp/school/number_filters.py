"""The filters of the lists of numbers as their address holds them, and what they offer."""

from collections.abc import Mapping

from flask import abort

from registry.base.errors import RuleError
from registry.base.text import clean
from registry.codes import transfer_types
from registry.numbers.listing import STATES, NumberFilter
from registry.numbers.posting.states import PostingStage
from registry.numbers.shape import Issue, Kind
from wxapp.core.lists import read_days
from wxapp.school.filters import parameters as people_parameters
from wxapp.school.filters import read_filter

TYPES = {
    Kind.FILE: [each.title for each in transfer_types.FILES],
    Kind.HOUSEHOLD: [each.title for each in transfer_types.HOUSEHOLDS],
}
_LONGEST = 80


def kind_of(name: str) -> Kind:
    """Return the kind an address names; 404 for none."""
    if name not in set(Kind):
        abort(404)
    return Kind(name)


def read_wanted(given: Mapping[str, str], year: int, issue: Issue, kind: Kind) -> NumberFilter:
    """Read which rows are meant; raises as `read_filter` does, RuleError naming the field."""
    state = given.get("state", "")
    if state and state not in set(STATES[issue]):
        raise RuleError("state_unknown", "没有这种状态，请从列表上方重新选择。", "state")
    posting = given.get("posting", "")
    if posting and posting not in set(PostingStage):
        raise RuleError("posting_unknown", "没有这种寄送状态，请从列表上方重新选择。", "posting")
    people = {name: value for name, value in given.items() if name != "state"}
    return NumberFilter(
        people=read_filter(people, year),
        issue=issue,
        kind=kind,
        state=state,
        updated=read_days(given, "updated"),
        transfer_type=clean(given.get("type", ""))[:_LONGEST],
        receiver=clean(given.get("receiver", ""))[:_LONGEST],
        posting=posting,
    )


def number_parameters(wanted: NumberFilter) -> dict[str, str]:
    """Return the address's parameters, without the year and what is empty."""
    days = wanted.updated
    found = {
        **people_parameters(wanted.people),
        "state": wanted.state,
        "type": wanted.transfer_type,
        "receiver": wanted.receiver,
        "posting": wanted.posting,
        "updated_from": days.first.isoformat() if days.first else "",
        "updated_to": days.last.isoformat() if days.last else "",
    }
    return {name: value for name, value in found.items() if value}
