"""What undoing an import means for messages and bindings: what is in the way, and what goes.

What the import itself told a person it removes (a new record joined, a first report) is not in the
way: her other record is told that it was undone. What somebody else told her about it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from notifier.ledger import contact_rows, notices, wording
from notifier.ledger.mini_tables import CAME_AS_NOTICE
from notifier.ledger.states import MESSAGE, MessageEvent, MessageState
from notifier.ledger.tables import MAY_HAVE_COME, Binding, Message
from registry.base.database import one_of
from registry.base.moves import moving_by_condition
from registry.breaches.tables import BreachReport
from registry.record import contact_changes
from registry.record.confirmation.states import ANSWERED
from registry.record.tables import Graduate
from registry.roster.tables import ImportChange
from registry.tasks.roster_undo import Telling, Undo
from registry.tasks.tables import Task
from registry.tasks.undo_obstacles import Obstacle, changed_by

REASON = "import_undone"
_CAME = (MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.UNKNOWN)
_HAS_COME = or_(Message.state.in_(_CAME), CAME_AS_NOTICE)
"""What a person has, or may have; a one-time notice says the same."""


def lock(session: Session, task: Task) -> None:
    """Lock the messages of new people: none of them leaves while the import is undone."""
    added = select(ImportChange.graduate_id).where(changed_by(task), ImportChange.added)
    theirs = select(Message.id).where(Message.graduate_id.in_(added)).order_by(Message.id)
    session.execute(theirs.with_for_update())


def in_the_way(task: Task) -> Mapping[Obstacle, Select[Any]]:
    """Return the queries of new people who bound their record, or were reminded about it."""
    added = select(ImportChange.graduate_id).where(changed_by(task), ImportChange.added)
    theirs = Message.graduate_id.in_(added)
    bound = select(Binding.graduate_id).where(Binding.joined.is_(False), Binding.ended_at.is_(None))
    reporters = select(BreachReport.graduate_id)
    on_its_way = or_(
        Message.state == MessageState.SENDING,
        and_(Message.state == MessageState.WAITING, MAY_HAVE_COME),
    )
    return {
        # Only who is bound reports a breach; that she did is said to nobody of the school.
        Obstacle.BOUND: select(Graduate.id).where(
            Graduate.id.in_(added), or_(Graduate.id.in_(bound), Graduate.id.in_(reporters))
        ),
        Obstacle.REMINDED: select(Message.graduate_id)
        .where(theirs, Message.campaign_id.is_not(None), _HAS_COME)
        .distinct(),
        Obstacle.BEING_SENT: select(Message.graduate_id).where(theirs, on_its_way).distinct(),
    }


def take_back(session: Session, undo: Undo) -> None:
    """Take messages and bindings of the import back, and tell those to whom it was told."""
    added = session.scalars(
        select(ImportChange.graduate_id).where(changed_by(undo.task), ImportChange.added)
    ).all()
    told = _of_the_removed(session, undo, added)
    contact_rows.cancel_waiting(session, contact_changes.naming(session, added), undo.at)
    for table in (Message, Binding):
        session.execute(
            delete(table)
            .where(one_of(session, table.graduate_id, added))
            .execution_options(synchronize_session=False)
        )
    _cancel_waiting(session, undo)
    notices.add(session, [*told, *_of_the_put_back(session, undo)], undo.at)


TELLING = Telling(lock, in_the_way, take_back)


def _of_the_removed(session: Session, undo: Undo, added: Sequence[int]) -> list[dict[str, Any]]:
    """Return what another record of each person says who was told of the one that goes."""
    gone, kept, other = aliased(Binding), aliased(Binding), aliased(Graduate)
    came = exists().where(Message.graduate_id == gone.graduate_id, _HAS_COME)
    rows = session.execute(
        select(
            gone.graduate_id,
            Graduate.year,
            func.min(other.id).label("other_id"),
            func.min(other.school_id).label("school_id"),
        )
        .join(Graduate, Graduate.id == gone.graduate_id)
        .join(kept, and_(kept.openid == gone.openid, kept.ended_at.is_(None)))
        .join(other, other.id == kept.graduate_id)
        .where(
            one_of(session, gone.graduate_id, added),
            gone.ended_at.is_(None),
            other.school_id == Graduate.school_id,
            ~one_of(session, kept.graduate_id, added),
            came,
        )
        .group_by(gone.graduate_id, Graduate.year)
    )
    return [
        _message(
            undo,
            each.graduate_id,
            (each.school_id, each.other_id),
            blocks=f"已撤销新增的{abs(each.year)}届毕业记录",
            hint="学校撤销了导入，原有记录不受影响",
        )
        for each in rows
    ]


def _of_the_put_back(session: Session, undo: Undo) -> list[dict[str, Any]]:
    """Return what those are told who were told of the change, or lost an authorization by it."""
    rows = session.execute(
        select(
            *(ImportChange.graduate_id, ImportChange.confirmation),
            ImportChange.authorization_ended,
        ).where(
            changed_by(undo.task),
            ImportChange.added.is_(False),
            or_(ImportChange.authorization_ended, exists().where(_of_import(undo), *_THAT_CAME)),
        )
    )
    return [
        _message(
            undo,
            each.graduate_id,
            (undo.task.of_school, each.graduate_id),
            blocks="导入的更改已撤销",
            hint=_hint(each.confirmation, ended=each.authorization_ended),
        )
        for each in rows
    ]


_THAT_CAME = (
    Message.graduate_id == ImportChange.graduate_id,
    or_(Message.state == MessageState.SENDING, _HAS_COME),
)


def _hint(confirmation: str, *, ended: bool) -> str:
    if ended:
        return "信息已恢复，核验授权请重新办理"
    if confirmation in ANSWERED:
        return "信息已恢复，您的答复继续有效"
    return "信息已恢复为更改之前的内容"


def _of_import(undo: Undo) -> ColumnElement[bool]:
    """Return the condition that a message was written by the import."""
    written: datetime | None = undo.task.applied_at
    return and_(Message.campaign_id.is_(None), Message.created_at == written)


def _cancel_waiting(session: Session, undo: Undo) -> None:
    """Cancel what the import has written and nobody has been sent."""
    changed = select(ImportChange.graduate_id).where(changed_by(undo.task))
    session.execute(
        moving_by_condition(
            MESSAGE,
            Message.state,
            [(MAY_HAVE_COME, MessageEvent.LOSE)],
            MessageEvent.SKIP,
            Message.state == MessageState.WAITING,
            Message.graduate_id.in_(changed),
            _of_import(undo),
            reason=REASON,
            final_at=undo.at,
        )
    )


def _message(
    undo: Undo, about: int, to: tuple[int, int], *, blocks: str, hint: str
) -> dict[str, Any]:
    school_id, graduate_id = to
    return {
        "business_key": f"undone:{undo.task.id}:{about}",
        "kind": "registration_changed",
        "school_id": school_id,
        "graduate_id": graduate_id,
        "facts": wording.written(blocks=blocks, by="学校", at=wording.moment(undo.at), hint=hint),
    }
