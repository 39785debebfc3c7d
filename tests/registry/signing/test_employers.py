"""Who may sign: listed and taken off, taken over, passed by a province; patterns worth a look."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from registry.accounts import employer_people
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Role, Staff, StaffNotice
from registry.base.errors import RuleError
from registry.review.evidence import EvidenceDocument
from registry.signing import (
    certification_decisions,
    certifying,
    employer_list,
    employers,
    listing,
    patterns,
    takeovers,
    terms,
)
from registry.signing.certification_decisions import PapersDecision
from registry.signing.certifying import Papers
from registry.signing.listing import NewListing
from registry.signing.offline_requests import PaperTerms
from registry.signing.patterns import PATTERNS, PatternScope
from registry.signing.states import InvitationState
from registry.signing.tables import Qualification
from registry.signing.takeovers import Newcomer
from tests.registry.signing import offlinework
from tests.registry.signing.signwork import OTHER_CODE, TERMS, Signwork
from tests.wxapp.school.records import UNIT

DOCUMENT = EvidenceDocument("材料.pdf", "application/pdf", b"%PDF-1.7")
UNTIL = date(2027, 5, 31)


def lists(work: Signwork, role: Role = Role.PROVINCE) -> str:
    """List the employer; return the listing's key."""
    staff, employer = work.campus.staff(role), work.campus.employer()
    wanted = NewListing("虚假招聘", UNTIL, DOCUMENT)
    return listing.add(work.session, work.campus.vault, staff, employer, wanted, work.at).key


def told(work: Signwork, staff: Staff) -> list[str]:
    wanted = select(StaffNotice.kind).where(StaffNotice.staff_id == staff.id)
    return list(work.session.scalars(wanted.order_by(StaffNotice.id)))


@pytest.mark.parametrize("role", [Role.PROVINCE, Role.OPERATOR])
def test_a_listed_employer_invites_nobody_and_what_is_open_stops(
    work: Signwork, role: Role
) -> None:
    recruiter = work.recruiter()
    open_one = work.invite(work.campus.graduate("李娟"), recruiter)
    lists(work, role)
    work.session.refresh(open_one)
    assert open_one.state == InvitationState.CANCELLED
    with pytest.raises(RuleError) as refused:
        work.invite(work.campus.graduate("王芳"), recruiter)
    assert refused.value.code == "not_qualified"
    assert NoticeKind.LISTED in told(work, recruiter)


def test_another_provinces_listing_only_warns(work: Signwork) -> None:
    work.campus.school.province = "320000"
    recruiter = work.recruiter()
    lists(work)
    assert work.invite(work.campus.graduate("李娟"), recruiter).state == InvitationState.OPEN
    assert len(listing.holding(work.session, recruiter.employer_id or 0, work.at)) == 1


def test_a_listing_ends_by_its_day_or_by_hand(work: Signwork) -> None:
    recruiter, province = work.recruiter(), work.campus.staff(Role.PROVINCE)
    key = lists(work)
    with pytest.raises(RuleError, match="移出的原因"):
        listing.lift(work.session, province, key, "", work.at)
    listing.lift(work.session, province, key, "申诉成立", work.at)
    assert work.invite(work.campus.graduate("李娟"), recruiter).state == InvitationState.OPEN
    lists(work)
    later = work.at + timedelta(days=400)
    assert not listing.here(work.session, recruiter.employer_id or 0, "370000", later)


def test_a_school_lists_nobody_nor_lifts(work: Signwork) -> None:
    key = lists(work)
    with pytest.raises(RuleError) as refused:
        listing.lift(work.session, work.campus.staff(), key, "误列", work.at)
    assert refused.value.code == "not_found"


def hand_in(work: Signwork, staff: Staff) -> None:
    """Hand in papers that hold until the end of May."""
    papers = Papers(
        {**UNIT, "unit_code": "91350100M000100Y43"},
        *("孙经理", "13900002222", None, UNTIL, DOCUMENT, DOCUMENT),
    )
    certifying.hand_in(work.session, work.campus.vault, staff, papers, work.at)


def test_a_province_passes_papers_for_all_its_schools(work: Signwork) -> None:
    session, at = work.session, work.at
    province, recruiter = work.campus.staff(Role.PROVINCE), work.recruiter()
    employer_list.settle(session, province, "2200", at, qualifies=True)
    with pytest.raises(RuleError) as refused:
        employers.register(session, work.campus.staff(), {**UNIT, "unit_code": OTHER_CODE}, at)
    assert refused.value.code == "province_qualifies"
    hand_in(work, recruiter)
    assert certification_decisions.count_waiting(session, work.campus.staff()) == 0
    papers = certifying.newest(session, recruiter.employer_id or 0)
    assert papers is not None
    decide = certification_decisions.decide
    decide(session, province, papers.key, PapersDecision.QUALIFY, "", at)
    with pytest.raises(RuleError) as again:
        decide(session, province, papers.key, PapersDecision.RETURN, "不清楚", at)
    assert again.value.code == "decided_already"
    other = work.another_school()
    certifying.ask_at(session, work.campus.vault, recruiter, [other.key], at)
    wanted = select(Qualification.state).where(Qualification.school_id == other.id)
    assert session.scalars(wanted).one() == "qualified"


@pytest.mark.parametrize("decision", [PapersDecision.QUALIFY, PapersDecision.CHECK])
def test_a_school_only_returns_what_waits_once_its_province_decides(
    work: Signwork, decision: PapersDecision
) -> None:
    session, school, recruiter = work.session, work.campus.staff(), work.recruiter()
    hand_in(work, recruiter)
    employer_list.settle(session, work.campus.staff(Role.PROVINCE), "", work.at, qualifies=True)
    papers = certifying.newest(session, recruiter.employer_id or 0)
    assert papers is not None
    decide = certification_decisions.decide
    with pytest.raises(RuleError) as refused:
        decide(session, school, papers.key, decision, "", work.at)
    assert refused.value.code == "province_qualifies"
    decide(session, school, papers.key, PapersDecision.RETURN, "改由省级审核", work.at)
    hand_in(work, recruiter)
    assert certification_decisions.count_waiting(session, work.campus.staff(Role.PROVINCE)) == 1


def test_a_renewal_that_is_returned_leaves_what_holds(work: Signwork) -> None:
    recruiter, school = work.recruiter(), work.campus.staff()
    hand_in(work, recruiter)
    papers = certifying.newest(work.session, recruiter.employer_id or 0)
    assert papers is not None
    decided = certification_decisions.decide
    decided(work.session, school, papers.key, PapersDecision.RETURN, "授权书不清楚", work.at)
    assert work.invite(work.campus.graduate("李娟"), recruiter).state == InvitationState.OPEN


def take_over(work: Signwork, unit_name: str = UNIT["unit_name"]) -> str:
    newcomer = Newcomer(
        *("91350100M000100Y43", unit_name, "周经理", "zhou@haina", "haina-2026-hr-zhou"),
        *("13900003333", DOCUMENT),
    )
    return takeovers.ask(work.session, work.campus.vault, newcomer, work.at).key


def test_accounts_are_taken_over_after_three_days(work: Signwork) -> None:
    before, school = work.recruiter(), work.campus.staff()
    key = take_over(work)
    assert told(work, before) == [NoticeKind.TAKEOVER_ASKED]
    takeovers.object_to(work.session, before, "我还在职", work.at)
    found = takeovers.find(work.session, work.campus.school.id, key)
    assert found.objection == "我还在职"
    with pytest.raises(RuleError) as early:
        takeovers.grant(work.session, school, found, work.at + timedelta(days=2))
    assert early.value.code == "too_early"
    made = takeovers.grant(work.session, school, found, work.at + takeovers.WAIT)
    assert employer_people.managers(work.session, before.employer_id or 0) == [made.id]
    work.session.refresh(before)
    assert not before.active


def test_one_take_over_waits_and_needs_the_name(work: Signwork) -> None:
    work.recruiter()
    with pytest.raises(RuleError) as unknown:
        take_over(work, "青岛海纳软件公司")
    assert unknown.value.code == "employer_unknown"
    take_over(work)
    with pytest.raises(RuleError) as second:
        take_over(work)
    assert second.value.code == "takeover_waits"


def found(work: Signwork, name: str) -> int:
    scope = PatternScope(school_id=work.campus.school.id)
    count = patterns.counts(work.session, scope, work.at)[name]
    assert len(patterns.cases(work.session, scope, PATTERNS[name], work.at)) == count
    elsewhere = PatternScope(province="110000")
    assert patterns.counts(work.session, elsewhere, work.at)[name] == 0
    return count


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("breach", {"breach": "10001"}),
        ("money", {"remarks": "入职前缴纳培训费"}),
        ("internship", {"benefits": "见习期有补贴"}),
        ("low_pay", {"pay": "2100", "probation_pay": "2100"}),
    ],
)
def test_a_term_that_is_worth_a_look_is_counted(
    work: Signwork, name: str, said: dict[str, str]
) -> None:
    province = work.campus.staff(Role.PROVINCE)
    employer_list.settle(work.session, province, "2200", work.at, qualifies=False)
    recruiter = work.recruiter()
    work.invite(work.campus.graduate("李娟"), recruiter)
    assert found(work, name) == 0
    work.invite(work.campus.graduate("王芳"), recruiter, {**TERMS, **said})
    assert found(work, name) == 1


def test_many_equal_and_swift_ones_are_counted(work: Signwork) -> None:
    recruiter = work.recruiter()
    for number in range(patterns.MANY_EQUAL):
        graduate = work.campus.graduate(f"李娟{number}", identity_index=f"{number}")
        work.accept(graduate, work.invite(graduate, recruiter))
    assert found(work, "equal_pay") == 1
    assert found(work, "swift") == 1
    assert found(work, "one_firm") == 0
    assert found(work, "one_address") == 0
    work.invite(work.campus.graduate("王芳"), recruiter, {**TERMS, "pay": "9500"})
    assert found(work, "equal_pay") == 0


def test_many_firms_with_one_phone_and_place_are_counted(work: Signwork) -> None:
    for code in ("91350100M000100Y43", OTHER_CODE):
        work.campus.employer(code)
    assert found(work, "one_phone") == 0
    work.campus.employer("91370202MA3C0TUX19")
    assert found(work, "one_phone") == 3
    assert found(work, "one_place") == 3


PAPER_TERMS = TERMS | {"remarks": "入职前缴纳培训费", "pay": "2100", "probation_pay": "2100"}


def test_what_is_worth_a_look_on_paper_is_counted_once_it_is_issued(work: Signwork) -> None:
    asked = PaperTerms(offlinework.UNIT, PAPER_TERMS)
    request = offlinework.ask(work, work.campus.graduate("李娟"), asked)
    assert found(work, "money") == 0
    offlinework.issue(work, request)
    assert found(work, "money") == 1
    scope = PatternScope(school_id=work.campus.school.id)
    (case,) = patterns.cases(work.session, scope, PATTERNS["money"], work.at)
    assert (case.employer_key, case.unit_name) == (None, offlinework.UNIT["unit_name"])


def test_agreements_on_paper_and_online_with_one_firm_are_counted_together(
    work: Signwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "MANY_GRADUATES", 2)
    employer = work.campus.employer()
    unit = {name: getattr(employer, name) for name in terms.UNIT}
    online = work.campus.graduate("李娟")
    work.accept(online, work.invite(online))
    her = work.campus.graduate("王芳", identity_index="another")
    request, _ = offlinework.issued(work, her, PaperTerms(unit, TERMS))
    assert found(work, "one_firm") == 0  # a paper that is only issued binds nobody
    offlinework.hand_in(work, her, request)
    assert found(work, "one_firm") == 1


def test_firms_on_paper_with_one_phone_are_counted_with_the_registered(work: Signwork) -> None:
    phone = work.campus.employer().unit_phone
    work.campus.employer("91370202MA3C0TUX19")
    assert found(work, "one_phone") == 0
    unit = offlinework.UNIT | {"unit_phone": phone}
    offlinework.issued(work, work.campus.graduate("李娟"), PaperTerms(unit, TERMS))
    assert found(work, "one_phone") == 3


def test_what_comes_of_invitations_is_told_once(work: Signwork) -> None:
    recruiter = work.recruiter()
    for name in ("李娟", "王芳"):
        graduate = work.campus.graduate(name, identity_index=name)
        work.accept(graduate, work.invite(graduate, recruiter))
    assert told(work, recruiter) == [NoticeKind.INVITATION_ACCEPTED]
