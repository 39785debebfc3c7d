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
from registry.base.database import one_of
from registry.base.errors import RuleError
from registry.base.moves import move
from registry.record.events import Decided
from registry.record.tables import Graduate, Registration
from registry.review.states import Purpose
from registry.signing import deadlines, employer_news
from registry.signing.states import AGREED, AGREEMENT, LIVE, AgreementEvent, AgreementState
from registry.signing.tables import Agreement
from registry.signing.terms import CATEGORY


def follow_review(
    session: Session, decisions: Sequence[Decided], reason: str, at: datetime
) -> None:
    """Sign, return or fail the agreements that a review's decisions are about.

    What waits for the next level stays as it is. How one that is signed ends: `termination_review`.
    """
    about = [each for each in decisions if each.purpose == Purpose.AGREEMENT]
    passed = [each.application_id for each in about if each.passed and each.closed]
    declined = [each.application_id for each in about if not each.passed and each.closed]
    returned = [each.application_id for each in about if not each.passed and not each.closed]
    in_force = select(Graduate.registration_id).where(Graduate.id == Agreement.graduate_id)
    signed = {"signed_at": at, "registration_id": in_force.scalar_subquery(), "reason": ""}
    _move_all(session, AgreementEvent.SIGN, passed, signed)
    _tell(session, passed, NoticeKind.AGREEMENT_SIGNED, at)
    _move_all(session, AgreementEvent.FAIL, declined, {"ended_at": at, "reason": reason})
    _tell(session, declined, NoticeKind.AGREEMENT_FAILED, at)
    _return(session, returned, reason, at)


def _return(session: Session, returned: Sequence[int], reason: str, at: datetime) -> None:
    """Send agreements back: to the employer, or for another picture of the paper."""
    papers = on_paper(session, returned)
    online = [each for each in returned if each not in papers]
    for event, those, days in (
        (AgreementEvent.RETURN, online, deadlines.MEND_DAYS),
        (AgreementEvent.SEND_BACK, [*papers], deadlines.PAPER_DAYS),
    ):
        values = {"due_by": deadlines.last_moment(at, days), "reason": reason}
        _move_all(session, event, those, values)
    _tell(session, online, NoticeKind.AGREEMENT_RETURNED, at)


def on_paper(session: Session, application_ids: Collection[int]) -> set[int]:
    """Return those of these reviews that are of agreements on paper."""
    if not application_ids:
        return set()
    of_papers = Agreement.application_id.in_(application_ids) & Agreement.request_id.is_not(None)
    found = session.scalars(select(Agreement.application_id).where(of_papers))
    return {each for each in found if each is not None}


def _move_all(
    session: Session,
    event: AgreementEvent,
    application_ids: Collection[int | None],
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
    if application_ids:
        employer_news.tell_of(session, Agreement.application_id.in_(application_ids), kind, at)


def live(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition of agreements that are not over, out of those given."""
    return condition & Agreement.state.in_(sorted(LIVE))


def _agreed(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition of agreements that bind: both parties have said yes."""
    return condition & Agreement.state.in_(sorted(AGREED))


def refuse_another(session: Session, graduate_id: int, values: Mapping[str, object]) -> None:
    """Refuse a destination other than that of the agreement in force: it is terminated first.

    Other values of the same destination (the file's address, say) may change. Raises RuleError
    `agreement_in_force`.
    """
    found = _signed(session, graduate_id)
    if found is not None and not is_of(found.terms, values):
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
    registered = {"category": in_force.category, "unit_code": in_force.unit_code}
    same = is_of(found.terms, registered)
    return found if same or in_force.id == found.registration_id else None


def _signed(session: Session, graduate_id: int) -> Agreement | None:
    return session.scalar(
        select(Agreement)
        .where(Agreement.graduate_id == graduate_id, Agreement.state == AgreementState.SIGNED)
        .options(joinedload(Agreement.invitation))
        .execution_options(populate_existing=True)
    )


def stood_against(session: Session, said: Mapping[int, Mapping[str, object]]) -> dict[int, str]:
    """Return the graduates whose agreement stands against what would be registered of them.

    With the name of the employer. `said` has the whole of it by graduate. An agreement in force
    admits other values of its own destination; one that is not signed yet admits nothing, since
    what was reviewed would not be what it comes after.
    """
    if not said:
        return {}
    rows = session.execute(
        select(Agreement.graduate_id, Agreement.state, Agreement.terms).where(
            _agreed(one_of(session, Agreement.graduate_id, list(said)))
        )
    )
    return {
        ident: terms["unit_name"]
        for ident, state, terms in rows
        if state != AgreementState.SIGNED or not is_of(terms, said[ident])
    }


def bound_ids(session: Session, graduate_ids: Collection[int]) -> set[int]:
    """Return those of these graduates who have an agreement that binds."""
    those = _agreed(one_of(session, Agreement.graduate_id, list(graduate_ids)))
    return set(session.scalars(select(Agreement.graduate_id).where(those)))


def is_of(terms: Mapping[str, object], registered: Mapping[str, object]) -> bool:
    """Say whether what is registered is the destination of an agreement with these terms."""
    by_agreement = str(registered.get("category", "")).startswith(CATEGORY)
    return by_agreement and registered.get("unit_code") == terms["unit_code"]


def against_sentence(unit_name: str) -> str:
    """Return why the school cannot register another destination of somebody who has signed."""
    return (
        f"与“{unit_name}”的就业协议正在办理或已生效，去向以协议为准，不能另行更改。"
        "如需更改，请先办结签约：未生效的审核为不通过，已生效的解约或作废。"
    )


def units_of(session: Session, application_ids: Collection[int]) -> dict[int, str]:
    """Return the name of the employer whose agreement each of these applications is about."""
    rows = session.execute(
        select(Agreement.application_id, Agreement.terms).where(
            Agreement.application_id.in_(application_ids)
        )
    )
    return {ident: terms["unit_name"] for ident, terms in rows if ident is not None}
