"""Graduates who sign on paper, spoken to in short sentences."""

from datetime import date, datetime, timedelta

from registry.accounts.tables import Role
from registry.base.clock import SHANGHAI
from registry.record.own_record import graduate_afresh
from registry.record.tables import Graduate
from registry.review.evidence_types import CheckedDocument
from registry.signing import offline_issuing, offline_requests, offline_returns, versions
from registry.signing.offline_issuing import SeenRequest
from registry.signing.offline_requests import PaperTerms
from registry.signing.offline_returns import SignedPaper
from registry.signing.tables import Agreement, OfflineRequest
from tests.registry.review.casework import PNG
from tests.registry.signing.signwork import TERMS, Signwork

UNIT = {
    "unit_name": "青岛望海酒店有限公司",
    "unit_code": "91370200MA3C0TUX7C",
    "unit_nature": "31",
    "unit_industry": "34",
    "unit_location_code": "370202",
    "unit_contact": "赵主管",
    "unit_phone": "053288886666",
}
ASKED = PaperTerms(UNIT, TERMS)


def picture(more: bytes = b"") -> CheckedDocument:
    return CheckedDocument("image/png", PNG + more)


def day_of(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def signed_paper(work: Signwork, *pictures: CheckedDocument) -> SignedPaper:
    return SignedPaper(day_of(work.at), pictures or (picture(),))


def ask(work: Signwork, graduate: Graduate, asked: PaperTerms = ASKED) -> OfflineRequest:
    """Ask for a paper."""
    return offline_requests.ask(work.session, work.writer(graduate), asked)


def seen(request: OfflineRequest) -> SeenRequest:
    return SeenRequest(request.key, versions.digest(request.terms))


def issue(work: Signwork, request: OfflineRequest) -> Agreement:
    """Issue it as the school."""
    scope, staff = work.campus.scope, work.staff(Role.SCHOOL)
    return offline_issuing.issue(work.session, scope, staff, seen(request), work.at)


def issued(
    work: Signwork, graduate: Graduate, asked: PaperTerms = ASKED
) -> tuple[OfflineRequest, Agreement]:
    """Go as far as a paper that both have yet to sign."""
    request = ask(work, graduate, asked)
    return request, issue(work, request)


def hand_in(
    work: Signwork, graduate: Graduate, request: OfflineRequest, *pictures: CheckedDocument
) -> Agreement:
    """Hand the signed paper in, two days after it was issued."""
    paper, vault = signed_paper(work, *pictures), work.campus.vault
    her = work.writer(graduate_afresh(work.session, graduate.id))
    return offline_returns.hand_in(work.session, vault, her, request.key, paper)


def handed_in(work: Signwork, graduate: Graduate) -> tuple[OfflineRequest, Agreement]:
    """Go as far as the review of a signed paper."""
    request, _ = issued(work, graduate)
    work.at += timedelta(days=2)
    return request, hand_in(work, graduate, request)


def sign(work: Signwork, graduate: Graduate) -> tuple[OfflineRequest, Agreement]:
    """Go the whole way: asked, issued, handed in, passed by both levels."""
    request, agreement = handed_in(work, graduate)
    review = work.review_of(agreement)
    work.decide(Role.DEPARTMENT, review)
    work.decide(Role.SCHOOL, review)
    return request, work.session.get_one(Agreement, agreement.id, populate_existing=True)
