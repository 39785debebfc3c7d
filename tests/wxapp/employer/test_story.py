"""The whole story through the pages: registered, invited, accepted by her, passed by the school."""

import re
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select

from notifier.binding import sms_after_commit
from notifier.ledger.tables import Message
from registry.accounts.tables import Role
from registry.record.tables import Graduate, Registration
from registry.review.seasons import season, set_season
from tests.pages import Browser
from tests.wxapp.employer.conftest import FORM, Signing
from tests.wxapp.school.records import PHONE, UNIT
from tests.wxapp.site import Site, find_campus

NEW = "form[action='/school/employers/new']"


def code_on_the_phone(site: Site) -> str:
    sms_after_commit.settle()
    found = re.search(r"\d{6}", site.sandbox.control.sms(PHONE)[-1]["text"])
    assert found is not None
    return found.group()


def accept(signing: Signing) -> Browser:
    phone = signing.phone.get("/g/signing").follow("接受邀请")
    phone.submit("form[action$='/code']")
    return phone.submit("form[action$='/accept']", code=code_on_the_phone(signing.site))


def told(signing: Signing) -> list[str]:
    kinds = select(Message.kind).order_by(Message.id)
    return list(signing.site.read(lambda session: session.scalars(kinds).all()))


def test_a_school_registers_an_employer_which_signs_in_and_invites(signing: Signing) -> None:
    school = signing.staff(Role.SCHOOL)
    page = school.get("/school/employers/new")
    typed = page.fill(NEW, **{k: v for k, v in UNIT.items() if k != "unit_location_code"})
    typed.setlist("unit_code", ["91370200MA3C0TUX7C"])
    typed.setlist("unit_name", ["远山建设有限公司"])
    for level, code in (("province", "370000"), ("prefecture", "370200"), ("county", "370202")):
        typed.setlist(f"unit_location_code-{level}", [code])
    page.post("/school/employers/new", typed)
    assert "远山建设有限公司" in page.text
    page.follow("建立管理账号").submit("form.card", name="孙经理", login="hr@yuanshan")
    password = page.find("#first-password").get_text()
    page.get("/school/employers")
    assert "可签约" in page.text
    recruiter = signing.site.browser().get("/login")
    recruiter.submit("form", login="hr@yuanshan", password=password)
    changed = {"old": password, "password": "yuanshan-2026-hr", "again": "yuanshan-2026-hr"}
    recruiter.submit("form[action='/account/password']", **changed)
    signing.employer = recruiter
    assert "待应约" in signing.invite().text


def test_she_accepts_with_her_code_and_the_school_signs(signing: Signing) -> None:
    preview = signing.write()
    assert "李*" in preview.text
    assert "李娟" not in preview.find("main").get_text()
    sent = preview.submit(FORM, "go=send")
    assert "待应约" in sent.text
    page = signing.phone.get("/g/signing")
    for words in ("青岛海纳软件有限公司", "软件工程师", "9,000 元", "91350100M000100Y43"):
        assert words in page.text
    assert "一人同时只能" not in accept(signing).text
    assert "待学校审核" in signing.phone.text
    signing.later(timedelta(hours=2))
    for role in (Role.DEPARTMENT, Role.SCHOOL):
        desk = signing.staff(role).get("/school/reviews?purpose=agreement")
        desk.follow("李娟")
        assert "软件工程师" in desk.text
        desk.submit("form:has(button[value=pass])", "decision=pass")
        assert "已通过 1 人" in desk.text
    assert "已签约" in signing.phone.get("/g/signing").text
    assert "已签约" in signing.employer.get("/employer/").text
    in_force = select(Registration).join(Graduate, Graduate.registration_id == Registration.id)
    version = signing.site.read(lambda session: session.scalars(in_force).one())
    assert (version.category, version.unit_name) == ("10", UNIT["unit_name"])
    assert told(signing) == ["signing_invitation", "review_result", "signing_result"]


def test_a_wrong_code_signs_nothing(signing: Signing) -> None:
    signing.invite()
    phone = signing.phone.get("/g/signing").follow("接受邀请")
    phone.submit("form[action$='/code']")
    right = code_on_the_phone(signing.site)
    phone.submit("form[action$='/accept']", code="000000" if right != "000000" else "111111")
    assert "验证码不对" in phone.text
    assert "待应约" in signing.employer.get("/employer/").text


def test_a_code_for_one_invitation_accepts_no_other(signing: Signing) -> None:
    signing.invite()
    phone = signing.phone.get("/g/signing").follow("接受邀请")
    phone.submit("form[action$='/code']")
    code = code_on_the_phone(signing.site)
    phone.get("/g/signing").follow("拒绝邀请").submit("form", reason="再考虑")
    signing.invite()
    second = next(
        each for each in phone.get("/g/signing").find_all("a.weui-cell") if "待应约" in each.text
    )
    page = phone.get(f"{second['href']}/accept")
    assert not page.find_all("form[action$='/accept']"), "no code was sent for this one"
    token = str(page.find("form[action$='/code'] input[name=csrf_token]")["value"])
    page.post(f"{second['href']}/accept", {"csrf_token": token, "code": code})
    assert "验证码已失效" in page.text or "验证码不对" in page.text


def test_from_her_invitation_she_reports_the_employer(signing: Signing) -> None:
    signing.invite()
    page = signing.phone.get("/g/signing").follow("违反“四不准”行为举报")
    assert page.find("#unit")["value"] == UNIT["unit_name"]
    assert page.find("#accused-employer").has_attr("checked")


def test_she_takes_it_back_in_time(signing: Signing) -> None:
    signing.invite()
    accept(signing).submit("form[action$='/retract']")
    assert "已撤销应约" in signing.phone.text
    assert "已撤销应约" in signing.employer.get("/employer/").text
    assert "继续" not in signing.phone.get("/g/").text


def test_a_refusal_is_read_by_the_employer(signing: Signing) -> None:
    signing.invite()
    signing.phone.get("/g/signing").follow("拒绝邀请").submit("form", reason="薪资不符")
    assert "薪资不符" in signing.employer.get("/employer/").follow("李娟").text


def test_the_employer_takes_it_back(signing: Signing) -> None:
    page = signing.invite()
    page.submit("form[action$='/withdraw']", reason="岗位取消")
    assert "已撤回" in page.text
    assert "岗位取消" in signing.phone.get("/g/signing").follow("青岛海纳").text


def test_whoever_is_named_wrongly_is_told_the_same(signing: Signing) -> None:
    wrong = signing.write(name="李妍")
    assert "没有找到这位毕业生" in wrong.text
    assert wrong.find("#f-post")["value"] == "软件工程师"
    assert "没有找到这位毕业生" in signing.write(student_number="202200002").text


def test_what_is_wrong_with_terms_stands_beside_them(signing: Signing) -> None:
    page = signing.write(post="前端实习生", pay="很多")
    assert page.status == 400
    assert "实习、见习不能签订就业协议" in page.text
    assert "不超过 1,000,000 的整数" in page.text


def test_the_day_to_answer_is_sooner_where_the_school_closes_sooner(signing: Signing) -> None:
    with signing.site.resources.sessions.begin() as session:
        school = find_campus(session, signing.site).school.id
        rules = replace(season(session, school, 2026), closes_on=date(2026, 6, 12))
        set_season(session, school, rules, "staff:x", signing.site.clock())
    preview = signing.write().text
    assert "6月12日 23:59" in preview
    assert "该校本届登记于6月12日截止，应约截止提前到这一天" in preview


def test_others_are_not_let_in(signing: Signing) -> None:
    for role in (Role.SCHOOL, Role.PROVINCE, Role.OPERATOR):
        assert signing.staff(role).get("/employer/").status == 403
    assert signing.employer.get("/school/").status == 403
    assert signing.staff(Role.DEPARTMENT).get("/school/employers").status == 403


def test_a_suspended_employer_invites_nobody(signing: Signing) -> None:
    signing.invite()
    school = signing.staff(Role.SCHOOL).get("/school/employers").follow("青岛海纳")
    school.submit("form[action$='/suspend']", reason="虚假招聘")
    assert "已暂停" in school.text
    assert "没有学校开通" in signing.employer.get("/employer/invitations/new").text
    assert "已停止" in signing.phone.get("/g/signing").text
    school.submit("form[action$='/resume']")
    assert "可签约" in school.text


def test_the_card_opens_its_invitation(signing: Signing) -> None:
    signing.invite()
    message = signing.site.read(lambda session: session.scalars(select(Message)).one())
    page = signing.phone.get(f"/g/signing?message={message.client_msg_id}")
    assert "接受邀请" in page.text


def test_she_sees_that_the_employer_looked_at_her_invitation(signing: Signing) -> None:
    signing.invite()
    seen = signing.phone.get("/g/privacy/seen")
    assert "查看了签约邀请" in seen.text
