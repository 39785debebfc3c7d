"""Voiding a destination (作废): asked for with a reason, reviewed, and then registered anew.

The versions and answers stay as they are; only nothing is in force any more, no number either.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from registry.base.errors import RuleError
from registry.base.moves import move
from registry.base.written_reason import written_reason
from registry.numbers import lapse
from registry.numbers.shape import Kind
from registry.record import events
from registry.record.confirmation.states import CONFIRMATION, ConfirmationEvent, ConfirmationState
from registry.record.tables import Graduate, Registration
from registry.review.application_moves import Writer, begin
from registry.review.applications import refuse_writing
from registry.review.states import Purpose
from registry.review.tables import Application
from registry.signing import agreement_moves


def request_void(session: Session, writer: Writer, note: str) -> Application:
    """Ask to have the destination voided (作废), with a reason; it is reviewed like any other.

    Raises RuleError `nothing_to_void`, `note_missing`, `note_too_long`, `agreement_in_force`,
    `application_open`, or what `refuse_writing` raises.
    """
    refuse_writing(session, writer)
    reason = written_reason(note, "请写明作废原因，学校审核时会看到。", "note")
    graduate = session.get_one(Graduate, writer.graduate.id, populate_existing=True)
    if graduate.confirmation == ConfirmationState.NOT_REPORTED or graduate.registration_id is None:
        raise RuleError("nothing_to_void", "目前没有已上报的去向，不需要作废，直接登记即可。")
    agreement_moves.refuse_voiding(session, graduate)
    in_force = session.get_one(Registration, graduate.registration_id)
    about = {"category": in_force.category, "based_on": in_force.id, "note": reason}
    asked = begin(session, writer, Purpose.VOID, {**about, "submitted_at": writer.at})
    events.announce(session, events.VoidAsked(graduate.school_id, graduate.id, writer.at))
    return asked


def void(session: Session, graduate_ids: Collection[int], at: datetime) -> set[int]:
    """Put nothing in force for these graduates, whose rows the caller has locked.

    Return those of them who had authorized a verification that still held.
    """
    moved = move(
        session,
        CONFIRMATION,
        Graduate.confirmation,
        ConfirmationEvent.VOID,
        Graduate.id.in_(graduate_ids),
        registration_id=None,
        reported_at=None,
        updated_at=at,
    )
    return lapse.lapse(session, dict.fromkeys(moved, frozenset(Kind)), at)
