"""A supplement through the pages: the employer proposes, she agrees with her code, all see it."""

import pytest

from registry.accounts.tables import Role
from tests.pages import Browser
from tests.wxapp.employer.conftest import Signing
from tests.wxapp.employer.test_paper import pass_all
from tests.wxapp.employer.test_story import accept, code_on_the_phone
from tests.wxapp.graduate.outliving import comes_back

FORM = "form.stack"


@pytest.fixture
def signed(signing: Signing) -> Signing:
    signing.invite()
    accept(signing)
    pass_all(signing)
    return signing


def look(signed: Signing, **changed: str) -> Browser:
    """Fill in other terms and look at them before they are proposed."""
    page = signed.employer.get("/employer/").follow("李娟").follow("提出补充协议")
    return page.submit(FORM, "go=preview", **{"pay": "9800", "why": "转岗调薪", **changed})


def propose(signed: Signing) -> Browser:
    return look(signed).submit("form:has(button[value=send])", "go=send")


def test_she_agrees_with_her_code_and_all_see_it(signed: Signing) -> None:
    page = look(signed)
    assert "9,000 元（税前）" in page.text
    assert "9,800 元（税前）" in page.text
    page.submit("form:has(button[value=send])", "go=send")
    assert "待毕业生答复" in page.text
    phone = signed.phone.get("/g/signing").follow("青岛海纳软件有限公司").follow("待您答复")
    assert "转岗调薪" in phone.text
    phone.submit("form[action$='/code']")
    phone.submit("form[action$='/agree']", code=code_on_the_phone(signed.site))
    assert "协议书编号不变" in phone.text
    phone.follow("返回协议")
    assert "9,800 元（税前）" in phone.text
    desk = signed.staff(Role.SCHOOL).get("/school/agreements").follow("李娟")
    assert "已签订" in desk.text
    assert "转岗调薪" in desk.text


def test_she_does_not_agree(signed: Signing) -> None:
    propose(signed)
    phone = signed.phone.get("/g/signing").follow("青岛海纳软件有限公司").follow("待您答复")
    phone.follow("不同意").submit("form[action$='/refuse']", reason="低于原约定")
    assert "您没有同意：低于原约定" in phone.text
    assert "毕业生：低于原约定" in signed.employer.get("/employer/").follow("李娟").text


def test_why_she_does_not_agree_outlives_her_session(signed: Signing) -> None:
    propose(signed)
    phone = signed.phone.get("/g/signing").follow("青岛海纳软件有限公司").follow("待您答复")
    phone.follow("不同意")
    comes_back(signed.site, signed.openid, phone, "form[action$='/refuse']", reason="低于原约定")
    assert phone.find("#reason").get_text() == "低于原约定"


def test_an_employer_takes_it_back(signed: Signing) -> None:
    page = propose(signed)
    page.submit("form[action$='/supplement/withdraw']")
    assert "已撤回" in page.text
    assert "提出补充协议" in page.text


def test_taken_back_too_late_it_says_what_she_has_answered(signed: Signing) -> None:
    page = propose(signed)
    phone = signed.phone.get("/g/signing").follow("青岛海纳软件有限公司").follow("待您答复")
    phone.follow("不同意").submit("form[action$='/refuse']", reason="低于原约定")
    page.submit("form[action$='/supplement/withdraw']")
    assert "毕业生未同意" in page.text
    assert "尚未发给毕业生" not in page.text


def test_what_is_wrong_is_said_beside_its_field(signed: Signing) -> None:
    page = look(signed, pay="很多")
    assert page.status == 400
    assert "“转正后月薪”请填写" in page.text
    page = look(signed, why="")
    page.submit("form:has(button[value=send])", "go=send")
    assert "请写明提出补充协议的原因" in page.text


def test_without_a_proof_nothing_is_agreed_to(signed: Signing) -> None:
    propose(signed)
    phone = signed.phone.get("/g/signing").follow("青岛海纳软件有限公司").follow("待您答复")
    phone.submit("form[action$='/code']")
    phone.submit("form[action$='/agree']", code="000000")
    assert "待您答复" in phone.text


def test_while_a_termination_is_under_way_no_code_is_asked_for(signed: Signing) -> None:
    propose(signed)
    page = signed.employer.get("/employer/").follow("李娟")
    page.get(f"{page.path}/terminate")
    page.submit("form[action$='/terminate']", reason="business", text="岗位撤销")
    phone = signed.phone.get("/g/signing").follow("青岛海纳软件有限公司")
    phone.get(str(phone.find("a[href^='/g/supplement/']")["href"]))
    assert "解约申请正在办理" in phone.text
    assert not phone.find_all("form[action$='/code']")


def test_a_suspended_employers_proposal_stops_under_her_code(signed: Signing) -> None:
    """She has the page open and her code in hand while the school suspends the employer."""
    propose(signed)
    phone = signed.phone.get("/g/signing").follow("青岛海纳软件有限公司").follow("待您答复")
    phone.submit("form[action$='/code']")
    desk = signed.staff(Role.SCHOOL).get("/school/employers").follow("青岛海纳软件有限公司")
    desk.submit("form[action$='/suspend']", reason="核查")
    phone.submit("form[action$='/agree']", code=code_on_the_phone(signed.site))
    assert "单位的签约资格已暂停，这份补充协议已停止，原条款不变" in phone.text
    assert "不同意" not in phone.text
    phone.follow("返回协议")
    assert "9,000 元（税前）" in phone.text
    assert "已停止" in signed.employer.get("/employer/").follow("李娟").text
