"""An agreement on paper: its number, what is printed, and what tells a print from a true one."""

import re

import pytest
from sqlalchemy import delete, select, update

from registry.accounts.audit_log.tables import AuditDetail
from registry.accounts.tables import Role
from registry.base.errors import RuleError
from registry.numbers import shape
from registry.numbers.lookup.guard import Guard
from registry.numbers.reports import VerificationSite
from registry.record.tables import Graduate
from registry.review.decisions import Outcome
from registry.signing import (
    agreement_lookup,
    agreement_papers,
    agreement_sheet,
    agreement_text,
    answering,
    lists,
    mending,
    terminating,
    versions,
)
from registry.signing.agreement_lookup import ShownAgreement
from registry.signing.agreement_text import CLAUSES
from registry.signing.paper_tables import AgreementPaper
from registry.signing.standing import Standing, standing_of
from registry.signing.states import AgreementState
from registry.signing.tables import Agreement, Invitation
from tests import pdf_reading
from tests.registry.signing.signwork import RETRACT, TERMS, Signwork
from tests.registry.signing.termwork import sign
from tests.wxapp.school.records import IDENTITY

BASE = "https://quxiang.example.edu.cn"


def printed(work: Signwork, agreement: Agreement) -> bytes:
    site = VerificationSite(work.campus.vault, BASE)
    graduate = work.session.get_one(Graduate, agreement.graduate_id)
    invitation = work.session.get_one(Invitation, agreement.invitation_id)
    found = agreement_sheet.of_graduate(work.session, graduate, invitation.key)
    return agreement_sheet.pdf(work.session, site, found, work.at)


def paper_of(work: Signwork, agreement: Agreement) -> AgreementPaper:
    return agreement_papers.of(work.session, agreement)


def looked_up(work: Signwork, agreement: Agreement) -> ShownAgreement:
    """Return what its link is answered with."""
    link, guard = paper_of(work, agreement).link, Guard(work.campus.vault)
    answer = agreement_lookup.follow_link(work.session, guard, link, "192.0.2.1", work.at)
    assert answer.finding is not None
    assert answer.finding.shown is not None
    return answer.finding.shown


def test_an_agreement_has_its_number_from_the_acceptance_on(
    work: Signwork, graduate: Graduate
) -> None:
    agreement = work.accept(graduate, work.invite(graduate))
    number = paper_of(work, agreement).number
    level = graduate.level or "00"
    assert number.startswith(f"26{work.campus.school.code}{level}")
    assert len(number) == 16
    assert shape.read_agreement(number) == number
    work.at += RETRACT
    review = work.review_of(agreement)
    work.decide(Role.DEPARTMENT, review)
    work.decide(Role.SCHOOL, review)
    assert paper_of(work, agreement).number == number


def test_another_agreement_has_another_number(work: Signwork, graduate: Graduate) -> None:
    first = work.invite(graduate)
    taken_back = work.accept(graduate, first)
    answering.retract(work.session, work.writer(graduate), first.key)
    again = work.accept(graduate, work.invite(graduate))
    assert paper_of(work, taken_back).number != paper_of(work, again).number


def test_agreements_without_paper_get_it_by_the_clock(work: Signwork, graduate: Graduate) -> None:
    agreement = work.accept(graduate, work.invite(graduate))
    work.session.execute(delete(AgreementPaper))
    with pytest.raises(RuleError) as refused:
        paper_of(work, agreement)
    assert refused.value.code == "no_paper_yet"
    assert agreement_papers.give_missing(work.session, work.at) == 1
    assert agreement_papers.give_missing(work.session, work.at) == 0
    assert paper_of(work, agreement).agreement_id == agreement.id


def test_a_number_drawn_twice_is_given_once(work: Signwork) -> None:
    for number in ("1", "2"):
        graduate = work.campus.graduate(f"李{number}", identity_index=f"person {number}")
        work.accept(graduate, work.invite(graduate))
    work.session.execute(delete(AgreementPaper))
    whichever = Agreement.id.is_not(None)
    assert agreement_papers.give(work.session, whichever, work.at, lambda _most: 7) == 1
    assert agreement_papers.give_missing(work.session, work.at) == 1
    numbers = set(work.session.scalars(select(AgreementPaper.number)))
    assert len(numbers) == 2


def test_the_print_says_everything_that_was_agreed(work: Signwork, graduate: Graduate) -> None:
    said = TERMS | {"benefits": "五险一金 #panic() $x$", "remarks": "提供住宿；" * 60}
    agreement = work.accept(graduate, work.invite(graduate, said=said))
    work.at += RETRACT
    review = work.review_of(agreement)
    for role in (Role.DEPARTMENT, Role.SCHOOL):
        assert work.decide(role, review) == [Outcome.PASSED]
    pdf = printed(work, agreement)
    words = pdf_reading.words_of(pdf)
    paper, text = paper_of(work, agreement), agreement_papers.text_digest(work.session, agreement)
    assert text in words
    for each in (
        *("青岛海纳软件有限公司", "91350100M000100Y43", graduate.name, graduate.student_number),
        *("软件工程师", "9,000元（税前）", "3,000元", "升学、应征入伍", "五险一金#panic()$x$"),
        *(
            "院系审核2026年6月10日",
            "学校鉴证2026年6月10日",
            "不是电子签章",
            paper.number,
        ),
    ):
        assert each in words
    for clause in CLAUSES[paper.edition]:
        assert "".join(clause.split()) in words
    assert "提供住宿；" * 60 in words.replace("\n", "")
    assert pdf_reading.codes_of(pdf) == [f"{BASE}/v/{paper.link}"]
    assert pdf_reading.is_tagged(pdf)
    assert pdf_reading.rightmost_of(pdf) < 0.95
    assert "未鉴证" not in words


def test_no_print_shows_a_whole_identity_number(work: Signwork, graduate: Graduate) -> None:
    words = pdf_reading.words_of(printed(work, work.accept(graduate, work.invite(graduate))))
    assert IDENTITY not in words
    assert f"{IDENTITY[:6]}********{IDENTITY[-4:]}" in words


def test_what_is_no_agreement_in_force_says_so_across_the_print(
    work: Signwork, graduate: Graduate
) -> None:
    agreement = work.accept(graduate, work.invite(graduate))
    assert "未鉴证" in pdf_reading.words_of(printed(work, agreement))
    work.decline(Role.DEPARTMENT, agreement, "岗位与专业不符")
    failed = pdf_reading.words_of(printed(work, agreement))
    assert "未签成" in failed
    assert "岗位与专业不符" in failed
    assert "已作废" not in failed


def test_an_amended_agreement_is_printed_and_looked_up_by_the_terms_agreed_to_last(
    work: Signwork, graduate: Graduate
) -> None:
    agreement = work.returned(graduate)
    first = agreement_papers.text_digest(work.session, agreement)
    key = work.key_of(agreement)
    mending.amend(work.session, work.recruiter(), key, TERMS | {"pay": "9800"}, work.at)
    proposed = pdf_reading.words_of(printed(work, agreement))
    assert "9,000元（税前）" in proposed  # until she agrees
    assert first in proposed
    newest = versions.newest(work.session, agreement).digest
    mending.agree(work.session, work.campus.vault, work.writer(graduate), key, newest)
    words = pdf_reading.words_of(printed(work, agreement))
    assert "9,800元（税前）" in words
    assert "9,000元（税前）" not in words
    assert words.index("乙方应约") < words.index("甲方修改条款") < words.index("乙方同意修改")
    assert lists.terms_of(work.session, key)["pay"] == "9800"
    shown = looked_up(work, agreement)
    assert shown.digest in words
    assert shown.digest != first


@pytest.mark.parametrize("state", AgreementState)
def test_no_state_is_said_to_be_voided_but_that(state: AgreementState) -> None:
    assert (standing_of(state) is Standing.VOID) is (state is AgreementState.VOIDED)
    assert (standing_of(state) is Standing.IN_FORCE) is (state is AgreementState.SIGNED)


def test_a_terminated_agreement_says_so_on_paper_and_online(
    work: Signwork, graduate: Graduate
) -> None:
    signed = sign(work, graduate)
    signed.decide(terminating.agree(signed.session, signed.employer, signed.ask(signed.her).key))
    agreement = signed.agreement_now()
    assert "已解约" in pdf_reading.words_of(printed(work, agreement))
    assert looked_up(work, agreement).standing is Standing.TERMINATED


def test_a_name_mended_later_does_not_change_what_was_signed(
    work: Signwork, graduate: Graduate
) -> None:
    agreement = work.sign(graduate)
    before = graduate.name
    work.session.execute(update(Graduate).values(name="李鹃"))
    assert before in pdf_reading.words_of(printed(work, agreement))


def test_no_print_is_made_of_terms_that_are_not_those_agreed_to(
    work: Signwork, graduate: Graduate
) -> None:
    agreement = work.sign(graduate)
    work.session.execute(update(Agreement).values(terms={**agreement.terms, "pay": "3000"}))
    with pytest.raises(RuntimeError, match="is not what was agreed to"):
        printed(work, agreement)


def test_the_hash_of_the_text_is_in_the_audit_log(work: Signwork, graduate: Graduate) -> None:
    agreement = work.accept(graduate, work.invite(graduate))
    said = [each.content for each in work.session.scalars(select(AuditDetail))]
    text = agreement_papers.text_digest(work.session, agreement)
    assert any(text in str(each) for each in said)


def test_the_words_of_an_edition_never_change() -> None:
    """Whoever mends a clause adds an edition: what was signed keeps its words."""
    words = "612f18a02ed99a81f507bc341b9f9ab20a2d24e644e0d6e104f4956151f3bd7e"
    assert agreement_text.head_digest("", 1, {}) == words


def test_every_hash_is_of_its_own_text() -> None:
    whole = agreement_text.head_digest("N", 1, {"name": "李娟"})
    assert re.fullmatch(r"[0-9a-f]{64}", whole)
    assert agreement_text.head_digest("M", 1, {"name": "李娟"}) != whole
    assert agreement_text.head_digest("N", 1, {"name": "李鹃"}) != whole
    assert agreement_text.text_digest(whole, "a") != agreement_text.text_digest(whole, "b")
