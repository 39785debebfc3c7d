"""What was sent for review: its step says it, or the version of the registration that it became.

A version is never altered, so of what has become one the step keeps no second copy, unless the
version says anything otherwise: the spelling that stood before, for one.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, func, null, select, update
from sqlalchemy.orm import Session, aliased

from registry.base.database import one_of
from registry.base.detached import read_rows
from registry.base.errors import RuleError
from registry.base.listed import is_listed
from registry.record import fields, validation
from registry.record.registration import COLUMNS
from registry.record.tables import Registration
from registry.review.states import ApplicationEvent
from registry.review.tables import Application, ReviewStep

Values = Mapping[str, object]
_SAID = [getattr(Registration, name) for name in COLUMNS]


def let_go(session: Session, passed: Mapping[int, Mapping[str, Any]]) -> None:
    """Take out of the steps what became a version that says exactly the same, by application."""
    rows = session.execute(_versions().where(one_of(session, Application.id, list(passed))))
    same = [row.id for row in rows if _said(row) == _whole(passed[row.id])]
    later = aliased(ReviewStep)
    last = select(func.max(later.revision)).where(
        later.application_id == ReviewStep.application_id, later.event == ApplicationEvent.SUBMIT
    )
    session.execute(
        update(ReviewStep)
        .where(
            one_of(session, ReviewStep.application_id, same),
            ReviewStep.revision == last.scalar_subquery(),
        )
        .values(values=null())
        .execution_options(synchronize_session=False)
    )


def recorded(session: Session, step: ReviewStep) -> Values:
    """Return what a step sent, as it would be recorded, or was."""
    if step.values is None:
        [row] = session.execute(_versions().where(Application.id == step.application_id))
        return _said(row)
    try:
        return validation.as_registration(step.values)
    except RuleError:
        return validation.cleaned(step.values)  # a code that today's tables no longer have


def of_step(session: Session, step: ReviewStep) -> Values | None:
    """Return what a step sent as it was typed; None for one that sent nothing."""
    if step.values is None and step.event == ApplicationEvent.SUBMIT:
        return _typed(recorded(session, step))
    return step.values


def last_sent(session: Session, application_ids: Sequence[int]) -> dict[int, Values]:
    """Return what was last submitted in each application: not what is being written since."""
    rows = read_rows(session, _last_sent(), {"applications": application_ids})
    return {
        row.application_id: _typed(_said(row)) if row.values is None else row.values for row in rows
    }


@cache
def _last_sent() -> Select[*tuple[Any, ...]]:
    in_version = and_(Registration.id == Application.registration_id, ReviewStep.values.is_(null()))
    return (
        select(ReviewStep.application_id, ReviewStep.values, *_SAID)
        .join(Application, Application.id == ReviewStep.application_id)
        .outerjoin(Registration, in_version)
        .where(
            is_listed(ReviewStep.application_id, "applications"),
            ReviewStep.event == ApplicationEvent.SUBMIT,
        )
        .order_by(ReviewStep.application_id, ReviewStep.revision)
    )


def _versions() -> Select[*tuple[Any, ...]]:
    """Return the query of what the versions say that applications became."""
    became = Registration.id == Application.registration_id
    return select(Application.id, *_SAID).join(Registration, became)


def _said(row: Row[*tuple[Any, ...]]) -> dict[str, object]:
    return _whole(row._asdict())


def _whole(values: Mapping[str, Any]) -> dict[str, object]:
    return {name: values.get(name) or "" for name in COLUMNS}


def _typed(said: Values) -> Values:
    return dict(_of_the_form(validation.cleaned(said)))


def _of_the_form(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    shown = fields.form_fields(said.get("category", ""))
    yield from ((name, text) for name, text in said.items() if text and name in shown)
