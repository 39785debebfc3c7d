"""Who may be verified (核验授权) and whose papers can be sent (转递编号), in numbers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from registry.numbers import service
from registry.numbers.listing import STATES, kept_states, state_of
from registry.numbers.shape import KIND_TITLES, Issue, Kind
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import generate
from registry.numbers.transfer import states as transfer
from registry.numbers.verification import states as authorization
from registry.record.graduate_filter import GraduateFilter, matching
from registry.record.scope import Scope
from registry.record.tables import Graduate

_TITLES: Mapping[Issue, Mapping[str, str]] = {
    Issue.VERIFICATION: {state.value: said for state, said in authorization.TITLES.items()},
    Issue.TRANSFER: {state.value: said for state, said in transfer.TITLES.items()},
}
_NAMES = {Issue.VERIFICATION: "信息核验授权", Issue.TRANSFER: "转递编号"}


@dataclass(frozen=True)
class NumberCoverage:
    """How many graduates stand in each state of one kind of number."""

    issue: Issue
    kind: Kind
    states: list[tuple[str, str, int]]
    """State, what it is called, and how many."""

    @property
    def title(self) -> str:
        """Return what it is the coverage of."""
        return f"{KIND_TITLES[self.kind]}{_NAMES[self.issue]}"

    @property
    def total(self) -> int:
        """Return how many graduates it is about; of transfer numbers, those with a destination."""
        return sum(number for *_, number in self.states)


def coverage(
    session: Session, scope: Scope, people: GraduateFilter, at: datetime
) -> list[NumberCoverage]:
    """Return the counts of both kinds of authorization and of transfer numbers.

    `people` are named without what they are registered with.
    """
    return [found for issue in _NAMES for found in _of_issue(session, scope, people, issue, at)]


def _of_issue(
    session: Session, scope: Scope, people: GraduateFilter, issue: Issue, at: datetime
) -> list[NumberCoverage]:
    """Count both kinds of an issue in one pass over the graduates."""
    kept = kept_states(session, scope, people, issue, at)
    if kept is not None:
        return [NumberCoverage(issue, kind, _told(issue, kept[kind])) for kind in Kind]
    newest = {kind: aliased(IssuedNumber) for kind in Kind}
    states = [state_of(issue, service.today(at), number) for number in newest.values()]
    statement = select(*states, func.count()).select_from(Graduate)
    for kind, number in newest.items():
        statement = statement.outerjoin(number, generate.newest(kind, issue, number))
    statement = statement.where(matching(scope, people))
    if issue is Issue.TRANSFER:
        statement = statement.where(Graduate.registration_id.is_not(None))
    counted = {kind: Counter[str]() for kind in Kind}
    for *found, number in session.execute(statement.group_by(*states)):
        for kind, state in zip(Kind, found, strict=True):
            counted[kind][state] += number
    return [NumberCoverage(issue, kind, _told(issue, counted[kind])) for kind in Kind]


def _told(issue: Issue, counted: Mapping[str, int]) -> list[tuple[str, str, int]]:
    return [(state.value, _TITLES[issue][state.value], counted[state]) for state in STATES[issue]]
