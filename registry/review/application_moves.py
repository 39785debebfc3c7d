"""The guarded writes of applications: begun once, moved only from the revision that was seen."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from registry.base import moves
from registry.base.database import insert_new, one_of, random_key
from registry.base.errors import RuleError
from registry.base.retention import DEFAULT, Retention
from registry.record.tables import Graduate
from registry.review.states import APPLICATION, FINAL, ApplicationEvent, Purpose
from registry.review.tables import Application, ReviewStep


@dataclass(frozen=True)
class Writer:
    """The graduate who is writing, and when."""

    graduate: Graduate
    at: datetime
    keeps: Retention = DEFAULT
    """How long her evidence is kept."""

    @property
    def actor(self) -> str:
        """Return how steps and the audit log name her."""
        return f"graduate:{self.graduate.key}"


def changed_meanwhile() -> RuleError:
    """Return the refusal of a write that saw an older revision."""
    sentence = "登记内容已在其他页面更新，或学校已审核，请核对后重新提交。"
    return RuleError("changed_meanwhile", sentence)


def current(session: Session, graduate_id: int, *, lock: bool = False) -> Application | None:
    """Return the application that is open, draft to last review; None where there is none."""
    wanted = (
        select(Application)
        .where(Application.graduate_id == graduate_id, Application.closed_at.is_(None))
        .execution_options(populate_existing=True)
    )
    return session.scalar(wanted.with_for_update() if lock else wanted)


def begin(
    session: Session, writer: Writer, purpose: Purpose, values: Mapping[str, Any]
) -> Application:
    """Open an application; raise RuleError `changed_meanwhile` or `application_open`."""
    graduate = writer.graduate
    row = {
        "key": random_key(),
        "graduate_id": graduate.id,
        "school_id": graduate.school_id,
        "department_id": graduate.department_id,
        "year": graduate.year,
        "purpose": purpose,
        "state": APPLICATION[purpose].start,
        "revision": 1,
        "created_at": writer.at,
        "updated_at": writer.at,
        **values,
    }
    session.execute(insert_new(session, Application).values(row))
    begun = current(session, graduate.id)
    if begun is None or begun.key != row["key"]:
        raise _another_is_open(begun, purpose)
    if begun.submitted_at is not None:
        _note_step(session, writer, begun, ApplicationEvent.SUBMIT)
    return begun


def _another_is_open(found: Application | None, purpose: Purpose) -> RuleError:
    if found is None or (purpose is Purpose.REGISTER and found.purpose == Purpose.REGISTER):
        return changed_meanwhile()
    if found.purpose == Purpose.VOID:
        sentence = "作废申请正在审核，结果出来之前不能另行登记。如不再需要作废，请先撤回。"
    elif found.purpose == Purpose.AGREEMENT:
        sentence = "您的就业协议正在审核，结果出来之前不能另行登记或申请作废。"
    else:
        sentence = "您有一份登记尚未完成，请先撤回或放弃它，再申请作废。"
    return RuleError("application_open", sentence)


def move(
    session: Session,
    writer: Writer,
    purpose: Purpose,
    event: ApplicationEvent,
    revision: int,
    values: Mapping[str, Any],
) -> Application:
    """Move the open application by a guarded UPDATE, and keep the step."""
    table = APPLICATION[purpose]
    over = set(table.targets(event).values()) <= FINAL
    moved = moves.move(
        session,
        table,
        Application.state,
        event,
        Application.graduate_id == writer.graduate.id,
        Application.closed_at.is_(None),
        Application.purpose == purpose,
        Application.revision == revision,
        revision=revision + 1,
        updated_at=writer.at,
        **({"closed_at": writer.at} if over else {}),
        **values,
    )
    if not moved:
        raise changed_meanwhile()
    application = session.get_one(Application, moved[0], populate_existing=True)
    if event is not ApplicationEvent.SAVE:
        _note_step(session, writer, application, event)
    return application


def stop(session: Session, ids: Collection[int], by: str, reason: str, at: datetime) -> None:
    """Close the reviews of agreements that ended otherwise, and keep the step of each."""
    column, event = Application.state, ApplicationEvent.STOP
    closed = {"closed_at": at, "updated_at": at, "reason": reason}
    revision = Application.revision + 1
    those = one_of(session, Application.id, list(ids))
    table = APPLICATION[Purpose.AGREEMENT]
    moved = moves.move(session, table, column, event, those, revision=revision, **closed)
    rows = session.execute(
        select(Application.id, Application.revision).where(one_of(session, Application.id, moved))
    )
    step = {"event": event, "reason": reason, "by": by, "at": at}
    steps = [{"application_id": ident, "revision": made, **step} for ident, made in rows]
    if steps:
        session.execute(insert(ReviewStep), steps)


def _note_step(
    session: Session, writer: Writer, application: Application, event: ApplicationEvent
) -> None:
    sent = event is ApplicationEvent.SUBMIT
    step = {
        "application_id": application.id,
        "revision": application.revision,
        "event": event,
        "reason": application.note if sent else "",
        "values": application.values if sent else None,
        "based_on": application.based_on if sent else None,
        "by": writer.actor,
        "at": writer.at,
    }
    session.execute(insert(ReviewStep), [step])


def follow_cohorts(session: Session, graduate_ids: Collection[int]) -> None:
    """Have all applications of graduates who changed cohort go there with them."""
    theirs = select(Graduate.year).where(Graduate.id == Application.graduate_id)
    session.execute(
        update(Application)
        .where(one_of(session, Application.graduate_id, list(graduate_ids)))
        .values(year=theirs.scalar_subquery())
        .execution_options(synchronize_session=False)
    )


def follow_departments(session: Session, graduate_ids: Collection[int]) -> None:
    """Have the open applications of graduates who changed department go there with them."""
    theirs = select(Graduate.department_id).where(Graduate.id == Application.graduate_id)
    session.execute(
        update(Application)
        .where(
            one_of(session, Application.graduate_id, list(graduate_ids)),
            Application.closed_at.is_(None),
        )
        .values(department_id=theirs.scalar_subquery())
        .execution_options(synchronize_session=False)
    )
