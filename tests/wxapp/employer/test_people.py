"""Several people of one employer: who manages, who signs, who only looks."""

import pytest
from sqlalchemy import select, update

from registry.accounts import employer_people
from registry.accounts.tables import AuditEntry, Role, Staff
from registry.base.errors import RuleError
from tests.pages import Browser
from tests.wxapp.employer.conftest import FORM, Signing


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
