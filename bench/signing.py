"""Signing: an invitation beside a campaign, five thousand by a file, acceptances at once."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from bench.delivery import CONNECTIONS, LATENCY, still_sending
from bench.processes import running
from bench.report import Report, percentile
from bench.responder import running_responder
from bench.world import World, database_urls, open_world
from notifier.ledger.tables import Message
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.accounts.tables import Role, Staff
from registry.base import workbook
from registry.base.clock import utc_now
from registry.base.errors import RuleError
from registry.population import create
from registry.population.create import NewSchool, PopulationSize
from registry.record import cohort
from registry.record.tables import Graduate
from registry.review.application_moves import Writer
from registry.roster.problems import Policy
from registry.signing import answering, inviting, naming
from registry.signing.inviting import Offer
from registry.signing.naming import Addressee
from registry.signing.states import QualificationState
from registry.signing.tables import Agreement, Invitation, Qualification
from registry.tasks import invitation_sheet, run
from registry.tasks.roster_import import Upload
from registry.tasks.states import TaskState
from registry.tasks.tables import Task

CODE, NOWHERE = "20002", "http://127.0.0.1:9"
CARD_GOAL, FILE_GOAL = 1.0, 20.0
AT_ONCE, THREADS = 500, 16
PRESSES = 150
WAIT = 20.0
TERMS = {
    "post": "软件工程师",
    "job_class": "13",
    "work_location_code": "370202",
    "pay": "9000",
    "probation_months": "3",
    "probation_pay": "7500",
    "breach": "3000",
    "takes_file": "no",
    "takes_household": "no",
}
_UNITS = {"远山软件有限公司": "91350100M000100Y43", "海纳软件有限公司": "91370200MA3C0TUX7C"}
_ROW = ("软件工程师", "工程技术人员", "山东省青岛市市南区", "9000", "3", "7500", "3000", "否", "否")
_TITLES = (
    *("姓名", "学号", "岗位名称", "工作职位类别", "工作地点", "转正后月薪", "试用期"),
    *("试用期月薪", "违约金", "接收档案", "接收户口"),
)


@dataclass(frozen=True)
class Recruiting:
    """A school whose graduates two employers invite."""

    world: World
    school: School
    recruiters: Sequence[Staff]

    def graduates(self, number: int) -> list[Graduate]:
        """Return the first graduates, with their school and department."""
        wanted = select(Graduate).where(Graduate.school_id == self.school.id)
        loaded = (joinedload(Graduate.school), joinedload(Graduate.department))
        with self.world.resources.readers.begin() as session:
            found = session.scalars(wanted.order_by(Graduate.id).limit(number).options(*loaded))
            return list(found)


def signing(report: Report, invited: int) -> None:
    """Measure what employers and graduates wait for."""
    _beside_a_campaign(report, invited * 20)
    with database_urls("postgresql") as urls, open_world(urls["postgresql"], NOWHERE) as world:
        recruiting = _open(world, invited)
        _by_file(report, recruiting, invited)
        _at_once(report, recruiting)


def _open(world: World, graduates: int) -> Recruiting:
    resources, at = world.resources, utc_now()
    # Of the cohort that may register today, whenever this is measured; nobody has registered yet,
    # or she could not accept.
    people = PopulationSize(cohort.cohort_of(f"{at:%Y%m}"), graduates, reported=0)
    create.create(resources.sessions, resources.vault, NewSchool(CODE, "某某大学"), people, at)
    with resources.sessions.begin() as session:
        school = session.scalars(select(School).where(School.code == CODE)).one()
        world.bind_all(session, school.id)
        recruiters = [_recruiter(session, school, name, at) for name in _UNITS]
    world.analyse()
    return Recruiting(world, school, recruiters)


def _recruiter(session: Session, school: School, name: str, at: datetime) -> Staff:
    employer = Employer(
        unit_name=name,
        unit_code=_UNITS[name],
        unit_nature="31",
        unit_industry="34",
        unit_location_code="370202",
        unit_contact="孙经理",
        unit_phone="0532-86981234",
        school_id=school.id,
        created_at=at,
    )
    session.add(employer)
    session.flush()
    times = {"created_at": at, "updated_at": at, "valid_until": at + timedelta(days=365)}
    where = {"employer_id": employer.id, "school_id": school.id}
    session.add(Qualification(**where, **times, state=QualificationState.QUALIFIED))
    about = {"role": Role.EMPLOYER, "employer_id": employer.id, "password_hash": ""}
    staff = Staff(login=_UNITS[name], name="孙经理", created_at=at, **about)
    session.add(staff)
    session.flush()
    return staff


def _answer_by(at: datetime) -> datetime:
    return inviting.last_moment(inviting.default_day(at), at)


def _beside_a_campaign(report: Report, crowd: int) -> None:
    """Send one invitation after another while a worker sends a campaign flat out."""
    with (
        running_responder(LATENCY) as url,
        database_urls("postgresql") as urls,
        open_world(urls["postgresql"], url, send_connections=CONNECTIONS) as world,
    ):
        recruiting, many = _open(world, PRESSES), world.add_school("10001", crowd)
        people = recruiting.graduates(PRESSES)
        with running(world.resources.settings, "worker", "--processes", "1"):
            world.start_campaign(many)
            _wait_for_the_first(world)
            taken = [_press_to_card(recruiting, each) for each in people if still_sending(world)]
    seconds = percentile(taken, 0.95) if taken else float("inf")
    what = f"invitation from press to card beside a campaign, p95 of {len(taken)}"
    goal = f"< {CARD_GOAL:g} s"
    report.add(what, f"{seconds * 1000:.0f} ms", goal, reached=seconds < CARD_GOAL)


def _wait_for_the_first(world: World) -> None:
    """Wait until the worker has begun with the campaign."""
    accepted = select(Message.id).where(Message.accepted_at.is_not(None)).limit(1)
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        with world.resources.readers.begin() as session:
            if session.scalar(accepted):
                return
        time.sleep(0.1)


def _press_to_card(recruiting: Recruiting, her: Graduate) -> float:
    """Name and invite as the form does; return the seconds until WeChat has accepted the card."""
    resources, staff, pressed = recruiting.world.resources, recruiting.recruiters[0], utc_now()
    named = Addressee(recruiting.school.key, her.name, her.student_number)
    with resources.sessions.begin() as session:
        found = naming.find_graduate(session, resources.vault, staff, named, pressed)
        assert isinstance(found, Graduate), found
        sent = inviting.send(session, staff, Offer(found, TERMS, _answer_by(pressed)), pressed)
    wanted = select(Message.accepted_at).where(Message.business_key == f"invitation:{sent.id}")
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        with resources.readers.begin() as session:
            accepted = session.scalar(wanted)
        if accepted is not None:
            return (accepted - pressed) / timedelta(seconds=1)
        time.sleep(0.01)
    return WAIT


def _by_file(report: Report, recruiting: Recruiting, rows: int) -> None:
    """Check and send a file, then the same once more: each is one message, and none is double."""
    content, resources = _file(recruiting.graduates(rows)), recruiting.world.resources
    begun = time.perf_counter()
    task = _upload(recruiting, content)
    checked = time.perf_counter() - begun
    sent = _approved(recruiting, task)
    took = time.perf_counter() - begun
    with resources.readers.begin() as session:
        told = session.execute(
            select(func.count(), func.count(Message.graduate_id.distinct())).where(
                Message.kind == "signing_invitation"
            )
        ).one()
    what = f"{rows:,} invitations by a file (check {checked:.1f} s), messages written"
    reached = took < FILE_GOAL and tuple(told) == (rows, rows) and sent.counts["sent"] == rows
    report.add(what, f"{took:.1f} s", f"< {FILE_GOAL:g} s", reached=reached)
    begun = time.perf_counter()
    again = _upload(recruiting, content)
    took = time.perf_counter() - begun
    skipped = again.counts["skipped"]
    what = f"the same file once more, {took:.1f} s: rows told as sent before"
    report.add(what, f"{skipped:,}", f"{rows:,}", reached=skipped == rows)


def _file(people: Sequence[Graduate]) -> bytes:
    made = BytesIO()
    workbook.write(
        made, (_TITLES, *((p.name, p.student_number, *_ROW) for p in people)), stamp=None
    )
    return made.getvalue()


def _upload(recruiting: Recruiting, content: bytes) -> Task:
    resources, staff = recruiting.world.resources, recruiting.recruiters[0]
    upload = Upload(recruiting.school.id, staff.id, "邀请.xlsx", content)
    with resources.sessions.begin() as session:
        task = invitation_sheet.begin(
            session, resources.vault, staff, upload, Policy.VALID_ROWS, utc_now()
        )
    return _done(recruiting, task, TaskState.PLANNED)


def _approved(recruiting: Recruiting, task: Task) -> Task:
    with recruiting.world.resources.sessions.begin() as session:
        invitation_sheet.approve(session, task.employer_id or 0, task.key)
    return _done(recruiting, task, TaskState.FINISHED)


def _done(recruiting: Recruiting, task: Task, state: TaskState) -> Task:
    resources = recruiting.world.resources
    run.run_now(resources, resources.settings.public_url, task.id)
    with resources.readers.begin() as session:
        found = session.get_one(Task, task.id)
    assert found.state == state, (found.state, found.message)
    return found


def _at_once(report: Report, recruiting: Recruiting) -> None:
    """Have graduates accept two invitations each at the same moment: one of them holds."""
    people = recruiting.graduates(AT_ONCE)
    presses = _two_invitations_each(recruiting, people)
    begun = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(lambda press: _accepted(recruiting, *press), presses))
    took = time.perf_counter() - begun
    with recruiting.world.resources.readers.begin() as session:
        held = session.execute(
            select(func.count(), func.count(Agreement.graduate_id.distinct()))
        ).one()
    count = len(people)
    what = f"{count} graduates accept two at once, {THREADS} threads, {took:.1f} s: agreements"
    reached = tuple(held) == (count, count) and answers.count("accepted") == count
    report.add(what, f"{held[0]:,} of {held[1]:,} people", str(count), reached=reached)
    others = count - answers.count("already_accepted")
    what = "of the other presses, told otherwise than that she has accepted"
    report.add(what, str(others), "0", reached=others == 0)


def _two_invitations_each(
    recruiting: Recruiting, people: Sequence[Graduate]
) -> list[tuple[Graduate, str]]:
    """Have the other employer invite too; return each graduate beside each invitation of hers."""
    resources, at = recruiting.world.resources, utc_now()
    offers = [Offer(each, TERMS, _answer_by(at)) for each in people]
    with resources.sessions.begin() as session:
        inviting.send_all(session, recruiting.recruiters[1], offers, at)
        ids = [each.id for each in people]
        rows = session.execute(
            select(Invitation.graduate_id, Invitation.key)
            .where(Invitation.graduate_id.in_(ids))
            .order_by(Invitation.graduate_id)
        ).all()
    known = {each.id: each for each in people}
    return [(known[ident], key) for ident, key in rows]


def _accepted(recruiting: Recruiting, her: Graduate, key: str) -> str:
    resources = recruiting.world.resources
    writer = Writer(her, utc_now())
    try:
        with resources.sessions.begin() as session:
            answering.accept(session, resources.vault, writer, key, timedelta(hours=2))
    except RuleError as refusal:
        return refusal.code
    return "accepted"
