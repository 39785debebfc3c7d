"""A roster changes nothing that the province has filed, and says which rows would."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, sessionmaker

from registry.base.database import open_readers
from registry.province.states import BatchState
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.tables import Graduate, Registration
from registry.tasks import roster_import
from registry.tasks.roster_import import ImportChoice, Report, Upload
from tests.clock import StandingClock
from tests.registry.sheets import Person, a_person, as_xlsx, national
from tests.registry.staff_context import VAULT, WorkDesk, a_school


def bring_in(desk: WorkDesk, school: int, *people: Person) -> Report:
    upload = Upload(school, None, "名单.xlsx", as_xlsx(national(*people)))
    return roster_import.import_now(desk, upload, ImportChoice(dry_run=False))


def file_everybody(desk: WorkDesk, school: int) -> None:
    with desk.sessions.begin() as session:
        batch = ProvinceBatch(
            school_id=school,
            year=2026,
            state=BatchState.FILED,
            total=2,
            counts={},
            left_out={},
            sent_by="test",
            sent_by_name="test",
            sent_at=desk.clock(),
        )
        session.add(batch)
        session.flush()
        rows = session.execute(select(Graduate.id, Graduate.registration_id)).all()
        entries = [
            {"batch_id": batch.id, "graduate_id": one, "registration_id": version, "locked": True}
            for one, version in rows
        ]
        session.execute(insert(ProvinceEntry), entries)


def test_a_row_that_would_change_what_is_filed_is_refused_alone(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    desk = WorkDesk(sessions, open_readers(sessions.kw["bind"]), VAULT, clock)
    with desk.sessions.begin() as session:
        school = a_school(session, clock)
    bring_in(desk, school, a_person(1), a_person(2))
    file_everybody(desk, school)
    changed = a_person(2, 单位名称="远山建设有限公司")
    report = bring_in(desk, school, a_person(1), changed, a_person(3))
    said = [(each["row"], each["code"]) for each in report.problems if each["severity"] == "error"]
    assert said == [(3, "locked_by_province")]
    assert (report.counts["new"], report.counts["unchanged"]) == (1, 1)
    with desk.readers.begin() as session:
        names = session.scalars(select(Registration.unit_name).order_by(Registration.id)).all()
    assert "远山建设有限公司" not in names
