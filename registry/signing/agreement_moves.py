"""What a review does to agreements, in the transaction of the review itself.

`registry.review` calls this upwards, as the record calls `registry.review.application_moves`: an
agreement is signed if and only if the destination that it writes comes into force.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from registry.accounts.staff_notices import NoticeKind
from registry.base.errors import RuleError
from registry.base.moves import move
from registry.record.events import Decided
from registry.record.tables import Graduate, Registration
from registry.review.states import Purpose
from registry.signing import employer_news
from registry.signing.states import AGREEMENT, LIVE, AgreementEvent, AgreementState
from registry.signing.tables import Agreement, Invitation


def follow_review(
    session: Session, decisions: Sequence[Decided], reason: str, at: datetime
) -> None:
    """Sign or fail the agreements that a review's decisions are about.

    What waits for the next level stays as it is. How one that is signed ends: `termination_review`.
    """
    over = [each for each in decisions if not (each.passed and each.next_level)]
    about = [each for each in over if each.purpose == Purpose.AGREEMENT]
    in_force = select(Graduate.registration_id).where(Graduate.id == Agreement.graduate_id)
    signed = {"signed_at": at, "registration_id": in_force.scalar_subquery()}
    passed = [each.application_id for each in about if each.passed]
    _move_all(session, AgreementEvent.SIGN, passed, signed)
    _tell(session, passed, NoticeKind.AGREEMENT_SIGNED, at)
    returned = [each.application_id for each in about if not each.passed]
    _move_all(session, AgreementEvent.FAIL, returned, {"ended_at": at, "reason": reason})
    _tell(session, returned, NoticeKind.AGREEMENT_FAILED, at)


def _move_all(
    session: Session,
    event: AgreementEvent,
    application_ids: Collection[int],
    values: Mapping[str, Any],
) -> None:
    """Move the agreements of these applications; all of them, or the transaction is none."""
    if not application_ids:
        return
    those = Agreement.application_id.in_(application_ids)
    moved = move(session, AGREEMENT, Agreement.state, event, those, **values)
    if len(moved) != len(application_ids):
        raise RuntimeError("an agreement stands otherwise than its review")


def _tell(
    session: Session, application_ids: Collection[int], kind: NoticeKind, at: datetime
) -> None:
    """Tell those who sent the invitations what came of the reviews."""
    about = select(Agreement.invitation_id).where(Agreement.application_id.in_(application_ids))
    if application_ids:
        employer_news.tell(session, session.scalars(about).all(), kind, at)


def live(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition of agreements that bind, out of those given."""
    return condition & Agreement.state.in_(sorted(LIVE))


def refuse_another(session: Session, graduate_id: int, values: Mapping[str, object]) -> None:
    """Refuse a destination other than that of the agreement in force: it is terminated first.

    Other values of the same destination (the file's address, say) may change. Raises RuleError
    `agreement_in_force`.
    """
    found = _signed(session, graduate_id)
    if found is not None and not _is_of(found, values.get("category"), values.get("unit_code")):
        sentence = (
            f"您与“{found.terms['unit_name']}”的就业协议正在生效，不能登记其他去向。"
            "如需更改，请先申请解约。"
        )
        raise RuleError("agreement_in_force", sentence)


def refuse_voiding(session: Session, graduate: Graduate) -> None:
    """Refuse to void what an agreement in force has registered: the employer is to be heard.

    Raises RuleError `agreement_in_force`.
    """
    found = of_destination(session, graduate)
    if found is not None:
        sentence = (
            f"这一去向由您与“{found.terms['unit_name']}”的就业协议登记。"
            "如需更改，请申请解约，解约后原去向作废。"
        )
        raise RuleError("agreement_in_force", sentence)


def of_destination(session: Session, graduate: Graduate) -> Agreement | None:
    """Return the signed agreement, with its invitation, by which the destination is in force.

    None where none is signed, or something else was registered meanwhile: what the agreement wrote
    may have been changed since, but it names the same employer.
    """
    found = _signed(session, graduate.id)
    if found is None or graduate.registration_id is None:
        return None
    in_force = session.get_one(Registration, graduate.registration_id)
    same = _is_of(found, in_force.category, in_force.unit_code)
    return found if same or in_force.id == found.registration_id else None


def _signed(session: Session, graduate_id: int) -> Agreement | None:
    return session.scalar(
        select(Agreement)
        .where(Agreement.graduate_id == graduate_id, Agreement.state == AgreementState.SIGNED)
        .options(joinedload(Agreement.invitation))
        .execution_options(populate_existing=True)
    )


def _is_of(agreement: Agreement, category: object, unit_code: object) -> bool:
    """Say whether a destination is the one that an agreement registers."""
    same_kind = str(category or "").startswith("10")
    return same_kind and unit_code == agreement.terms["unit_code"]


def units_of(session: Session, application_ids: Collection[int]) -> dict[int, str]:
    """Return the name of the employer whose agreement each of these applications is about."""
    rows = session.execute(
        select(Agreement.application_id, Invitation.terms)
        .join(Invitation, Invitation.id == Agreement.invitation_id)
        .where(Agreement.application_id.in_(application_ids))
    )
    return {ident: terms["unit_name"] for ident, terms in rows}
