"""What many applications look like together, before one press decides on all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.base.database import one_of_texts
from registry.record import province_lock, requirements, validation
from registry.record.scope import Scope, within
from registry.record.tables import Graduate
from registry.review import evidence
from registry.review.case import person
from registry.review.sent import last_sent
from registry.review.states import Purpose
from registry.review.tables import Application


@dataclass(frozen=True)
class Overview:
    """Applications by key, each with the revision that was seen; those worth a look by kind."""

    seen: Mapping[str, int]
    without_documents: frozenset[str]
    """Whose destination asks for documents, and none lies with them."""
    odd: frozenset[str]
    """Of which the sheet says something under 请留意."""
    outrun: frozenset[str]
    """Something else is in force than when they were sent: they cannot pass."""
    locked: frozenset[str]
    """Whose record a province has filed: they cannot pass."""

    @property
    def worth_a_look(self) -> frozenset[str]:
        """Return those of any kind."""
        return self.without_documents | self.odd | self.outrun | self.locked

    @property
    def plain(self) -> dict[str, int]:
        """Return the others."""
        return {key: said for key, said in self.seen.items() if key not in self.worth_a_look}


def overview(session: Session, scope: Scope, seen: Mapping[str, int]) -> Overview:
    """Look through applications of the scope as a reviewer would."""
    rows = session.execute(
        select(Application, Graduate)
        .join(Graduate, Graduate.id == Application.graduate_id)
        .where(within(scope), one_of_texts(session, Application.key, [*seen]))
    ).all()
    ids = [application.id for application, _ in rows]
    sent, documents = last_sent(session, ids), evidence.count(session, ids)
    filed = province_lock.locked_ids(session, [who.id for _, who in rows])
    of_purpose = [(each, who) for each, who in rows if each.purpose == Purpose.REGISTER]
    return Overview(
        seen,
        frozenset(
            each.key
            for each, _ in of_purpose
            if not documents.get(each.id) and requirements.evidence(_category(each, sent))
        ),
        frozenset(
            each.key
            for each, who in of_purpose
            if validation.problems(sent.get(each.id, {}), person(who))
        ),
        frozenset(each.key for each, who in rows if each.based_on != who.registration_id),
        frozenset(each.key for each, who in rows if who.id in filed),
    )


def _category(application: Application, sent: Mapping[int, Mapping[str, object]]) -> str:
    return str(sent.get(application.id, {}).get("category") or application.category)


def names(session: Session, scope: Scope, keys: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Return key and name of applications of the scope, those submitted first before the others."""
    rows = session.execute(
        select(Application.key, Graduate.name)
        .join(Graduate, Graduate.id == Application.graduate_id)
        .where(within(scope), one_of_texts(session, Application.key, keys))
        .order_by(Application.submitted_at, Application.id)
    )
    return [(key, name) for key, name in rows]
