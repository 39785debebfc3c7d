"""Short messages to who signs for employers: the rows of `employer_text`, in office hours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.binding.text_queue import TextQueue
from notifier.providers.sms import EmployerSender
from registry.accounts.employer_tables import Employer
from registry.base.crypto import Vault
from registry.base.database import one_of
from registry.base.working_days import in_office_hours
from registry.signing import certification_decisions
from registry.signing.employer_papers import Certification
from registry.signing.employer_text_tables import EmployerText
from runtime.resources import Resources

TRIES = 3


@dataclass(frozen=True)
class News:
    """One short message that this process may send."""

    id: int
    phone: str
    unit: str
    what: str
    tries: int


def _read(session: Session, vault: Vault, ids: Sequence[int]) -> list[News]:
    rows = session.execute(
        select(EmployerText, Certification, Employer.unit_name)
        .join(Certification, Certification.id == EmployerText.certification_id)
        .join(Employer, Employer.id == EmployerText.employer_id)
        .where(one_of(session, EmployerText.id, ids))
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


QUEUE = TextQueue(
    EmployerText.state,
    EmployerText.next_at,
    EmployerText.tries,
    EmployerText.detail,
    TRIES,
    _read,
)


def tell_due(resources: Resources, sender: EmployerSender, stop: Callable[[], bool]) -> None:
    """Send what is due until nothing is, offices close, or the process is to end."""

    def send(news: News) -> None:
        sender.send_employer_news(news.phone, news.unit, news.what)

    QUEUE.send_due(resources, send, lambda: stop() or not in_office_hours(resources.clock()))
