"""How many one-time notices people of the mini program have allowed: one for each acceptance.

WeChat counts, too, and does not tell: where it says that none is left, none is.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, case, select, update
from sqlalchemy.orm import Session

from notifier.ledger import kinds, mini_users
from notifier.ledger.mini_tables import MiniAllowance, MiniTemplate
from registry.base.database import insert_for_conflicts

MOST = 20
"""Of a template and a person: it is the caller who says that WeChat's question was answered."""


def offered(session: Session, of_kinds: Collection[str]) -> list[MiniTemplate]:
    """Return the templates that can be sent, of these kinds."""
    usable = (MiniTemplate.kind.in_(of_kinds), MiniTemplate.refused_at.is_(None))
    wanted = select(MiniTemplate).where(*usable).order_by(MiniTemplate.template_id)
    return [each for each in session.scalars(wanted) if fits(each)]


def fits(template: MiniTemplate) -> bool:
    """Say whether a template has a key for all that its kind shows: it was read for it.

    The version that read it may have known the kind otherwise.
    """
    kind = kinds.kinds().get(template.kind)
    return kind is not None and all(each.label in template.fields for each in kind.fields)


def of_identity(session: Session, openid: str) -> str | None:
    """Return the mini program's openid of a WeChat identity; None for who never came from it."""
    return session.scalar(mini_users.known_as([openid]).limit(1))


def allow(session: Session, openid: str, template_ids: Collection[str], at: datetime) -> None:
    """Note that somebody of the mini program allowed one more notice of each template."""
    rows = [
        {"openid": openid, "template_id": each, "remaining": 1, "allowed_at": at}
        for each in sorted(set(template_ids))
    ]
    if not rows:
        return
    before = MiniAllowance.remaining
    more = {
        "remaining": case((before < MOST, before + 1), else_=before),
        "allowed_at": case((before == 0, at), else_=MiniAllowance.allowed_at),
    }
    key = [MiniAllowance.openid, MiniAllowance.template_id]
    made = insert_for_conflicts(session, MiniAllowance).values(rows)
    session.execute(made.on_conflict_do_update(index_elements=key, set_=more))


def take(session: Session, openid: str, template_id: str) -> bool:
    """Take one notice of what was allowed; say whether there was one."""
    left = (*_of(openid, template_id), MiniAllowance.remaining > 0)
    return _write(session, left, MiniAllowance.remaining - 1)


def give_back(session: Session, openid: str, template_id: str) -> None:
    """Give back what was taken for a notice that was not sent."""
    _write(session, _of(openid, template_id), MiniAllowance.remaining + 1)


def use_up(session: Session, openid: str, template_id: str) -> None:
    """Note that WeChat takes no more notices of a template for somebody."""
    _write(session, _of(openid, template_id), 0)


def forget_what_failed(session: Session, at: datetime) -> None:
    """Have nothing sent for messages that failed before a moment: it may have been sent already."""
    session.execute(
        update(MiniAllowance).values(allowed_at=at).execution_options(synchronize_session=False)
    )


def _of(openid: str, template_id: str) -> tuple[ColumnElement[bool], ...]:
    return MiniAllowance.openid == openid, MiniAllowance.template_id == template_id


def _write(
    session: Session, those: tuple[ColumnElement[bool], ...], remaining: ColumnElement[int] | int
) -> bool:
    written = session.scalars(
        update(MiniAllowance)
        .where(*those)
        .values(remaining=remaining)
        .returning(MiniAllowance.openid)
        .execution_options(synchronize_session=False)
    )
    return bool(written.all())
