"""A roster changes nothing that was filed, or is signed online, and says which rows would."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.school_tables import Department, School
from registry.base.database import open_readers
from registry.province.states import BatchState
from registry.record.own_record import graduate_afresh
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.tables import Graduate, Registration
from registry.tasks import roster_import
from registry.tasks.roster_import import ImportChoice, Report, Upload
from tests.clock import StandingClock
from tests.registry.sheets import Person, a_person, as_xlsx, national
from tests.registry.signing.signwork import Signwork
from tests.registry.staff_context import VAULT, WorkDesk, a_school
from tests.wxapp.school.records import Campus, open_campus


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


def test_a_row_that_would_change_what_is_being_signed_is_refused_alone(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    desk = WorkDesk(sessions, open_readers(sessions.kw["bind"]), VAULT, clock)
    with desk.sessions.begin() as session:
        campus = open_campus(session, clock(), "10001", VAULT)
        school = campus.school.id
    seeking = {"毕业去向代码": "70", "毕业去向": "求职中"}
    bring_in(desk, school, a_person(1, **seeking), a_person(2, **seeking))
    with desk.sessions.begin() as session:
        work = Signwork(open_again(session, campus), clock())
        first = session.scalars(select(Graduate.id).order_by(Graduate.id)).first()
        her = graduate_afresh(session, first or 0)
        work.accept(her, work.invite(her))
    report = bring_in(desk, school, a_person(1), a_person(2), a_person(3))
    said = [(each["row"], each["code"]) for each in report.problems if each["severity"] == "error"]
    assert said == [(2, "agreement_in_force")]
    assert (report.counts["new"], report.counts["changed"]) == (1, 1)
    report = bring_in(desk, school, a_person(1, 所在班级="计科2202", **seeking))
    assert report.counts["changed"] == 1


def open_again(session: Session, campus: Campus) -> Campus:
    """Return a school in another session."""
    school = session.get_one(School, campus.school.id)
    departments = [session.get_one(Department, each.id) for each in campus.departments]
    return Campus(session, campus.at, school, departments, VAULT)
