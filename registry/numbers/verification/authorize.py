"""A graduate authorizes that her file or household report can be verified; extends it; revokes it.

Source: the operating guide for graduates, 2.1: needs the confirmation and a fresh real-person
authentication; each kind by itself; each authorization has a number of its own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BindParameter, ColumnElement, bindparam, select, true, update
from sqlalchemy.orm import Session, undefer

from registry.base.crypto import Vault
from registry.base.database import BigId
from registry.base.detached import Detached
from registry.base.errors import RuleError
from registry.base.moves import move
from registry.numbers import issuing, report, service
from registry.numbers.issuing import Issuer, NumberToIssue
from registry.numbers.service import Validity
from registry.numbers.shape import KIND_TITLES, Issue, Kind
from registry.numbers.states import ISSUED_NUMBER, NumberEvent, NumberState
from registry.numbers.tables import IssuedNumber
from registry.numbers.verification import authentication
from registry.numbers.verification.states import (
    AUTHORIZATION,
    AuthorizationEvent,
    AuthorizationState,
    state_of,
)
from registry.record import contact_changes, in_force
from registry.record.confirmation.states import ConfirmationState
from registry.record.tables import Graduate, Registration


@dataclass(frozen=True)
class AuthorizationRequest:
    """Who asks for an authorization, from which browser session, when."""

    graduate: Graduate
    """From the door, with her school loaded."""
    session_hash: str
    at: datetime


@dataclass(frozen=True)
class Own:
    """Where one kind stands for the graduate herself; without the number."""

    kind: Kind
    state: AuthorizationState
    newest: IssuedNumber | None
    """The newest authorization, in force or not."""

    @property
    def ends_on(self) -> date | None:
        """Return the last day it holds, where it is in force or ran out."""
        return (
            self.newest.ends_on
            if self.newest and self.state is not AuthorizationState.NOT_AUTHORIZED
            else None
        )

    @property
    def ended(self) -> NumberState | None:
        """Return what ended the newest one, where it is not authorized any more."""
        if self.newest is None or self.state is not AuthorizationState.NOT_AUTHORIZED:
            return None
        return NumberState(self.newest.standing)


def own(session: Session, graduate_id: int, at: datetime) -> dict[Kind, Own]:
    """Return where both kinds stand."""
    rows = _READ.read(session, _OWN, {"graduate": graduate_id})
    found = {Kind(row.kind): row for (row,) in rows}
    return {kind: _own(kind, found.get(kind), service.today(at)) for kind in Kind}


def would_end(
    session: Session, graduate_id: int, kinds: Collection[Kind], at: datetime
) -> list[Kind]:
    """Return those of the kinds that are in force: a change of what they show ends them."""
    return [
        kind
        for kind, each in own(session, graduate_id, at).items()
        if kind in kinds and each.state is AuthorizationState.IN_FORCE
    ]


def _own(kind: Kind, row: IssuedNumber | None, today: date) -> Own:
    number = NumberState(row.standing) if row else None
    return Own(kind, state_of(number, row.ends_on if row else None, today), row)


def authorize(
    session: Session, vault: Vault, asked: AuthorizationRequest, kind: Kind, validity: Validity
) -> None:
    """Authorize one kind from now on, under a new number.

    Raises RuleError `not_confirmed`, `not_authenticated`, `already_authorized`, `service_over` or
    `under_objection`.
    """
    school = asked.graduate.school
    in_force.lock(session, school.id, [asked.graduate.id])
    contact_changes.refuse_objected(session, asked.graduate.id)
    graduate = session.get_one(Graduate, asked.graduate.id, populate_existing=True)
    confirmed = _confirmed(session, graduate)
    now = own(session, graduate.id, asked.at)[kind]
    if AUTHORIZATION.after(now.state, AuthorizationEvent.AUTHORIZE) is None:
        sentence = f"{KIND_TITLES[kind]}去向核验报告已经授权，正在生效中。"
        raise RuleError("already_authorized", sentence)
    proof = authentication.fresh(session, graduate.id, asked.session_hash, asked.at)
    if proof is None:
        raise RuleError("not_authenticated", "授权前请先完成实人认证，认证后 10 分钟内有效。")
    wanted = NumberToIssue(
        graduate_id=graduate.id,
        year=service.graduation_year(graduate.graduation_month),
        kind=kind,
        registration_id=confirmed.id,
        snapshot=report.snapshot(school.name, graduate, confirmed, kind),
        ends_on=service.chosen_end(validity, graduate.graduation_month, asked.at),
    )
    by = f"graduate:{graduate.key}"
    issuer = Issuer(Issue.VERIFICATION, school.code, by, asked.at, proof.id)
    issuing.issue(session, vault, issuer, [wanted])


def _confirmed(session: Session, graduate: Graduate) -> Registration:
    if graduate.registration_id is None or graduate.confirmation != ConfirmationState.CONFIRMED:
        raise RuleError("not_confirmed", "请先确认登记去向无误，之后才能授权核验。")
    return session.get_one(Registration, graduate.registration_id)


def extend(session: Session, asked: AuthorizationRequest, kind: Kind, validity: Validity) -> date:
    """Let the authorization in force hold longer, from today; return its last day.

    Raises RuleError `service_over`, `not_in_force`, `under_objection`, or `not_longer` where it
    would end no later.
    """
    contact_changes.refuse_objected(session, asked.graduate.id)
    ends_on = service.chosen_end(validity, asked.graduate.graduation_month, asked.at)
    now = own(session, asked.graduate.id, asked.at)[kind]
    may_extend = AUTHORIZATION.after(now.state, AuthorizationEvent.EXTEND) is not None
    if may_extend and now.ends_on and now.ends_on >= ends_on:
        until = f"{now.ends_on.month}月{now.ends_on.day}日"
        sentence = f"现在的有效期到 {until}，请选择更长的有效期。"
        raise RuleError("not_longer", sentence, "validity")
    longer = (
        update(IssuedNumber)
        .where(*_in_force(asked, kind), IssuedNumber.standing == NumberState.GOOD)
        .values(ends_on=ends_on)
        .returning(IssuedNumber.id)
        .execution_options(synchronize_session=False)
    )
    if not session.scalars(longer).all():
        raise _not_in_force(kind)
    return ends_on


def revoke(session: Session, asked: AuthorizationRequest, kind: Kind) -> None:
    """Take the consent back: the number is not found any more. Raises RuleError `not_in_force`."""
    revoked = move(
        session,
        ISSUED_NUMBER,
        IssuedNumber.standing,
        NumberEvent.REVOKE,
        *_in_force(asked, kind),
        ended_at=asked.at,
    )
    if not revoked:
        raise _not_in_force(kind)


def _in_force(asked: AuthorizationRequest, kind: Kind) -> list[ColumnElement[bool]]:
    """Return the conditions of her newest number of a kind that has not run out."""
    return [
        *_newest(asked.graduate.id),
        IssuedNumber.kind == kind,
        IssuedNumber.ends_on >= service.today(asked.at),
    ]


def _not_in_force(kind: Kind) -> RuleError:
    sentence = f"{KIND_TITLES[kind]}去向核验报告现在没有生效的授权，请刷新页面查看。"
    return RuleError("not_in_force", sentence)


def own_in_force(session: Session, graduate_id: int, kind: Kind, at: datetime) -> IssuedNumber:
    """Return her authorization in force with the sealed number; raise RuleError `not_in_force`."""
    row = session.scalar(
        select(IssuedNumber)
        .where(
            *_newest(graduate_id),
            IssuedNumber.kind == kind,
            IssuedNumber.standing == NumberState.GOOD,
            IssuedNumber.ends_on >= service.today(at),
        )
        .options(undefer(IssuedNumber.number_sealed), undefer(IssuedNumber.link_sealed))
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise _not_in_force(kind)
    return row


def _newest(graduate_id: int | BindParameter[int]) -> list[ColumnElement[bool]]:
    return [
        IssuedNumber.graduate_id == graduate_id,
        IssuedNumber.issue == Issue.VERIFICATION,
        IssuedNumber.newest == true(),
    ]


_READ = Detached(IssuedNumber)
_OWN = select(*_READ.columns).where(*_newest(bindparam("graduate", type_=BigId)))
"""Made once: most of her pages ask."""
