"""A graduate withdraws her consent: what rests on it ends at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import true
from sqlalchemy.orm import Session

from notifier.binding import bind
from registry.base.database import one_of
from registry.base.moves import move
from registry.numbers.shape import Issue
from registry.numbers.states import ISSUED_NUMBER, NumberEvent
from registry.numbers.tables import IssuedNumber
from registry.record import consents
from registry.record.consents import ConsentPurpose
from registry.record.tables import Graduate

WITHDRAWN = "consent_withdrawn"
"""Why a binding ended: she withdrew her consent."""


def withdraw(session: Session, graduate: Graduate, records: Sequence[int], at: datetime) -> None:
    """Withdraw her consent for all her records: binding and authorizations end at once.

    What the school registers by law stays, and may be looked after at the school.
    """
    for purpose in ConsentPurpose:
        consents.withdraw(session, records, purpose, at)
    move(
        session,
        ISSUED_NUMBER,
        IssuedNumber.standing,
        NumberEvent.REVOKE,
        one_of(session, IssuedNumber.graduate_id, records),
        IssuedNumber.issue == Issue.VERIFICATION,
        IssuedNumber.newest == true(),
        ended_at=at,
    )
    bind.end(session, graduate.id, reason=WITHDRAWN, by=f"graduate:{graduate.key}", at=at)
