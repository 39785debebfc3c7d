"""Where a province has a system of its own, a roster brings persons and no destinations."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.school_tables import School
from registry.base.database import open_readers
from registry.record.fields import REGISTRATION
from registry.record.tables import Graduate, Registration
from registry.roster import template
from registry.roster.layouts import find_header
from registry.tasks import roster_import
from registry.tasks.roster_import import ImportChoice, Report, Upload
from registry.tasks.states import TaskState
from tests.clock import StandingClock
from tests.registry.sheets import NATIONAL, Person, a_person, as_csv, national
from tests.registry.staff_context import VAULT, WorkDesk, a_school

OF_DESTINATIONS = NATIONAL[NATIONAL.index("毕业去向代码") :]
SYSTEM = "山东省高校毕业生就业信息网"


@pytest.fixture
def desk(sessions: sessionmaker[Session], clock: StandingClock) -> WorkDesk:
    return WorkDesk(sessions, open_readers(sessions.kw["bind"]), VAULT, clock)


@pytest.fixture
def school(desk: WorkDesk) -> int:
    with desk.sessions.begin() as session:
        ident = a_school(session, desk.clock)
        session.get_one(School, ident).correction_system = SYSTEM
        return ident


def without_destination(person: Person) -> Person:
    return {title: text for title, text in person.items() if title not in OF_DESTINATIONS}


def bring_in(desk: WorkDesk, school: int, *people: Person, dry_run: bool = False) -> Report:
    upload = Upload(school, None, "名单.csv", as_csv(national(*people)))
    return roster_import.import_now(desk, upload, ImportChoice(dry_run=dry_run))


def counted(desk: WorkDesk) -> tuple[int | None, int | None]:
    with desk.readers.begin() as session:
        people = session.scalar(select(func.count()).select_from(Graduate))
        return people, session.scalar(select(func.count()).select_from(Registration))


@pytest.mark.parametrize("dry_run", [True, False])
def test_one_destination_refuses_the_file_with_what_to_do(
    desk: WorkDesk, school: int, *, dry_run: bool
) -> None:
    people = without_destination(a_person(1)), a_person(2)
    report = bring_in(desk, school, *people, dry_run=dry_run)
    assert report.state is TaskState.REFUSED
    assert f"本校毕业生的去向在“{SYSTEM}”登记，由接口同步，不能用名单导入" in report.message
    assert counted(desk) == (0, 0)


def test_persons_pass_with_the_columns_left_empty(desk: WorkDesk, school: int) -> None:
    report = bring_in(desk, school, without_destination(a_person(1)))
    assert (report.state, report.counts["new"]) == (TaskState.FINISHED, 1)
    assert counted(desk) == (1, 0)


def test_elsewhere_destinations_are_brought_in_as_ever(desk: WorkDesk, school: int) -> None:
    with desk.sessions.begin() as session:
        other = a_school(session, desk.clock, "10002")
    people = a_person(1) | {"院校代码": "10002"}, a_person(2) | {"院校代码": "10002"}
    assert bring_in(desk, other, *people).counts["reported"] == 2


def test_the_template_of_persons_has_no_column_of_a_destination() -> None:
    titles = [each.title for each in template.columns(destinations=False)]
    header = find_header([titles])
    assert not header.columns.keys() & REGISTRATION.keys()
    assert {"学号", "姓名", "身份证号", "毕业时间", "手机号码"} <= set(titles)
