"""What an employer is told on its pages of its agreements and terminations, and of what not."""

from sqlalchemy import select

from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Role, Staff, StaffNotice
from registry.record.tables import Graduate
from registry.review.decisions import Decision
from registry.signing import mending, terminating, versions, voiding
from tests.registry.signing.signwork import TERMS, Signwork
from tests.registry.signing.termwork import BUSINESS, sign

ASKED, MOVED = NoticeKind.TERMINATION_ASKED, NoticeKind.TERMINATION_MOVED
DECIDED = NoticeKind.TERMINATION_DECIDED


def told(work: Signwork, staff: Staff) -> list[str]:
    """Return what somebody was told, in order, and let them have seen it."""
    wanted = select(StaffNotice).where(StaffNotice.staff_id == staff.id)
    unseen = list(work.session.scalars(wanted.where(StaffNotice.seen_at.is_(None))))
    for each in unseen:
        each.seen_at = work.at
    return [each.kind for each in sorted(unseen, key=lambda each: each.id)]


def test_a_return_and_its_second_coming_are_told(work: Signwork, graduate: Graduate) -> None:
    staff = work.recruiter()
    agreement = work.returned(graduate, staff)
    assert NoticeKind.AGREEMENT_RETURNED in told(work, staff)
    key = work.key_of(agreement)
    mending.amend(work.session, staff, key, TERMS | {"pay": "9800"}, work.at)
    assert told(work, staff) == []
    newest = versions.newest(work.session, agreement).digest
    mending.agree(work.session, work.campus.vault, work.writer(graduate), key, newest)
    assert told(work, staff) == [NoticeKind.AGREEMENT_SENT_AGAIN]


def test_what_she_gives_up_is_told_and_what_the_employer_gives_up_is_not(
    work: Signwork, graduate: Graduate
) -> None:
    staff = work.recruiter()
    first = work.returned(graduate, staff)
    told(work, staff)
    mending.give_up(work.session, work.writer(graduate), work.key_of(first), "另有安排")
    assert told(work, staff) == [NoticeKind.AGREEMENT_FAILED]
    second = work.returned(graduate, staff)
    told(work, staff)
    mending.give_up_by_employer(work.session, staff, work.key_of(second), "岗位取消", work.at)
    assert told(work, staff) == []


def test_a_voided_agreement_is_told_once_with_the_request_it_ends(
    work: Signwork, graduate: Graduate
) -> None:
    signed = sign(work, graduate)
    signed.ask(signed.her)
    told(work, signed.staff)
    key, one, other = signed.agreement.key, *administrators(work)
    voiding.ask(work.session, one, key, "单位证实未签约", work.at)
    voiding.confirm(work.session, other, key, work.at)
    assert told(work, signed.staff) == [NoticeKind.AGREEMENT_VOIDED]


def administrators(work: Signwork) -> tuple[Staff, Staff]:
    """Return two of the school whose accounts are old enough to confirm."""
    one, other = work.campus.staff(Role.SCHOOL), work.campus.staff(Role.SCHOOL)
    for each in (one, other):
        each.created_at = work.at.replace(year=work.at.year - 1)
    work.session.flush()
    return one, other


def test_a_termination_is_told_by_what_it_wants(work: Signwork, graduate: Graduate) -> None:
    signed = sign(work, graduate)
    told(work, signed.staff)
    first = signed.ask(signed.her)
    assert told(work, signed.staff) == [ASKED]
    terminating.withdraw(work.session, signed.her, first.key)
    assert told(work, signed.staff) == [MOVED]
    second = signed.ask(signed.her)
    told(work, signed.staff)
    agreed = terminating.agree(work.session, signed.employer, second.key)
    assert told(work, signed.staff) == []  # its own deed
    signed.decide(agreed)
    assert told(work, signed.staff) == [DECIDED]


def test_what_the_employer_asks_is_told_when_she_answers(
    work: Signwork, graduate: Graduate
) -> None:
    signed = sign(work, graduate)
    told(work, signed.staff)
    asked = signed.ask(signed.employer, BUSINESS)
    assert told(work, signed.staff) == []
    agreed = terminating.agree(work.session, signed.her, asked.key)
    assert told(work, signed.staff) == [MOVED]
    signed.decide(agreed, Decision.RETURN, "材料不足")
    assert told(work, signed.staff) == [DECIDED]
