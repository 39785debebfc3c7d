"""Short messages kept as rows: claimed a few at a time, sent one by one, settled one by one.

What a dead process had claimed is sent again: twice is better than not at all. No transaction is
open across a call.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

import structlog
from sqlalchemy import BindParameter, ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from notifier.providers.tencent_cloud import CallError
from registry.base.crypto import Vault
from registry.base.moves import move
from registry.base.written_out import is_one_of
from registry.record.contact_states import NOTICE, NoticeEvent, NoticeState
from runtime.resources import Resources

log = structlog.get_logger("notifier.binding.text_queue")

CHUNK = 20
LEASE = timedelta(minutes=5)
"""A chunk of calls that all run into their time limit ends before."""
AGAIN = timedelta(minutes=10)
"""How long after a refusal it is tried again, times the number of tries."""
OPEN = (NoticeState.WAITING, NoticeState.SENDING)


class ClaimedText(Protocol):
    """One short message that this process may send."""

    @property
    def id(self) -> int:
        """Return of which row it is."""
        ...

    @property
    def tries(self) -> int:
        """Return how often it was claimed, this time included."""
        ...


Text = TypeVar("Text", bound=ClaimedText)


@dataclass(frozen=True)
class TextQueue(Generic[Text]):
    """The columns of a table of short messages, and how its rows are read."""

    state: InstrumentedAttribute[str]
    next_at: InstrumentedAttribute[datetime]
    tries: InstrumentedAttribute[int]
    detail: InstrumentedAttribute[str]
    most_tries: int
    read: Callable[[Session, Vault, Sequence[int]], list[Text]]
    """Returns the messages of claimed rows."""

    def is_due(self, at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
        """Return the condition that a message is to be sent now."""
        return and_(is_one_of(self.state, OPEN), self.next_at <= at)

    def send_due(
        self, resources: Resources, send: Callable[[Text], None], stop: Callable[[], bool]
    ) -> None:
        """Send what is due until nothing is, or until told to stop; `send` raises CallError."""
        while not stop():
            with resources.sessions.begin() as session:
                claimed = self.claim(session, resources.vault, resources.clock())
            if not claimed:
                return
            outcomes = [(each, self._sent(send, each)) for each in claimed]
            with resources.sessions.begin() as session:
                for text, failure in outcomes:
                    self._settle(session, text, failure, resources.clock())

    def claim(self, session: Session, vault: Vault, at: datetime) -> list[Text]:
        """Claim the next few; what a dead process had is given back first."""
        ident = self._id
        lost = select(ident).where(self.is_due(at), self.state == NoticeState.SENDING)
        given_back = ident.in_(lost.with_for_update(skip_locked=True))
        move(session, NOTICE, self.state, NoticeEvent.RETRY, given_back)
        first = select(ident).where(self.is_due(at)).order_by(ident).limit(CHUNK)
        mine = ident.in_(first.with_for_update(skip_locked=True))
        values = {self.next_at.key: at + LEASE, self.tries.key: self.tries + 1}
        moved = move(session, NOTICE, self.state, NoticeEvent.CLAIM, mine, **values)
        return self.read(session, vault, moved) if moved else []

    @property
    def _id(self) -> Any:  # noqa: ANN401 - the column of whichever table
        return self.state.class_.id

    def _sent(self, send: Callable[[Text], None], text: Text) -> str:
        """Send one; return the provider's code where it was refused."""
        try:
            send(text)
        except CallError as error:
            code, request_id = error.code, error.request_id
        else:
            return ""
        table: str = self.state.class_.__tablename__
        log.error("a text was not sent", row=text.id, table=table, code=code, request_id=request_id)
        return code

    def _settle(self, session: Session, text: Text, failure: str, at: datetime) -> None:
        event = NoticeEvent.SEND
        if failure:
            event = NoticeEvent.RETRY if text.tries < self.most_tries else NoticeEvent.GIVE_UP
        mine = (self._id == text.id, self.tries == text.tries)
        values: dict[str, Any] = {self.next_at.key: at + AGAIN * text.tries}
        move(session, NOTICE, self.state, event, *mine, **values, **{self.detail.key: failure})
