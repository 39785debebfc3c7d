"""Several people of one employer: who manages, who signs, who only looks."""

from datetime import date

import pytest
from sqlalchemy import select, update

from registry.accounts import employer_people
from registry.accounts.tables import AuditEntry, Role, Staff
from registry.base.errors import RuleError
from registry.review.evidence import EvidenceDocument
from registry.signing import listing
from registry.signing.listing import NewListing
from tests.pages import Browser
from tests.wxapp.employer.conftest import FORM, Signing
from tests.wxapp.site import find_campus


def become(signing: Signing, **duties: bool) -> Browser:
    """Leave the employer's own account these duties."""
    with signing.site.resources.sessions.begin() as session:
        session.execute(update(Staff).where(Staff.role == Role.EMPLOYER).values(**duties))
    return signing.employer.get("/employer/")


def test_a_reader_looks_and_invites_nobody(signing: Signing) -> None:
    signing.invite()
    seen = signing.write()  # before the right is gone
    again = seen.fill(FORM, "go=send")
    page = become(signing, manages=False, may_sign=False)
    assert "李娟" in page.text
    assert "发起邀请" not in page.text
    assert page.post("/employer/invitations/new", again).status == 403
    assert "您的账号没有签约权限" in page.text
    assert page.get("/employer/invitations/new").status == 403
    page.get("/employer/").follow("李娟").submit("form[action$='/withdraw']", reason="岗位取消")
    assert page.status == 403
    assert "待应约" in page.get("/employer/").text
    assert page.get("/account/members").status == 403


def test_a_signer_makes_no_accounts(signing: Signing) -> None:
    become(signing, manages=False)
    assert "待应约" in signing.invite().text
    assert signing.employer.get("/account/members/new").status == 403


def test_a_manager_makes_a_reader_and_lets_her_sign(signing: Signing) -> None:
    page = signing.employer.get("/account/members/new")
    page.submit("main form", name="周助理", login="zhou@haina", may_sign=False)
    assert "查看人" in page.text
    page.submit("form[action$='/duties']", may_sign="on")
    assert "权限 签约经办人" in page.text
    actions = signing.site.read(lambda session: session.scalars(select(AuditEntry.action)).all())
    assert "staff_rights" in actions


def test_the_last_manager_cannot_go(signing: Signing) -> None:
    page = signing.employer.get("/account/members/new")
    page.submit("main form", name="周助理", login="zhou@haina", manages="on")
    with signing.site.resources.sessions.begin() as session:
        theirs = session.scalars(select(Staff).where(Staff.role == Role.EMPLOYER)).all()
        assert employer_people.set_duties(session, theirs[0], manages=False, may_sign=True)
        with pytest.raises(RuleError) as refused:
            employer_people.set_duties(session, theirs[1], manages=False, may_sign=True)
        assert refused.value.code == "last_manager"
        session.rollback()


def test_a_listed_employer_reads_why_it_cannot_invite(signing: Signing) -> None:
    with signing.site.resources.sessions.begin() as session:
        campus = find_campus(session, signing.site)
        staff, employer, at = campus.staff(Role.PROVINCE), campus.employer(), signing.site.clock()
        document = EvidenceDocument("材料.pdf", "application/pdf", b"%PDF-1.7")
        wanted = NewListing("虚假招聘", date(2027, 5, 31), document)
        listing.add(session, campus.vault, staff, employer, wanted, at)
    page = signing.employer.get("/employer/")
    assert "已列入签约黑名单，不能发起邀请" in page.text
    assert "请到单位资质提交材料" not in page.text
