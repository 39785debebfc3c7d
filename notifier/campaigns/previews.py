"""A card as one real recipient would see it, before it is sent to anybody."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import String, and_, case, select, type_coerce
from sqlalchemy.orm import Session

from notifier.campaigns import audience as audiences
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft, kind_named, scope_of
from notifier.ledger import fields, kinds, outcomes, wording
from notifier.ledger.tables import Campaign
from registry.accounts.school_tables import School
from registry.base.errors import RuleError
from registry.record.scope import Scope, within
from registry.record.tables import Graduate


class PreviewLine(NamedTuple):
    """One line of a card as this person would see it."""

    label: str
    text: str
    limit: int


class Preview(NamedTuple):
    """The message as one real recipient would see it."""

    name: str
    reason: str
    """Why she would not get it: a code of notifier.ledger.outcomes; empty where she would."""
    title: str
    lines: Sequence[PreviewLine]
    graduate_id: int
    """Whose card it is."""

    @property
    def reason_sentence(self) -> str:
        """Return what people read of the reason."""
        return outcomes.sentence(self.reason)


def preview_of_draft(
    session: Session, scope: Scope, draft: Draft, at: datetime, student_number: str = ""
) -> Preview | None:
    """Return the card of the graduate asked for, else of the first whom it would reach.

    None where it would reach nobody; raises RuleError `preview_nobody` for an unknown number.
    """
    kind = kind_named(draft.kind)
    texts = wording.campaign_texts(kind, draft.texts)
    return _preview(session, _Sending(scope, kind, draft.audience, texts), at, student_number)


def preview_of(
    session: Session, campaign: Campaign, at: datetime, student_number: str = ""
) -> Preview | None:
    """Return the card of a campaign that is written down, as `preview_of_draft` does."""
    kind, audience = kind_named(campaign.kind), Audience.from_json(campaign.audience)
    sending = _Sending(scope_of(campaign), kind, audience, campaign.texts)
    return _preview(session, sending, at, student_number)


class _Sending(NamedTuple):
    scope: Scope
    kind: kinds.Kind
    audience: Audience
    texts: Mapping[str, str]


def _preview(
    session: Session, sending: _Sending, at: datetime, student_number: str
) -> Preview | None:
    scope, kind, audience, texts = sending
    meant, obstacle = audiences.conditions(scope, audience, kind, at), audiences.obstacle(kind)
    reason, whom = obstacle, [*meant, obstacle == ""]
    if student_number:
        reason = type_coerce(case((and_(*meant), obstacle), else_="not_meant"), String())
        number = Graduate.student_number == student_number
        whom = [within(scope), Graduate.year == audience.year, number]
    row = session.execute(
        audiences.with_people(
            select(Graduate.id, Graduate.name, Graduate.confirmation, School.name, reason).join(
                School, School.id == Graduate.school_id
            )
        )
        .where(*whom)
        .order_by(Graduate.id)
        .limit(1)
    ).first()
    if row is None and student_number:
        sentence = "这一届没有这个学号，请核对后再试。"
        raise RuleError("preview_nobody", sentence, "preview_for")
    return _card(kind, texts, *row) if row else None


def _card(
    kind: kinds.Kind,
    texts: Mapping[str, str],
    ident: int,
    *about: str,
) -> Preview:
    name, state, school, reason = about
    shown = kind.render(wording.values(school, texts, f'{{"state": "{state}"}}'))
    lines = [
        PreviewLine(each.label, shown[each.label], fields.TYPES[each.type].limit)
        for each in kind.fields
    ]
    return Preview(name, reason, kind.title, lines, ident)
