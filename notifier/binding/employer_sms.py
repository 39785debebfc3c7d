"""Short messages to who signs for employers: claimed from `employer_text`, sent one by one.

Only in office hours: what is refused towards their end is tried again in the next.
What a dead process had claimed is sent again, as with `contact_sms`: twice is better than not at
all. No transaction is open across a call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from notifier.providers.sms import EmployerSender
from notifier.providers.tencent_cloud import CallError
from registry.accounts.employer_tables import Employer
from registry.base.crypto import Vault
from registry.base.database import one_of
from registry.base.moves import move
from registry.base.working_days import in_office_hours
from registry.record.contact_states import NOTICE, NoticeEvent, NoticeState
from registry.signing import certification_decisions
from registry.signing.employer_papers import Certification
from registry.signing.employer_text_tables import EmployerText
from runtime.resources import Resources

log = structlog.get_logger("notifier.binding.employer_sms")

CHUNK = 20
LEASE = timedelta(minutes=5)
"""A chunk of calls that all run into their time limit ends before."""
TRIES = 3
AGAIN = timedelta(minutes=10)
"""How long after a refusal it is tried again, times the number of tries."""


@dataclass(frozen=True)
class News:
    """One short message that this process may send."""

    id: int
    phone: str
    unit: str
    what: str
    tries: int


def is_due(session: Session, at: datetime) -> bool:
    """Say whether any is to be sent now."""
    return in_office_hours(at) and bool(session.scalar(select(exists().where(_due(at)))))


def tell_due(resources: Resources, sender: EmployerSender, stop: Callable[[], bool]) -> None:
    """Send what is due until nothing is, offices close, or the process is to end."""
    while not stop() and in_office_hours(resources.clock()):
        with resources.sessions.begin() as session:
            claimed = _claim(session, resources.vault, resources.clock())
        if not claimed:
            return
        outcomes = [(each, _send(sender, each)) for each in claimed]
        with resources.sessions.begin() as session:
            for news, failure in outcomes:
                _settle(session, news, failure, resources.clock())


def _due(at: datetime) -> ColumnElement[bool]:
    open_ones = [NoticeState.WAITING, NoticeState.SENDING]
    return and_(EmployerText.state.in_(open_ones), EmployerText.next_at <= at)


def _claim(session: Session, vault: Vault, at: datetime) -> list[News]:
    """Claim the next few; what a dead process had is given back first."""
    lost = select(EmployerText.id).where(_due(at), EmployerText.state == NoticeState.SENDING)
    given_back = EmployerText.id.in_(lost.with_for_update(skip_locked=True))
    move(session, NOTICE, EmployerText.state, NoticeEvent.RETRY, given_back)
    first = select(EmployerText.id).where(_due(at)).order_by(EmployerText.id).limit(CHUNK)
    moved = move(
        session,
        NOTICE,
        EmployerText.state,
        NoticeEvent.CLAIM,
        EmployerText.id.in_(first.with_for_update(skip_locked=True)),
        next_at=at + LEASE,
        tries=EmployerText.tries + 1,
    )
    rows = session.execute(
        select(EmployerText, Certification, Employer.unit_name)
        .join(Certification, Certification.id == EmployerText.certification_id)
        .join(Employer, Employer.id == EmployerText.employer_id)
        .where(one_of(session, EmployerText.id, moved))
        .order_by(EmployerText.id)
        .execution_options(populate_existing=True)
    )
    return [
        News(
            each.id,
            certification_decisions.handler_phone(vault, papers),
            unit,
            each.news,
            each.tries,
        )
        for each, papers, unit in rows
    ]


def _send(sender: EmployerSender, news: News) -> str:
    """Send one; return the provider's code where it was refused."""
    try:
        sender.send_employer_news(news.phone, news.unit, news.what)
    except CallError as error:
        code, request_id = error.code, error.request_id
    else:
        return ""
    log.error("an employer was not told", text=news.id, code=code, request_id=request_id)
    return code


def _settle(session: Session, news: News, failure: str, at: datetime) -> None:
    event = NoticeEvent.SEND
    if failure:
        event = NoticeEvent.RETRY if news.tries < TRIES else NoticeEvent.GIVE_UP
    mine = (EmployerText.id == news.id, EmployerText.tries == news.tries)
    values = {"next_at": at + AGAIN * news.tries, "detail": failure}
    move(session, NOTICE, EmployerText.state, event, *mine, **values)
