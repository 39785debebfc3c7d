"""How requests for a paper end otherwise than by the school: signed online, or the record left."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from registry.base.database import one_of
from registry.base.moves import move
from registry.signing.states import OFFLINE_REQUEST, OfflineRequestEvent
from registry.signing.tables import OfflineRequest


def overtake(session: Session, graduate_ids: Collection[int], reason: str, at: datetime) -> None:
    """Stop the open requests of graduates; `reason` is what they read."""
    event, hers = OfflineRequestEvent.OVERTAKE, OfflineRequest.graduate_id
    values = {"ended_at": at, "reason": reason}
    those = one_of(session, hers, list(graduate_ids))
    move(session, OFFLINE_REQUEST, OfflineRequest.state, event, those, **values)
