"""What a report would show, seen by the school: the number itself is never part of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department, School
from registry.numbers import report, service
from registry.numbers.report import Shown
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import states as transfer
from registry.numbers.verification import states as authorization
from registry.record import graduate_page
from registry.record.scope import Scope
from registry.record.tables import Graduate, Registration


@dataclass(frozen=True)
class Preview:
    """One graduate's report of a kind, and where its number stands."""

    graduate: Graduate
    department: str
    kind: Kind
    state: str
    """An `authorization.AuthorizationState` or a `transfer.TransferState`."""
    newest: IssuedNumber | None
    """Without the number, which is not loaded."""
    blocks: list[Shown]
    """As the number in force shows them, else as a new one would; none where nothing is reported.
    """
    is_issued: bool
    """Whether the blocks are those of a number in force."""
    lacks_own: bool
    """Whether the block it is for, file or household, is not registered."""


def preview(
    session: Session, scope: Scope, key: str, which: tuple[Issue, Kind], at: datetime
) -> Preview:
    """Return the preview of a graduate (by key) within the scope; raise NotFound outside it."""
    graduate = graduate_page.find(session, scope, key)
    issue, kind = which
    newest = session.scalar(
        select(IssuedNumber).where(
            IssuedNumber.graduate_id == graduate.id,
            IssuedNumber.issue == issue,
            IssuedNumber.kind == kind,
            IssuedNumber.newest,
        )
    )
    good = newest if newest and newest.standing == NumberState.GOOD else None
    values = good.snapshot if good else _registered(session, graduate, kind)
    return Preview(
        graduate=graduate,
        department=session.get_one(Department, graduate.department_id).name,
        kind=kind,
        state=_state(issue, newest, at),
        newest=newest,
        blocks=report.blocks(values, kind) if values else [],
        is_issued=good is not None,
        lacks_own=report.lacks_own_block(values, kind),
    )


def _registered(session: Session, graduate: Graduate, kind: Kind) -> dict[str, str]:
    if graduate.registration_id is None:
        return {}
    registration = session.get_one(Registration, graduate.registration_id)
    school = session.get_one(School, graduate.school_id).name
    return report.snapshot(school, graduate, registration, kind)


def _state(issue: Issue, newest: IssuedNumber | None, at: datetime) -> str:
    number = NumberState(newest.standing) if newest else None
    ends_on, today = newest.ends_on if newest else None, service.today(at)
    if issue is Issue.TRANSFER:
        return transfer.state_of(number, ends_on, today)
    return authorization.state_of(number, ends_on, today)
