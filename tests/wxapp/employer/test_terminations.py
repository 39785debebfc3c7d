"""Ending an agreement through the pages: asked, answered, decided, and told of."""

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from notifier.campaigns import termination_deadlines
from notifier.ledger.tables import Message
from registry.accounts.tables import AuditEntry, Role
from registry.record.tables import Graduate
from registry.review import evidence_types
from registry.review.tables import Application
from tests.page_forms import Given
from tests.pages import Browser
from tests.registry.review.casework import PNG
from tests.registry.signing.signwork import Signwork
from tests.wxapp.employer.conftest import Signing
from tests.wxapp.employer.test_face import by_face
from tests.wxapp.employer.test_story import code_on_the_phone
from tests.wxapp.graduate.outliving import comes_back
from tests.wxapp.school.records import Campus

ASK = "form[action*='/g/termination/ask/']"
AGREE = "form[action$='/agree']"
EMPLOYER_ASK = "form[action$='/terminate']"


@pytest.fixture
def signed(signing: Signing) -> Signing:
    """Give an agreement that was signed two hours ago."""
    sign(signing)
    return signing


def sign(signing: Signing) -> None:
    """Have both sign, and let some hours pass."""

    def agree(campus: Campus, her: Graduate) -> None:
        Signwork(campus, signing.site.clock()).sign(her)

    signing.site.change(signing.graduate, agree)
    signing.later(timedelta(hours=4))


def proof() -> tuple[BytesIO, str]:
    return BytesIO(PNG), "录取通知书.png"


def her_agreement(signed: Signing) -> Browser:
    return signed.phone.get("/g/signing").follow("青岛海纳软件有限公司")


def she_asks(signed: Signing, **said: Given) -> Browser:
    form = her_agreement(signed).follow("申请解约")
    usual: dict[str, Given] = {"way": "consent", "reason": "family", "text": "需照顾家人"}
    return form.submit(ASK, None, **{**usual, **said})


def employer_asks(signed: Signing) -> Browser:
    page = signed.employer.get("/employer/").follow("李娟")
    page.get(f"{page.path}/terminate")
    return page.submit(EMPLOYER_ASK, reason="business", text="岗位撤销")


def she_agrees(signed: Signing, **said: str) -> Browser:
    """Agree with the code that comes to her phone."""
    page = signed.phone.get("/g/").follow("查看申请").follow("同意解约")
    page.submit("form[action$='/code']")
    return page.submit(AGREE, code=code_on_the_phone(signed.site), **said)


def desk(signed: Signing) -> Browser:
    return signed.staff(Role.SCHOOL).get("/school/terminations")


def in_force(signed: Signing) -> int | None:
    wanted = select(Graduate.registration_id).where(Graduate.id == signed.graduate.id)
    return signed.site.read(lambda session: session.scalar(wanted))


def hints(signed: Signing) -> list[str]:
    wanted = select(Message.facts).where(Message.kind == "termination").order_by(Message.id)
    return list(signed.site.read(lambda session: session.scalars(wanted).all()))


def test_she_asks_the_employer_agrees_and_the_school_passes(signed: Signing) -> None:
    page = she_asks(signed, breach="3000", settlement="unpaid")
    assert "待单位答复" in page.text
    home = signed.employer.get("/employer/")
    assert "待答复的解约申请" in home.text
    page = home.follow("李娟申请解约")
    assert "需照顾家人" in page.text
    page.submit("form[action$='/agree']", settlement="paid")
    assert "待学校审核" in page.text
    school = signed.staff(Role.SCHOOL).get("/school/")
    assert "份解约申请待办理" in school.text
    school.get("/school/terminations").follow("李娟")
    assert "违约金已结清" in school.text
    school.submit("form:has(button[value=pass])", "decision=pass")
    assert "已解约" in school.text
    assert in_force(signed) is None
    assert "已解约" in her_agreement(signed).text
    assert "已解约" in signed.employer.get("/employer/terminations").text
    assert "原去向已作废，请重新登记" in hints(signed)[-1]


def test_the_card_opens_the_employers_request_and_she_agrees(signed: Signing) -> None:
    assert "待毕业生答复" in employer_asks(signed).text
    wanted = select(Message.client_msg_id).where(Message.kind == "termination")
    card = signed.site.read(lambda session: session.scalars(wanted).one())
    assert "申请解约，请在" in signed.phone.get("/g/").text
    page = signed.phone.get(f"/g/signing?message={card}")
    assert "单位申请解约" in page.text
    assert "待您答复" in page.text
    assert "岗位撤销" in page.text
    page = she_agrees(signed, settlement="paid")
    assert "等待学校审核" in page.text
    assert "违约金已结清" in page.text


@pytest.mark.parametrize("code", ["000000", ""])
def test_without_her_code_she_agrees_to_nothing(signed: Signing, code: str) -> None:
    employer_asks(signed)
    page = signed.phone.get("/g/").follow("查看申请").follow("同意解约")
    page.submit("form[action$='/code']")
    assert code_on_the_phone(signed.site) != code
    page.submit(AGREE, code=code, settlement="paid")
    assert page.status == 400
    assert page.find("option[selected]")["value"] == "paid"
    assert "待毕业生答复" in signed.employer.get("/employer/terminations").text


def test_a_code_for_another_act_agrees_to_no_termination(signed: Signing) -> None:
    employer_asks(signed)
    page = signed.phone.get("/g/").follow("查看申请").follow("同意解约")
    page.submit("form[action$='/code']")
    first, form = code_on_the_phone(signed.site), page.fill(AGREE)
    theirs = signed.employer.get("/employer/terminations").follow("李娟")
    theirs.submit("form[action$='/withdraw']")
    employer_asks(signed)
    page = signed.phone.get("/g/").follow("查看申请").follow("同意解约")
    form["code"] = first
    assert page.post(f"{page.path}", form).status == 400
    assert "待毕业生答复" in signed.employer.get("/employer/terminations").text


def test_her_face_agrees_to_a_termination_without_a_code(signed: Signing) -> None:
    employer_asks(signed)
    page = by_face(signed.phone.get("/g/").follow("查看申请").follow("同意解约"))
    assert "已通过人脸核身" in page.text
    page.submit(AGREE)
    assert "等待学校审核" in page.text


def test_a_face_that_is_not_passed_agrees_to_no_termination(signed: Signing) -> None:
    employer_asks(signed)
    page = by_face(signed.phone.get("/g/").follow("查看申请").follow("同意解约"), "fail")
    assert page.status == 400
    assert page.find_all(AGREE) == []


def test_what_she_asks_once_the_employer_has_asked_leads_to_its_request(signed: Signing) -> None:
    form = her_agreement(signed).follow("申请解约")
    employer_asks(signed)
    form.submit(ASK, way="consent", reason="family", text="需照顾家人")
    assert form.status == 400
    assert "单位已提出解约申请" in form.text
    assert "需照顾家人" in form.text
    assert "单位申请解约" in her_agreement(signed).follow("单位于").text


def test_she_does_not_agree_and_the_employer_asks_the_school(signed: Signing) -> None:
    employer_asks(signed)
    page = signed.phone.get("/g/").follow("查看申请").follow("不同意")
    page.submit("form[action$='/refuse']", reason="")
    assert "请写明不同意的原因" in page.text
    page.submit("form[action$='/refuse']", reason="已按约定准备报到")
    assert "您不同意解约" in page.text
    theirs = signed.employer.get("/employer/terminations").follow("李娟")
    assert "已按约定准备报到" in theirs.text
    theirs.submit("form[action$='/escalate']", reason="岗位已撤销", file=proof())
    assert "学校协调中" in theirs.text
    school = desk(signed).follow("李娟")
    school.submit("form:has(button[value=pass])", "decision=pass")
    assert "请写明同意解约的理由" in school.text
    school.submit("form:has(button[value=return])", "decision=return", reason="理由不足")
    assert "学校未同意" in school.text
    assert "理由不足" in signed.phone.get("/g/signing").follow("软件工程师").follow("单位于").text


def test_an_exit_clause_with_its_letter_goes_straight_to_the_school(signed: Signing) -> None:
    page = she_asks(signed, way="clause", reason="study")
    assert page.status == 400
    assert "请上传证明材料" in page.text
    assert page.find("#text").get_text().strip() == "需照顾家人"
    page.submit(ASK, way="clause", reason="study", file=proof())
    assert "待学校审核" in page.text
    assert "录取通知书.png" in page.text
    school = desk(signed).follow("李娟")
    assert "免责解除情形" in school.text
    school.follow("录取通知书.png")
    assert school.response.mimetype == "image/png"
    looked = select(AuditEntry.action).where(AuditEntry.action == "evidence_opened")
    assert signed.site.read(lambda session: session.scalars(looked).all())


def test_the_employer_does_not_see_her_documents(signed: Signing) -> None:
    she_asks(signed, way="letter", file=proof())
    page = signed.employer.get("/employer/terminations").follow("李娟")
    assert "录取通知书" not in page.text
    (hers,) = signed.phone.find_all("a[href*='/documents/']")
    key = str(hers["href"]).rsplit("/", 1)[1]
    assert page.get(f"/employer/termination-documents/{key}").status == 404


def test_she_takes_it_back(signed: Signing) -> None:
    she_asks(signed).submit("form[action$='/withdraw']")
    assert "申请已撤回" in signed.phone.text
    assert "已撤回" in signed.employer.get("/employer/terminations").text


def test_both_ask_and_it_is_agreed_to(signed: Signing) -> None:
    page = signed.employer.get("/employer/").follow("李娟").follow("申请解约")
    she_asks(signed)
    page.submit(EMPLOYER_ASK, reason="business")
    assert "待学校审核" in page.text
    assert not page.follow("查看协议").find_all("a[href$='/terminate']")


def test_silence_leads_to_the_school(signed: Signing) -> None:
    she_asks(signed)
    signed.later(timedelta(days=20))
    with signed.site.resources.sessions.begin() as session:
        assert termination_deadlines.escalate(session, signed.site.clock()) == 1
    assert "学校协调中" in desk(signed).text
    page = her_agreement(signed).follow("您于")
    page.submit("form[action$='/documents']", file=proof())
    assert "录取通知书.png" in page.text


def test_afterwards_she_registers_as_looking_for_work_in_one_tap(signed: Signing) -> None:
    she_asks(signed, way="letter", file=proof())
    desk(signed).follow("李娟").submit("form:has(button[value=pass])", "decision=pass")
    page = her_agreement(signed).follow("您于")
    page.submit("form[action$='/seek']")
    newest = select(Application.category).order_by(Application.id.desc()).limit(1)
    assert signed.site.read(lambda session: session.scalar(newest)) == "70"
    assert "等待院系审核" in page.text
    assert "登记为求职中" not in her_agreement(signed).follow("您于").text


def test_voiding_what_an_agreement_registered_leads_to_termination(signed: Signing) -> None:
    page = signed.phone.get("/g/void")
    assert "就业协议登记，不能单独作废" in page.text
    assert "申请解约" in page.follow("申请解约").text


def test_the_employers_page_at_the_school_counts_terminations(signed: Signing) -> None:
    school = signed.staff(Role.SCHOOL)
    assert "签约 1 份，解约 0 份" in school.get("/school/employers").follow("青岛海纳").text
    employer_asks(signed)
    she_agrees(signed)
    desk(signed).follow("李娟").submit("form:has(button[value=pass])", "decision=pass")
    found = school.get("/school/employers").follow("青岛海纳").text
    assert "签约 1 份，解约 1 份，其中单位提出 1 份，占签约的 100.0%" in found


def test_others_are_not_let_in(signed: Signing) -> None:
    she_asks(signed)
    for role in (Role.DEPARTMENT, Role.COUNSELLOR):
        assert signed.staff(role).get("/school/terminations").status == 403
    assert signed.employer.get("/school/terminations").status == 403
    assert signed.staff(Role.SCHOOL).get("/employer/terminations").status == 403


def no_proof() -> tuple[BytesIO, str]:
    return BytesIO(b"MZ\x90\x00"), "解约函.exe"


def too_much() -> tuple[BytesIO, str]:
    return BytesIO(b"0" * 200_000), "解约函.jpg"


def test_what_was_written_stays_where_its_document_is_refused(signed: Signing) -> None:
    page = she_asks(signed, breach="3000", file=no_proof())
    assert page.status == 400
    assert page.find("#text").get_text().strip() == "需照顾家人"
    assert page.find("#breach")["value"] == "3000"
    theirs = signed.employer.get("/employer/").follow("李娟").follow("申请解约")
    theirs.submit(EMPLOYER_ASK, reason="business", text="岗位撤销", file=no_proof())
    assert theirs.find("option[value=business]").has_attr("selected")
    assert theirs.find("#text").get_text().strip() == "岗位撤销"


def test_a_document_that_is_too_large_is_said_so_on_the_page(
    signed: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_types, "MOST_BYTES", 100_000)
    assert "文件超过 10 MB" in she_asks(signed, file=too_much()).text
    page = she_asks(signed)
    page.submit("form[action$='/documents']", file=too_much())
    assert "您的解约申请" in page.text
    signed.employer.get("/employer/").follow("李娟申请解约")
    theirs = signed.employer.submit("form[action$='/documents']", file=too_much())
    assert "贵单位的材料" in theirs.text


def test_what_she_writes_of_a_termination_outlives_her_session(signed: Signing) -> None:
    hers = (signed.site, signed.openid, signed.phone)
    her_agreement(signed).follow("申请解约")
    page = comes_back(*hers, ASK, reason="family", text="需照顾家人", breach="3000")
    assert page.find("#text").get_text() == "需照顾家人"
    assert page.find("#breach")["value"] == "3000"
    assert page.find("#reason option[selected]")["value"] == "family"
    employer_asks(signed)
    signed.phone.get("/g/").follow("查看申请").follow("不同意")
    page = comes_back(*hers, "form[action$='/refuse']", reason="已按约定准备报到")
    assert page.find("#reason").get_text() == "已按约定准备报到"


def test_why_the_school_is_asked_outlives_her_session(signed: Signing) -> None:
    hers = (signed.site, signed.openid, signed.phone)
    she_asks(signed)
    page = signed.employer.get("/employer/").follow("李娟申请解约")
    page.submit("form[action$='/refuse']", reason="仍需履约")
    signed.phone.get(signed.phone.path).follow("申请学校协调")
    page = comes_back(*hers, "form[action$='/escalate']", reason="岗位与约定不符", file=proof())
    assert page.find("#reason").get_text() == "岗位与约定不符"
