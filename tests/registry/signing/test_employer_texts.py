"""Employers are told by text of what they have not seen, in office hours, many things as one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.employer_people import set_duties
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Role, Staff, StaffNotice
from registry.base.clock import SHANGHAI
from registry.record.contact_states import NoticeState
from registry.record.tables import Graduate
from registry.signing import answering, certification_decisions, certifying, employer_texts
from registry.signing.certification_decisions import PapersDecision
from registry.signing.employer_text_tables import EmployerText
from tests.registry.review.at_once import after_another
from tests.registry.signing.signwork import Signwork
from tests.registry.signing.termwork import sign
from tests.registry.signing.test_employers import UNTIL, hand_in

HALF_AN_HOUR = employer_texts.GATHERED
Recruit = Callable[[], Staff]


@pytest.fixture
def staff(work: Signwork) -> Staff:
    """Give somebody who signs for an employer whose papers its school has passed."""
    recruiter, school = work.recruiter(), work.staff(Role.SCHOOL)
    hand_in(work, recruiter)
    papers = certifying.newest(work.session, recruiter.employer_id or 0)
    assert papers is not None
    qualify = PapersDecision.QUALIFY
    certification_decisions.decide(work.session, school, papers.key, qualify, "", work.at)
    return recruiter


def texts(work: Signwork, passed: timedelta = HALF_AN_HOUR) -> list[str]:
    """Let time pass, write what is due, have it sent, and return what it says."""
    work.at += passed
    before = set(work.session.scalars(select(EmployerText.id)))
    employer_texts.write_due(work.session, work.at)
    work.session.flush()
    rows = work.session.scalars(select(EmployerText).order_by(EmployerText.id)).all()
    written = [each for each in rows if each.id not in before]
    for each in written:
        each.state = "sent"
    work.session.flush()
    return [each.news for each in written]


def seen(work: Signwork, who: Staff) -> None:
    """Have somebody look at their pages."""
    for each in work.session.scalars(select(StaffNotice).where(StaffNotice.staff_id == who.id)):
        each.seen_at = work.at
    work.session.flush()


def test_what_nobody_has_seen_for_half_an_hour_is_said(
    work: Signwork, graduate: Graduate, staff: Staff
) -> None:
    work.accept(graduate, work.invite(graduate, staff))
    assert texts(work, timedelta(minutes=29)) == []
    assert texts(work, timedelta(minutes=1)) == ["毕业生已应约"]
    assert texts(work, timedelta(days=1)) == []


def test_what_somebody_has_seen_is_not_said(
    work: Signwork, graduate: Graduate, staff: Staff
) -> None:
    colleague = work.recruiter()
    work.accept(graduate, work.invite(graduate, staff))
    seen(work, colleague)
    assert texts(work) == []


def test_many_are_one_message_and_what_waits_for_the_employer_comes_first(
    work: Signwork, staff: Staff
) -> None:
    for place in range(30):
        her = work.campus.graduate(f"王{place}", identity_index=f"{place}")
        answering.refuse(work.session, work.writer(her), work.invite(her, staff).key, "另有安排")
    her = work.campus.graduate("李娟")
    agreement = work.accept(her, work.invite(her, staff))
    work.give_back(Role.DEPARTMENT, work.review_of(agreement), reason="薪资有误")
    assert texts(work) == ["协议退回待修改等3项"]


def test_after_a_message_the_next_has_four_hours_and_only_what_is_new(
    work: Signwork, graduate: Graduate, staff: Staff
) -> None:
    other = work.campus.graduate("王芳", identity_index="another")
    invitation = work.invite(other, staff)
    work.accept(graduate, work.invite(graduate, staff))
    assert texts(work) == ["毕业生已应约"]
    answering.refuse(work.session, work.writer(other), invitation.key)
    assert texts(work) == []
    assert texts(work, employer_texts.APART) == ["毕业生拒绝邀请"]


@pytest.mark.parametrize("later", [timedelta(days=5), timedelta(days=40)], ids=["soon", "late"])
def test_what_happens_anew_is_said_though_nobody_has_seen_the_first(
    work: Signwork, graduate: Graduate, staff: Staff, later: timedelta
) -> None:
    work.accept(graduate, work.invite(graduate, staff))
    assert texts(work) == ["毕业生已应约"]
    work.at += later
    her = work.campus.graduate("王芳", identity_index="another")
    work.accept(her, work.invite(her, staff))
    assert texts(work) == ["毕业生已应约"]
    assert texts(work, timedelta(days=1)) == []
    told = select(StaffNotice.id).where(StaffNotice.kind == NoticeKind.INVITATION_ACCEPTED)
    assert len(work.session.scalars(told).all()) == 1


def test_what_no_phone_took_is_said_again_after_four_hours(
    work: Signwork, graduate: Graduate, staff: Staff
) -> None:
    work.accept(graduate, work.invite(graduate, staff))
    assert texts(work) == ["毕业生已应约"]
    for each in work.session.scalars(select(EmployerText)):
        each.state = NoticeState.FAILED
    assert texts(work) == []
    assert texts(work, employer_texts.APART) == ["毕业生已应约"]
    assert texts(work, timedelta(days=1)) == []


def test_what_happens_again_and_again_is_said_in_time(
    work: Signwork, graduate: Graduate, staff: Staff
) -> None:
    work.accept(graduate, work.invite(graduate, staff))
    for place in range(3):
        work.at += timedelta(minutes=15)
        her = work.campus.graduate(f"王{place}", identity_index=f"{place}")
        work.accept(her, work.invite(her, staff))
    assert texts(work, timedelta(0)) == ["毕业生已应约"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (datetime(2026, 6, 11, 8, 59, tzinfo=SHANGHAI), []),
        (datetime(2026, 6, 11, 9, 0, tzinfo=SHANGHAI), ["毕业生已应约"]),
        (datetime(2026, 6, 11, 18, 0, tzinfo=SHANGHAI), []),
        (datetime(2026, 6, 13, 10, 0, tzinfo=SHANGHAI), []),
        (datetime(2026, 6, 19, 10, 0, tzinfo=SHANGHAI), []),
        (datetime(2026, 6, 22, 9, 0, tzinfo=SHANGHAI), ["毕业生已应约"]),
        (datetime(2026, 6, 25, 9, 0, tzinfo=SHANGHAI), []),
    ],
    ids=["early", "nine", "late", "saturday", "holiday", "after it", "two weeks"],
)
def test_only_in_office_hours_of_working_days(
    work: Signwork, graduate: Graduate, staff: Staff, asked: datetime, said: list[str]
) -> None:
    work.accept(graduate, work.invite(graduate, staff))
    assert texts(work, asked - work.at) == said


def test_all_that_employers_are_told_of_signing_has_its_words() -> None:
    about = ("invitation_", "acceptance_", "agreement_", "supplement_", "termination_")
    assert set(employer_texts.NEWS) == {each for each in NoticeKind if each.startswith(about)}
    assert max(map(len, employer_texts.NEWS.values())) + len("等13项") <= 12


def test_an_employer_without_papers_in_force_is_told_in_the_console_alone(
    work: Signwork, graduate: Graduate
) -> None:
    signed = sign(work, graduate)
    told = select(StaffNotice.kind).where(StaffNotice.staff_id == signed.staff.id)
    assert NoticeKind.AGREEMENT_SIGNED in set(work.session.scalars(told))
    assert texts(work) == []


def test_after_the_letter_has_ended_nobody_is_told(
    work: Signwork, graduate: Graduate, staff: Staff
) -> None:
    over = datetime.combine(UNTIL + timedelta(days=1), work.at.time(), work.at.tzinfo)
    employer = work.campus.employer()
    notice = StaffNotice(staff_id=staff.id, kind=NoticeKind.TERMINATION_ASKED, details={})
    notice.at = over - timedelta(days=1)
    work.session.add(notice)
    work.session.flush()
    assert employer.id == staff.employer_id
    assert texts(work, over - work.at) == []


def test_those_who_sign_are_told_whoever_sent_it(
    work: Signwork, graduate: Graduate, staff: Staff
) -> None:
    signer, reader, gone = (work.recruiter() for _ in range(3))
    set_duties(work.session, reader, manages=False, may_sign=False)
    gone.active = False
    work.session.flush()
    work.accept(graduate, work.invite(graduate, staff))
    accepted = select(StaffNotice.staff_id).where(
        StaffNotice.kind == NoticeKind.INVITATION_ACCEPTED
    )
    assert set(work.session.scalars(accepted)) == {staff.id, signer.id}


def test_two_clocks_write_one_message(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, staff: Staff
) -> None:
    work.accept(graduate, work.invite(graduate, staff))
    at = work.at + HALF_AN_HOUR
    work.campus.save()

    def write(session: Session) -> object:
        return employer_texts.write_due(session, at)

    after_another(sessions, write, write)
    assert len(work.session.scalars(select(EmployerText)).all()) == 1
