"""An employer registers by itself, hands papers in, and may sign once somebody passed them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.accounts.employer_tables import Employer
from registry.accounts.tables import Role, Staff
from registry.signing import qualified
from registry.signing.employer_papers import Certification
from registry.signing.tables import Qualification
from tests.wxapp.employer.conftest import Signing
from tests.wxapp.employer.newcomer import CODE, HANDLER, NAME, Newcomer, code_sent_to


@pytest.fixture
def newcomer(signing: Signing) -> Newcomer:
    return Newcomer(signing.site)


def state(signing: Signing) -> str:
    wanted = (
        select(Qualification.state)
        .join(Employer, Employer.id == Qualification.employer_id)
        .where(Employer.unit_code == CODE)
    )
    found: str = signing.site.read(lambda session: session.scalars(wanted).one())
    return found


def test_an_employer_registers_and_its_school_lets_it_sign(
    signing: Signing, newcomer: Newcomer
) -> None:
    assert "注册成功" in newcomer.register().text
    page = newcomer.sign_in().get("/employer/")
    assert "目前没有学校开通" in page.text
    assert "待提交材料" in page.get("/employer/papers").text
    assert "待审核" in newcomer.hand_in().text
    assert state(signing) == "applied"
    desk = " ".join(signing.staff(Role.SCHOOL).get("/school/").text.split())
    assert "1 份单位资质材料待审核 今天新增，通过后单位可以邀请签约" in desk
    school = signing.staff(Role.SCHOOL).get("/school/employers").follow("1 份单位资质材料待审核")
    school.follow(NAME)
    assert HANDLER in school.text
    licence = school.get(str(school.find("a[href$='/licence']")["href"]))
    assert licence.headers["Content-Type"] == "image/jpeg"
    school.get("/school/papers").follow(NAME)
    school.submit("form[action*='/papers/']", "decision=qualify")
    assert "已通过" in school.text
    assert state(signing) == "qualified"
    signing.employer = newcomer.browser
    assert (
        "已通过贵单位的签约资质，有效期至2027年5月31日" in newcomer.browser.get("/employer/").text
    )
    assert "待应约" in signing.invite().text


def test_papers_that_are_returned_are_handed_in_anew(signing: Signing, newcomer: Newcomer) -> None:
    newcomer.register()
    newcomer.sign_in()
    newcomer.hand_in()
    school = signing.staff(Role.SCHOOL).get("/school/papers").follow(NAME)
    school.submit("form[action*='/papers/']", "decision=return")
    assert "请写明退回的原因" in school.text
    school.submit("form[action*='/papers/']", "decision=return", reason="授权书没有盖章")
    page = newcomer.browser.get("/employer/papers")
    assert "授权书没有盖章" in page.text
    assert state(signing) == "declined"
    newcomer.hand_in()
    assert state(signing) == "applied"


def test_the_right_to_recruit_does_not_let_sign(signing: Signing, newcomer: Newcomer) -> None:
    newcomer.register()
    newcomer.sign_in()
    newcomer.hand_in()
    school = signing.staff(Role.SCHOOL).get("/school/papers").follow(NAME)
    school.submit("form[action*='/papers/']", "decision=check")
    assert state(signing) == "checked"
    assert "目前没有学校开通" in newcomer.browser.get("/employer/invitations/new").text


def test_a_code_is_not_sent_without_its_puzzle(signing: Signing, newcomer: Newcomer) -> None:
    stranger = "13900003333"
    page = newcomer.browser.get("/employer/register")
    page.submit("form[action*='/code']", phone=stranger)
    assert "请输入图中的数字" in page.text
    page.submit("form[action*='/code']", phone=stranger, puzzle_answer="00000")
    assert "图中的数字没有输对" in page.text
    page.submit("form[action*='/code']", phone="0532-86980000", puzzle_answer=newcomer.puzzle())
    assert "请填写 11 位手机号码" in page.text
    assert not signing.site.sandbox.control.sms(stranger)


def test_nobody_registers_with_a_phone_that_is_not_proven(
    signing: Signing, newcomer: Newcomer
) -> None:
    page = newcomer.browser.get("/employer/register")
    page.submit("form[action*='/code']", phone=HANDLER)
    page.submit("form[action*='/code']", phone=HANDLER, puzzle_answer=newcomer.puzzle())
    right = code_sent_to(signing.site, HANDLER)
    wrong = "000000" if right != "000000" else "111111"
    page.submit("form[action*='/phone']", code=wrong)
    assert "验证码不对" in page.text
    page.post("/employer/register", page.fill("form[action*='/phone']", code=wrong))
    assert "请先验证手机号" in page.text
    wanted = select(Staff).where(Staff.role == Role.EMPLOYER)
    assert len(signing.site.read(lambda session: session.scalars(wanted).all())) == 1


def test_a_code_that_is_registered_is_not_registered_again(
    signing: Signing, newcomer: Newcomer
) -> None:
    page = newcomer.register(unit_code="91350100M000100Y43", login="other@haina")
    assert "该统一社会信用代码已注册" in page.text
    assert page.find("a[href='/employer/register/takeover']")
    page = newcomer.browser.get("/employer/register")
    assert "第二步" in page.text  # the phone stays proven


def test_a_wrong_code_and_an_easy_password_are_refused(
    signing: Signing, newcomer: Newcomer
) -> None:
    assert "统一社会信用代码" in newcomer.register(unit_code="91370200MA3C0TUX70").text
    newcomer.browser = signing.site.browser()
    page = newcomer.register(password="12345", again="12345")
    assert page.status == 400
    assert page.find("#wrong-password")


def test_a_qualification_is_told_of_before_it_ends_and_ends(
    signing: Signing, newcomer: Newcomer
) -> None:
    newcomer.register()
    newcomer.sign_in()
    newcomer.hand_in(letter_until="2026-06-30")
    school = signing.staff(Role.SCHOOL).get("/school/papers").follow(NAME)
    school.submit("form[action*='/papers/']", "decision=qualify")
    for do in (qualified.warn, qualified.warn, qualified.expire):
        with signing.site.resources.sessions.begin() as session:
            do(session, signing.site.clock())
    assert newcomer.browser.get("/employer/").text.count("将于2026年6月30日到期") == 1
    signing.site.clock.move(timedelta(days=21))
    with signing.site.resources.sessions.begin() as session:
        assert qualified.expire(session, signing.site.clock()) == 1
    assert state(signing) == "expired"
    page = newcomer.sign_in().get("/employer/")
    assert "签约资质已到期" in page.text
    assert "目前没有学校开通" in page.text


def test_changed_data_hold_once_they_are_passed(signing: Signing, newcomer: Newcomer) -> None:
    newcomer.register()
    newcomer.sign_in()
    newcomer.hand_in()
    desk = signing.staff(Role.SCHOOL)
    desk.get("/school/papers").follow(NAME)
    desk.submit("form[action*='/papers/']", "decision=qualify")
    newcomer.hand_in(unit_name="远山建设集团有限公司")
    assert NAME in newcomer.browser.get("/employer/").text
    assert state(signing) == "qualified"
    desk.get("/school/papers").follow(NAME)
    assert "有变化" in desk.text
    desk.submit("form[action*='/papers/']", "decision=qualify")
    assert "远山建设集团有限公司" in newcomer.browser.get("/employer/").text


def test_a_phone_is_kept_sealed(signing: Signing, newcomer: Newcomer) -> None:
    newcomer.register()
    newcomer.sign_in()
    newcomer.hand_in()
    found = signing.site.read(lambda session: session.scalars(select(Certification)).one())
    assert HANDLER not in found.handler_phone_sealed
    assert HANDLER not in found.handler_phone_index


def test_an_employer_sees_the_files_it_handed_in(signing: Signing, newcomer: Newcomer) -> None:
    newcomer.register()
    newcomer.sign_in()
    page = newcomer.hand_in()
    for which in ("licence", "letter"):
        link = page.get("/employer/papers").find(f"a[href='/employer/papers/{which}']")
        assert page.get(str(link["href"])).headers["Content-Type"] == "image/jpeg"
    assert page.get("/employer/papers/stamp").status == 404


def test_listing_places_without_scripts_hands_nothing_in(
    signing: Signing, newcomer: Newcomer
) -> None:
    newcomer.register()
    newcomer.sign_in()
    page = newcomer.hand_in("go=unit_location_code", handler_name="周经办")
    assert page.find("#handler_name")["value"] == "周经办"
    assert "待提交材料" in page.get("/employer/papers").text
