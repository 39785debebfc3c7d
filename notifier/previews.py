"""A card as one real recipient would see it, before it is sent to anybody."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from notifier import audience as audiences
from notifier import fields, kinds, wording
from notifier.audience import Audience
from notifier.campaigns import Draft, kind_named, scope_of
from notifier.tables import Campaign
from registry.scope import Scope
from registry.tables import Graduate, School


class Line(NamedTuple):
    """One line of a card as this person would see it."""

    label: str
    text: str
    limit: int


class Preview(NamedTuple):
    """The message as one real recipient would see it."""

    name: str
    title: str
    lines: Sequence[Line]


def preview_of_draft(session: Session, scope: Scope, draft: Draft, at: datetime) -> Preview | None:
    """Return the card for the first person it would reach; None where it would reach nobody."""
    kind = kind_named(draft.kind)
    people = audiences.conditions(scope, draft.audience, kind, at)
    return _card(session, kind, people, wording.campaign_texts(kind, draft.texts))


def preview_of(session: Session, campaign: Campaign, at: datetime) -> Preview | None:
    """Return the card of a campaign that is written down, as `preview` does for a draft."""
    kind, audience = kind_named(campaign.kind), Audience.from_json(campaign.audience)
    people = audiences.conditions(scope_of(campaign), audience, kind, at)
    return _card(session, kind, people, campaign.texts)


def _card(
    session: Session,
    kind: kinds.Kind,
    people: Sequence[ColumnElement[bool]],
    texts: Mapping[str, str],
) -> Preview | None:
    row = session.execute(
        audiences.with_people(
            select(Graduate.name, Graduate.confirmation, School.name).join(
                School, School.id == Graduate.school_id
            )
        )
        .where(*people, audiences.obstacle(kind) == "")
        .order_by(Graduate.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    name, state, school = row
    shown = kind.render(wording.values(school, texts, f'{{"state": "{state}"}}'))
    lines = [
        Line(each.label, shown[each.label], fields.TYPES[each.type].limit) for each in kind.fields
    ]
    return Preview(name, kind.title, lines)
