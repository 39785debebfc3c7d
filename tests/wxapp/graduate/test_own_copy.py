"""A copy of all that is kept about her: made in the background, for her and this session alone."""

import io
import json
import re
from datetime import timedelta
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from notifier.binding import forget, sms_after_commit
from notifier.campaigns import recipient_lists
from registry.accounts import sessions
from registry.accounts.tables import AuditEntry, Role
from registry.base.errors import RuleError
from registry.base.file_tables import StoredFile
from registry.breaches import evidence, filing
from registry.breaches.filing import Said
from registry.codes import identity
from registry.record.contact_tables import ContactChange, ContactKind
from registry.record.tables import Graduate
from registry.review.evidence_types import CheckedDocument
from registry.tasks import claims, run
from registry.tasks.tables import Task
from registry.upkeep import erase
from registry.upkeep.erase import Reason
from tests.documents import pdf
from tests.pages import Browser
from tests.wxapp.graduate.test_binding import report, sms_count
from tests.wxapp.graduate.verifying import again, authorized, end_face, reported
from tests.wxapp.school.records import IDENTITY, PHONE
from tests.wxapp.site import Site, find_campus

OWN = "/g/privacy"
CODE, MAKE = f"form[action='{OWN}/copy/code']", f"form[action='{OWN}/copy']"
FACE, FETCH = f"form[action='{OWN}/copy/face']", f"form[action='{OWN}/copy/file']"


@pytest.fixture
def graduate(site: Site) -> Graduate:
    return site.graduate(report)


@pytest.fixture
def her(site: Site, graduate: Graduate) -> Browser:
    return site.enter(site.bind(graduate))


def work(site: Site) -> None:
    resources = site.resources
    while run.run_next(resources, resources.settings.public_url, recipient_lists.PROCEDURES):
        pass


def code_for(site: Site, browser: Browser) -> str:
    browser.get(f"{OWN}/copy").submit(CODE)
    sms_after_commit.settle()
    return str(re.findall(r"\d{6}", site.sandbox.control.sms(PHONE)[-1]["text"])[-1])


def asked(site: Site, browser: Browser) -> Browser:
    """Ask for the copy, proven by the code to her phone."""
    return browser.submit(MAKE, code=code_for(site, browser))


def fetched(site: Site, browser: Browser) -> ZipFile:
    asked(site, browser)
    work(site)
    browser.get(f"{OWN}/copy").submit(FETCH)
    assert browser.headers["Content-Type"] == "application/zip"
    return ZipFile(io.BytesIO(browser.body))


def token_of(browser: Browser) -> str:
    return str(browser.find_all("input[name=csrf_token]")[0]["value"])


def tasks(site: Site) -> int:
    return site.read(lambda session: session.scalars(select(func.count()).select_from(Task)).one())


def test_a_copy_of_all_that_is_kept_is_given_to_who_has_her_phone(site: Site) -> None:
    archive = fetched(site, authorized(site, reported(site)))
    names = archive.namelist()
    (said,) = [each for each in names if each.endswith("本人信息.json")]
    content = json.loads(archive.read(said))
    assert content["基本信息"][0]["证件号码"] == IDENTITY
    assert content["基本信息"][0]["手机号码"] == PHONE
    assert content["毕业去向登记"][0]["单位名称"]
    assert len(content["核验和转递编号"][0]["编号"]) == 15
    assert content["同意记录"]
    answered = content["登记确认"][0]["当时内容"]
    assert answered["unit_name"] == content["毕业去向登记"][0]["单位名称"]
    assert answered["name"] == "李娟"
    (book,) = [each for each in names if each.endswith(".xlsx")]
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(archive.read(book))).sheet_names
    assert set(content) == set(sheets)


def test_the_copy_holds_what_she_sent_with_a_report(
    site: Site, graduate: Graduate, her: Browser
) -> None:
    said = Said("forced", "school", "", "学院要求先签协议再发毕业证。", "unnamed")
    document = CheckedDocument("application/pdf", pdf())
    vault, at = site.resources.vault, site.clock()
    with site.resources.sessions.begin() as session:
        found = session.get_one(Graduate, graduate.id)
        filed = filing.file(session, vault, found, "k" * 22, said, at)
        evidence.add(session, vault, filed, document, at)
    archive = fetched(site, her)
    (name,) = [each for each in archive.namelist() if "举报材料" in each]
    assert archive.read(name) == document.content


def test_the_copy_holds_the_phone_of_before_a_change(
    site: Site, graduate: Graduate, her: Browser
) -> None:
    earlier = "13900001111"
    with site.resources.sessions.begin() as session:
        change = ContactChange(
            graduate_id=graduate.id,
            school_id=graduate.school_id,
            kind=ContactKind.PHONE,
            made_by="staff:x",
            made_at=site.clock(),
            phone_sealed=site.resources.vault.seal(identity.PHONE, graduate.id, earlier),
            waits_until=site.clock(),
            notice_next_at=site.clock(),
        )
        session.add(change)
    archive = fetched(site, her)
    (said,) = [each for each in archive.namelist() if each.endswith("本人信息.json")]
    assert json.loads(archive.read(said))["身份和绑定变更"][0]["原手机号码"] == earlier


def test_the_page_says_how_it_stands_and_asks_itself_anew(site: Site, her: Browser) -> None:
    her.get(OWN).follow("下载本人信息副本")
    assert "正在生成" in asked(site, her).text
    assert her.find("meta[http-equiv=refresh]")["content"] == "2"
    work(site)
    page = her.get(f"{OWN}/copy")
    assert "今天 12:00 前可在本次登录中下载" in page.text
    assert page.find_all("meta[http-equiv=refresh]") == []


def test_a_wrong_code_has_nothing_made(site: Site, her: Browser) -> None:
    code = code_for(site, her)
    her.submit(MAKE, code="000000" if code != "000000" else "000001")
    assert (her.status, "验证码不对" in her.text) == (400, True)
    assert tasks(site) == 0


def test_her_face_has_it_made_without_a_code(site: Site, her: Browser) -> None:
    her.get(f"{OWN}/copy").submit(FACE)
    her.get(end_face(str(her.find("a.weui-btn_primary")["href"]), "pass"))
    assert "已通过人脸核身" in her.text
    her.submit(MAKE)
    work(site)
    assert her.get(f"{OWN}/copy").find_all(FETCH) != []


def test_a_face_that_is_not_passed_has_nothing_made(site: Site, her: Browser) -> None:
    her.get(f"{OWN}/copy").submit(FACE)
    her.get(end_face(str(her.find("a.weui-btn_primary")["href"]), "fail"))
    assert "人脸核身没有通过" in her.text
    assert "用短信验证码确认" in her.text
    her.submit(MAKE.replace("/copy'", "/copy/code'"))
    assert tasks(site) == 0


def test_pressed_twice_it_is_made_once(site: Site, her: Browser) -> None:
    sent = {"code": code_for(site, her), "csrf_token": token_of(her)}
    for _ in range(2):
        assert "正在生成" in her.post(f"{OWN}/copy", sent).text
    work(site)
    assert her.post(f"{OWN}/copy", sent).find_all(FETCH) != []
    assert tasks(site) == 1


def test_another_browser_of_hers_has_to_prove_her_anew(site: Site, graduate: Graduate) -> None:
    first = site.enter(site.bind(graduate))
    fetched(site, first)
    other = again(site, graduate).get(f"{OWN}/copy")
    assert other.find_all(FETCH) == []
    assert other.post(f"{OWN}/copy/file", {"csrf_token": token_of(other)}).status == 404


def test_a_classmate_gets_none_of_it(site: Site, her: Browser) -> None:
    asked(site, her)
    work(site)
    classmate = site.enter(site.bind(site.graduate(report), "王芳")).get(f"{OWN}/copy")
    assert classmate.find_all(FETCH) == []


@pytest.mark.parametrize("role", list(Role))
def test_no_staff_finds_it(site: Site, her: Browser, role: Role) -> None:
    asked(site, her)
    work(site)
    key = site.read(lambda session: session.scalars(select(Task.key)).one())
    token = sessions.new_token()
    with site.resources.sessions.begin() as session:
        staff = find_campus(session, site).staff(role, 0 if role is Role.DEPARTMENT else None)
        sessions.start(session, token, sessions.proven(staff), {}, site.clock())
    browser = site.browser()
    browser.client.set_cookie("quxiang", token)
    for address in (
        f"/school/office/{key}",
        f"/school/imports/{key}",
        f"/school/audit/exports/{key}",
    ):
        assert browser.get(address).status in {403, 404}, address
    assert "本人信息副本" not in browser.get("/school/tasks").text


def test_it_is_gone_after_two_hours(site: Site, graduate: Graduate) -> None:
    browser = site.enter(site.bind(graduate))
    asked(site, browser)
    work(site)
    for _ in range(2):  # she stays: her session does not end
        site.clock.move(timedelta(minutes=59))
        assert browser.get(f"{OWN}/copy").find_all(FETCH) != []
    site.clock.move(timedelta(minutes=2))
    page = browser.get(f"{OWN}/copy")
    assert page.find_all(FETCH) == []
    assert page.find_all(CODE) != [], "she may prove herself anew"


def test_that_she_fetched_it_is_in_her_log(site: Site, graduate: Graduate) -> None:
    fetched(site, site.enter(site.bind(graduate)))
    wanted = select(AuditEntry.actor, AuditEntry.subject).where(AuditEntry.action == "own_copy")
    rows = site.read(lambda session: session.execute(wanted).all())
    hers = f"graduate:{graduate.key}"
    assert [tuple(row) for row in rows] == [(hers, hers)]


def erased(site: Site, graduate: Graduate) -> None:
    with site.resources.sessions.begin() as session:
        found = erase.find(session, graduate.key)
        forget.forget(session, found, Reason("command", "本人申请", site.clock()))


def test_an_erasure_takes_the_copy_along(site: Site, graduate: Graduate, her: Browser) -> None:
    asked(site, her)
    work(site)
    erased(site, graduate)
    files = site.read(lambda session: session.scalars(select(StoredFile.id)).all())
    assert (files, tasks(site)) == ([], 0)


def test_nobody_is_erased_while_her_copy_is_being_made(
    site: Site, graduate: Graduate, her: Browser
) -> None:
    asked(site, her)
    with site.resources.sessions.begin() as session:
        assert claims.claim(session) is not None
    with pytest.raises(RuleError, match="任务正在办理"):
        erased(site, graduate)


def test_another_code_for_a_copy_is_sent_a_minute_later(site: Site, her: Browser) -> None:
    before = sms_count(site)
    for _ in range(2):
        her.get(f"{OWN}/copy").submit(CODE)
    assert "刚刚发送" in her.text
    assert sms_count(site) == before + 1
