"""Evidence that goes on proving (沿用上次的材料): a change begins with the documents in force.

A document is listed with both applications; the file is one, and stays as long as either needs it.
"""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from registry.base.file_tables import StoredFile
from registry.record import requirements
from registry.review import evidence
from registry.review.application_moves import Writer
from registry.review.states import Purpose
from registry.review.tables import Application, Evidence


def follow(session: Session, writer: Writer, draft: Application) -> None:
    """Have a draft hold the documents in force that its category accepts, and no others of them.

    What she took off herself does not come back.
    """
    proofs = _in_force(session, writer)
    if not proofs:
        return
    accepted = {kind for one in requirements.evidence(draft.category) for kind in one}
    known = session.scalars(select(Evidence).where(Evidence.application_id == draft.id)).all()
    files = {each.file_id for each in proofs}
    for each in known:
        if each.file_id in files and each.kind not in accepted and _is_unsent(each, draft):
            session.delete(each)
    held = {each.file_id for each in known}
    new = [each for each in proofs if each.kind in accepted and each.file_id not in held]
    session.add_all(_copied(each, draft, writer) for each in new)
    _keep_longer(session, writer, [each.file_id for each in new])
    session.flush()


def carried(session: Session, documents: Collection[Evidence]) -> frozenset[int]:
    """Return which of these documents lay with an earlier application already, by id."""
    earlier = aliased(Evidence)
    found = session.scalars(
        select(Evidence.id)
        .join(earlier, earlier.file_id == Evidence.file_id)
        .where(Evidence.id.in_([each.id for each in documents]), earlier.id < Evidence.id)
    )
    return frozenset(found)


def _in_force(session: Session, writer: Writer) -> list[Evidence]:
    """Return the documents of the registration in force whose files are still there."""
    wanted = (
        select(Evidence)
        .join(Application, Application.id == Evidence.application_id)
        .join(StoredFile, StoredFile.id == Evidence.file_id)
        .where(
            Application.graduate_id == writer.graduate.id,
            Application.purpose == Purpose.REGISTER,
            Application.registration_id == writer.graduate.registration_id,
            Evidence.removed_at.is_(None),
            StoredFile.expires_at > writer.at,
        )
    )
    return list(session.scalars(wanted.order_by(Evidence.id)))


def _is_unsent(document: Evidence, draft: Application) -> bool:
    return draft.submitted_at is None or document.added_at > draft.submitted_at


def _copied(document: Evidence, draft: Application, writer: Writer) -> Evidence:
    return Evidence(
        application_id=draft.id,
        graduate_id=draft.graduate_id,
        kind=document.kind,
        file_id=document.file_id,
        name=document.name,
        media_type=document.media_type,
        size=document.size,
        sha256=document.sha256,
        added_at=writer.at,
    )


def _keep_longer(session: Session, writer: Writer, file_ids: Collection[int | None]) -> None:
    until = evidence.keep_until(writer.graduate.year, writer.at, writer.keeps)
    session.execute(
        update(StoredFile)
        .where(StoredFile.id.in_(file_ids), StoredFile.expires_at < until)
        .values(expires_at=until)
        .execution_options(synchronize_session=False)
    )
