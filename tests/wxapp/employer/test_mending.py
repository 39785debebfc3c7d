"""The school returns an agreement, the employer amends it, she agrees on her phone; or they do not.

And what two of the school do about a sham.
"""

from datetime import timedelta

from registry.accounts import sessions
from registry.accounts.tables import Role
from tests.pages import Browser
from tests.wxapp.employer.conftest import Signing
from tests.wxapp.employer.test_story import accept, code_on_the_phone
from tests.wxapp.graduate.outliving import comes_back
from tests.wxapp.site import find_campus

AMEND = "form[action$='/amend']"
DECISION = "form:has(button[value=decline])"


def returned(signing: Signing) -> Browser:
    """Go as far as a return; return the desk it was returned from."""
    signing.invite()
    accept(signing)
    desk = signing.staff(Role.DEPARTMENT).get("/school/reviews?purpose=agreement").follow("李娟")
    return desk.submit(DECISION, "decision=return", reason="薪资与约定不符")


def amended(signing: Signing) -> Browser:
    """Amend what was returned; return the employer's page of it."""
    page = signing.employer.get("/employer/").follow("李娟")
    page.follow("修改条款").submit(AMEND, "go=preview", pay="9800")
    assert "9,000 元（税前）" in page.text
    assert "9,800 元（税前）" in page.text
    signing.site.clock.move(timedelta(minutes=2))  # another code may be sent by then
    return page.submit(AMEND, "go=send")


def agreed(signing: Signing) -> Browser:
    phone = signing.phone.get("/g/signing").follow("核对修改")
    phone.submit("form[action$='/code']")
    return phone.submit("form[action$='/agree']", code=code_on_the_phone(signing.site))


def administrators(signing: Signing) -> tuple[Browser, Browser]:
    """Open the browsers of two administrators whose accounts are older than a day."""
    found = []
    for _ in range(2):
        token = sessions.new_token()
        with signing.site.resources.sessions.begin() as session:
            staff = find_campus(session, signing.site).staff(Role.SCHOOL)
            staff.created_at = signing.site.clock() - timedelta(days=2)
            sessions.start(session, token, sessions.proven(staff), {}, signing.site.clock())
        browser = signing.site.browser()
        browser.client.set_cookie("quxiang", token)
        found.append(browser)
    return found[0], found[1]


def test_why_it_is_declined_or_given_up_outlives_her_session(signing: Signing) -> None:
    hers = (signing.site, signing.openid, signing.phone)
    signing.invite()
    signing.phone.get("/g/signing").follow("拒绝邀请")
    page = comes_back(*hers, "form[action$='/refuse']", reason="薪资不符")
    assert page.find("#reason").get_text() == "薪资不符"
    accept(signing)
    desk = signing.staff(Role.DEPARTMENT).get("/school/reviews?purpose=agreement").follow("李娟")
    desk.submit(DECISION, "decision=return", reason="薪资与约定不符")
    signing.phone.get("/g/signing").follow("放弃签约")
    page = comes_back(*hers, "form[action$='/give-up']", reason="单位不再招聘")
    assert page.find("#reason").get_text() == "单位不再招聘"


def test_returned_amended_agreed_and_signed(signing: Signing) -> None:
    assert "已退回 1 人" in returned(signing).text
    page = signing.employer.get("/employer/").follow("李娟")
    assert "已退回修改" in page.text
    assert "薪资与约定不符" in page.text
    assert "薪资与约定不符" in signing.phone.get("/g/signing").text
    assert "学校退回了就业协议" in signing.phone.get("/g/").text
    assert "待本人确认修改" in amended(signing).text
    assert "单位修改了协议条款" in signing.phone.get("/g/").text
    assert "待学校审核" in agreed(signing).text
    signing.later(timedelta(hours=2))
    for role in (Role.DEPARTMENT, Role.SCHOOL):
        desk = signing.staff(role).get("/school/reviews?purpose=agreement").follow("李娟")
        assert "退回后修改的条款" in desk.text
        desk.submit("form:has(button[value=pass])", "decision=pass")
    assert "已签约" in signing.phone.get("/g/signing").text


def test_what_is_wrong_with_an_amendment_keeps_what_was_typed(signing: Signing) -> None:
    returned(signing)
    page = signing.employer.get("/employer/").follow("李娟").follow("修改条款")
    page.submit(AMEND, "go=preview", post="前端实习生")
    assert page.status == 400
    assert page.find("#f-post")["value"] == "前端实习生"
    assert "条款与原来的完全一样" in page.submit(AMEND, "go=preview", post="软件工程师").text


def test_a_wrong_code_agrees_to_nothing(signing: Signing) -> None:
    returned(signing)
    amended(signing)
    phone = signing.phone.get("/g/signing").follow("核对修改")
    phone.submit("form[action$='/code']")
    right = code_on_the_phone(signing.site)
    phone.submit("form[action$='/agree']", code="000000" if right != "000000" else "111111")
    assert "验证码不对" in phone.text
    assert "待本人确认修改" in signing.employer.get("/employer/").text


def test_a_code_for_some_terms_agrees_to_no_others(signing: Signing) -> None:
    returned(signing)
    amended(signing)
    phone = signing.phone.get("/g/signing").follow("核对修改")
    phone.submit("form[action$='/code']")
    code = code_on_the_phone(signing.site)
    phone.submit("form[action$='/agree']", code=code, digest="0" * 64)
    assert "验证码" in phone.text
    assert "待本人确认修改" in signing.employer.get("/employer/").text


def test_she_sends_it_as_it_is(signing: Signing) -> None:
    returned(signing)
    signing.phone.get("/g/signing").submit("form[action$='/resubmit']")
    assert "待学校审核" in signing.phone.text
    desk = signing.staff(Role.DEPARTMENT).get("/school/reviews?purpose=agreement")
    assert "李娟" in desk.text


def test_what_was_amended_meanwhile_is_not_sent_as_it_was(signing: Signing) -> None:
    returned(signing)
    page = signing.phone.get("/g/signing")
    amended(signing)
    page.submit("form[action$='/resubmit']")
    assert page.status == 400
    assert "待本人确认修改" in page.find("#complaint").get_text()
    assert page.follow("核对修改").find_all("form[action$='/code']")


def test_she_gives_it_up_with_a_reason(signing: Signing) -> None:
    returned(signing)
    page = signing.phone.get("/g/signing").follow("放弃签约")
    assert "请写明放弃的原因" in page.submit("form", reason=" ").text
    page.submit("form", reason="另有安排")
    assert "未签成" in page.text
    assert "本人放弃：另有安排" in signing.employer.get("/employer/").follow("李娟").text


def test_the_employer_gives_it_up_with_a_reason(signing: Signing) -> None:
    returned(signing)
    page = signing.employer.get("/employer/").follow("李娟")
    page.submit("form[action$='/give-up']", reason=" ")
    assert "请写明放弃的原因" in page.text
    page.submit("form[action$='/give-up']", reason="岗位取消")
    assert "未签成" in page.text
    assert "单位放弃：岗位取消" in signing.phone.get("/g/signing").follow("青岛海纳").text


def test_not_passed_it_is_over(signing: Signing) -> None:
    signing.invite()
    accept(signing)
    desk = signing.staff(Role.DEPARTMENT).get("/school/reviews?purpose=agreement").follow("李娟")
    desk.submit(DECISION, "decision=decline", reason="单位不实")
    assert "不通过 1 人" in desk.text
    assert "未签成" in signing.phone.get("/g/signing").follow("青岛海纳").text


def test_two_of_the_school_void_a_sham(signing: Signing) -> None:
    signing.invite()
    accept(signing)
    one, other = administrators(signing)
    page = one.get("/school/agreements").follow("李娟")
    assert "9,000 元" in page.text
    page.submit("form[action$='/void']", reason="单位证实未签约")
    assert "确认作废" not in page.text
    assert "作废待确认" not in one.get("/school/").text
    desk = " ".join(other.get("/school/").text.split())
    assert "1 份就业协议作废待确认 今天新增，须由申请人以外的管理员办理" in desk
    page = other.get("/school/agreements?kind=asked").follow("李娟")
    page.submit("form[action$='/void/confirm']")
    assert "已作废" in page.text
    assert "学校已作废这份协议：单位证实未签约" in (
        signing.phone.get("/g/signing").follow("青岛海纳").text
    )


def test_the_schools_list_is_narrowed_by_state_and_employer(signing: Signing) -> None:
    signing.invite()
    accept(signing)
    desk = signing.staff(Role.SCHOOL)
    for query, shown in (
        ("state=in_review", True),
        ("state=signed", False),
        ("unit=海纳", True),
        ("unit=91350100M000100Y43", True),
        ("unit=远山", False),
        ("kind=apart", False),
    ):
        assert ("李娟" in desk.get(f"/school/agreements?{query}").text) is shown


def test_only_the_school_sees_its_agreements(signing: Signing) -> None:
    for role in (Role.DEPARTMENT, Role.PROVINCE):
        assert signing.staff(role).get("/school/agreements").status == 403
    assert signing.employer.get("/school/agreements").status == 403
    assert signing.staff(Role.SCHOOL).get("/school/agreements/none").status == 404
