"""What named a version that an import replaced names the one that stands once it is undone."""

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.base.database import Base
from registry.record.province_tables import ProvinceEntry
from registry.record.tables import Graduate
from registry.review.tables import Application
from registry.tasks.states import TaskState
from tests.clock import StandingClock
from tests.notifier.ledger.test_undone_imports import CHANGED, Office
from tests.registry.sheets import a_person
from tests.rows import a_row


def test_what_named_the_version_from_before_names_the_one_that_stands(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    office = Office(sessions, clock)
    office.bring_in(a_person())
    _apply_and_report(office)
    assert office.undo(office.bring_in(a_person() | CHANGED)).state == TaskState.UNDONE
    (stands,) = office.all(Graduate.registration_id)
    assert office.all(Application.based_on, Application.registration_id) == [(stands, stands)]
    with office.desk.readers.begin() as session:
        assert session.scalars(select(ProvinceEntry.registration_id)).all() == [stands]


def _apply_and_report(office: Office) -> None:
    """Have an application and an entry of a batch name the version in force."""
    with office.desk.sessions.begin() as session:
        one = session.scalars(select(Graduate)).one()
        about = {"school_id": office.school, "department_id": one.department_id}
        a_row(
            session,
            Base.metadata.tables["application"],
            **{**about, "graduate_id": one.id, "year": one.year, "updated_at": office.clock()},
            **dict.fromkeys(("based_on", "registration_id"), one.registration_id),
        )
        batch = a_row(session, Base.metadata.tables["province_batch"], school_id=office.school)
        named = {"graduate_id": one.id, "registration_id": one.registration_id}
        session.add(ProvinceEntry(batch_id=batch, **named))
