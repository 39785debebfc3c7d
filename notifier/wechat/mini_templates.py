"""The mini program's templates for one-time notices: those that the settings name, if they fit.

Which template serves which kind is set, for the mini program's console names them otherwise than
the account's; their keys are read, as those of the account are, by the labels.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from notifier.ledger import account, kinds, mini_allowances
from notifier.ledger.mini_tables import MiniTemplate
from notifier.wechat.gateway import RawTemplate
from notifier.wechat.templates import complaints, keys_by_label
from runtime.mini_notices import TemplateIds

AGE = timedelta(hours=6)
SECOND_LOOK = timedelta(minutes=5)
"""How old a reading may be, and one that missed something."""


class MiniTemplateList(Protocol):
    """Whatever lists the mini program's templates: notifier.wechat.mini_program.MiniProgram."""

    @property
    def app_id(self) -> str:
        """The mini program they belong to."""
        ...

    def notice_templates(self) -> list[RawTemplate]:
        """Return them; raise GatewayError."""
        ...


def faults(named: TemplateIds, read: Sequence[RawTemplate]) -> dict[str, str]:
    """Return what keeps each template of the settings from being used, by its kind; "" if none."""
    by_id = {each.template_id: each for each in read}
    return {kind: _fault(kind, by_id.get(ident)) for kind, ident in named}


def _fault(name: str, raw: RawTemplate | None) -> str:
    kind = next((each for each in kinds.with_templates() if each.name == name), None)
    if kind is None:
        return "没有这种消息，或它与别的消息共用模板"
    if raw is None:
        return "小程序后台没有这个模板"
    return "；".join(complaints(kind, raw.content))


def store(
    session: Session, app_id: str, named: TemplateIds, read: Sequence[RawTemplate], at: datetime
) -> None:
    """Take over those of the settings' templates that can be used; the others are not offered."""
    found, wrong = {each.template_id: each for each in read}, faults(named, read)
    usable = {ident: kind for kind, ident in named if not wrong[kind]}
    session.execute(delete(MiniTemplate).where(MiniTemplate.template_id.not_in(usable)))
    for ident, kind in usable.items():
        keys = keys_by_label(found[ident].content)
        session.merge(
            MiniTemplate(template_id=ident, kind=kind, fields=keys, read_at=at, refused_at=None)
        )
    account.note(session, app_id, templates_synced_at=at)


def note_refused(session: Session, template_id: str, at: datetime) -> None:
    """Send nothing with a template, nor offer it, until it is read again."""
    row = session.get(MiniTemplate, template_id)
    if row is not None:
        row.refused_at = at


def is_time(session: Session, app_id: str, named: TemplateIds, at: datetime) -> bool:
    """Say whether the templates are to be read: soon where one of the settings is not there."""
    if not named:
        return False
    read = session.scalars(select(MiniTemplate))
    known = {(each.kind, each.template_id) for each in read if mini_allowances.fits(each)}
    age = AGE if set(named) <= known else SECOND_LOOK
    read_at = account.templates_read_at(session, app_id)
    return read_at is None or at - read_at >= age
