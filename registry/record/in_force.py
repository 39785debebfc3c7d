"""What is in force for graduates of a school, locked for whoever is about to change it."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from registry.base.database import one_of
from registry.record.tables import Graduate, Registration


def lock(session: Session, school_id: int, ids: Sequence[int]) -> None:
    """Lock the graduates, in the order of whoever locks several.

    Apart from reading them: a query that waits for a lock still sees the other tables as before.
    """
    session.execute(
        select(Graduate.id)
        .where(Graduate.school_id == school_id, one_of(session, Graduate.id, ids))
        .order_by(Graduate.id)
        .with_for_update(key_share=True)
    )


def current(
    session: Session, school_id: int, ids: Sequence[int]
) -> dict[int, tuple[Graduate, Registration | None, int]]:
    """Return the graduates with what is in force and the number of their last version."""
    earlier = aliased(Registration)  # of a graduate whose destination was voided
    last = select(func.max(earlier.version)).where(earlier.graduate_id == Graduate.id)
    statement = (
        select(Graduate, Registration, func.coalesce(Registration.version, last.scalar_subquery()))
        .outerjoin(Registration, Registration.id == Graduate.registration_id)
        .where(Graduate.school_id == school_id, one_of(session, Graduate.id, ids))
        .execution_options(populate_existing=True)
    )
    return {row[0].id: (row[0], row[1], row[2] or 0) for row in session.execute(statement)}
