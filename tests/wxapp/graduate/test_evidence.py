"""Evidence is uploaded kind by kind, and only those entitled see it."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from registry.base.file_tables import StoredFile
from registry.record.requirements import EvidenceKind
from registry.record.tables import Graduate
from registry.review import evidence, evidence_types
from registry.review.application_moves import Writer
from registry.review.evidence import EvidenceUpload
from registry.review.evidence_types import CheckedDocument
from registry.review.states import ApplicationState, Level
from registry.review.tables import Evidence
from tests.documents import pdf, photograph
from tests.page_forms import Given
from tests.pages import Browser
from tests.wxapp.graduate.registering import (
    FORM,
    PNG,
    application,
    choose,
    decide,
    fill_in,
    upload,
)
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

PAGE = "/g/evidence"
PDF = pdf()


@pytest.fixture
def graduate(site: Site) -> Graduate:
    return site.graduate()


@pytest.fixture
def browser(site: Site, graduate: Graduate) -> Browser:
    browser = site.enter(site.bind(graduate), "register")
    choose(browser, "76")
    return browser.get(PAGE)


def pixels(content: bytes) -> bytes:
    with Image.open(BytesIO(content)) as picture:
        return picture.tobytes()


def held(site: Site, graduate: Graduate) -> list[Evidence]:
    key = application(site, graduate).id
    return site.read(lambda session: evidence.listed(session, key))


def test_the_page_says_what_is_asked_for_and_the_limits_first(browser: Browser) -> None:
    assert "需要：本人签字的自由职业说明和收入流水（或收入证明）。" in browser.text
    assert "PDF、JPG 或 PNG，每个不超过 10 MB，最多 12 个" in browser.text
    assert [each["id"] for each in browser.find_all("section.sheet")] == ["statement", "income"]


def test_a_picture_comes_back_as_it_looked_and_lies_there_sealed(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    upload(browser, "income", PNG, "流水.png")
    (kept,) = held(site, graduate)
    assert (kept.kind, kept.name) == ("income", "流水.png")
    sealed = site.read(lambda session: session.scalars(select(StoredFile.sealed)).one())
    assert PNG not in sealed
    browser.get(f"{PAGE}/{kept.key}")
    assert pixels(browser.body) == pixels(PNG)
    assert browser.headers["Content-Type"] == "image/png"
    assert browser.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''")
    assert "default-src 'none'" in browser.headers["Content-Security-Policy"]


def test_it_is_replaced_added_to_and_removed(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    upload(browser, "income", PNG, "一.png")
    upload(browser, "income", PDF, "二.pdf")
    assert [each.name for each in held(site, graduate)] == ["一.png", "二.pdf"]
    third: dict[str, Given] = {"file-income": (BytesIO(pdf(b"<<>>")), "三.pdf")}
    browser.submit("#evidence", "go=replace-income", **third)
    assert [each.name for each in held(site, graduate)] == ["三.pdf"]
    assert "已删除“一.png”" in browser.text
    browser.submit("form[id^=remove-]")
    assert held(site, graduate) == []


def test_where_no_more_may_lie_one_still_takes_the_place_of_another(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    def lay_down_all(campus: Campus, her: Graduate) -> None:
        for number in range(evidence.MOST_FILES):
            document = CheckedDocument("application/pdf", b"%d" % number)
            more = EvidenceUpload(EvidenceKind.INCOME, f"{number}.pdf", document)
            evidence.add(campus.session, site.resources.vault, Writer(her, campus.at), more)

    site.change(graduate, lay_down_all)
    sent = browser.get(PAGE).fill("#evidence", "go=replace-income")
    sent["file-income"] = (BytesIO(PNG), "重拍.png")
    sent["instead"] = held(site, graduate)[3].key
    browser.post(PAGE, sent)
    kept = [each.name for each in held(site, graduate)]
    assert (kept[-1], "3.pdf" in kept, len(kept)) == ("重拍.png", False, evidence.MOST_FILES)
    assert "已删除“3.pdf”" in browser.text


def test_several_pages_take_the_place_of_one(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    upload(browser, "income", PNG, "一.png")
    sent = browser.fill("#evidence", "go=replace-income")
    sent["file-statement"] = (BytesIO(PDF), "说明.pdf")
    sent.setlist("file-income", [(BytesIO(PDF), "二.pdf"), (BytesIO(pdf(b"<<>>")), "三.pdf")])
    browser.post(PAGE, sent)
    kept = [each.name for each in held(site, graduate)]
    assert kept == ["说明.pdf", "二.pdf", "三.pdf"]


def test_what_was_taken_off_by_a_slip_is_put_back(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    upload(browser, "income", PNG, "流水.png")
    browser.submit("form[id^=remove-]")
    assert "已删除“流水.png”。 撤销" in browser.text
    back = browser.fill("form[id^=restore-]")
    browser.submit("form[id^=restore-]")
    (kept,) = held(site, graduate)
    assert "已删除" not in browser.text
    browser.post(f"{PAGE}/{kept.key}/restore", back)
    assert [each.name for each in held(site, graduate)] == ["流水.png"], "twice is once"
    until = site.read(lambda session: session.scalars(select(StoredFile.expires_at)).one())
    assert until > site.clock() + timedelta(days=365), "the file stays as long as before"


def test_what_was_brought_anew_is_not_put_back_beside_itself(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    upload(browser, "income", PNG, "流水.png")
    browser.submit("form[id^=remove-]")
    back = browser.find("form[id^=restore-]")
    sent = browser.fill(back)
    upload(browser, "income", PNG, "流水.png")
    browser.post(str(back["action"]), sent)
    assert [each.name for each in held(site, graduate)] == ["流水.png"]


def test_what_is_gone_for_good_is_not_put_back(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    upload(browser, "income", PNG, "流水.png")
    browser.submit("form[id^=remove-]")
    back = browser.find("form[id^=restore-]")
    sent = browser.fill(back)
    site.clock.move(timedelta(days=2))
    other = site.enter(site.bind(site.graduate(), "王芳"), "register")
    choose(other, "76")
    sent["csrf_token"] = str(other.get(PAGE).fill("#evidence")["csrf_token"])
    assert other.post(str(back["action"]), sent).status == 404, "nobody else's"
    assert held(site, graduate) == []


def test_a_small_picture_stands_beside_each_photograph(site: Site, browser: Browser) -> None:
    upload(browser, "income", photograph(), "流水.jpg")
    browser.get(str(browser.find("#income img")["src"]))
    with Image.open(BytesIO(browser.body)) as small:
        assert (small.format, max(small.size) <= 144) == ("JPEG", True)
    upload(browser.get(PAGE), "statement", PDF, "说明.pdf")
    assert not browser.find_all("#statement img")


def test_a_chosen_file_goes_along_with_next(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    files: dict[str, Given] = {
        "file-statement": (BytesIO(PDF), "说明.pdf"),
        "file-income": (BytesIO(PNG), "流水.png"),
    }
    browser.submit("#evidence", "go=next", **files)
    assert browser.path == f"{FORM}/review"
    assert [each.name for each in held(site, graduate)] == ["说明.pdf", "流水.png"]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"MZ" + PNG, "流水.png", "只能上传 PDF、JPG、PNG 文件"),
        (PNG[:-30], "流水.png", "文件不完整或已损坏"),
        (pdf(catalog=b"/OpenAction<</S/J#61vaScript>>"), "流水.pdf", "带有脚本、附件或自动操作"),
        (b"", "流水.png", "这个文件是空的"),
        (PNG + b"\0" * 110_000, "大.png", "文件超过 10 MB"),
    ],
    ids=["a program", "half a picture", "a script", "nothing", "too large"],
)
def test_what_is_no_document_is_refused_beside_its_kind(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, words: str
) -> None:
    monkeypatch.setattr(evidence_types, "MOST_BYTES", 100_000)
    upload(browser, "income", content, name)
    assert browser.status == 400
    assert words in browser.find("#income [role=alert]").get_text()


def test_a_body_that_is_too_large_is_refused_unread(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_types, "MOST_BYTES", 100_000)
    upload(browser, "income", PNG + b"\0" * 400_000, "更大.png")
    assert browser.status == 400
    assert "文件超过 10 MB" in browser.find("[role=alert]").get_text()


def test_no_file_chosen_is_said(browser: Browser) -> None:
    browser.submit("#evidence", "go=add-income")
    assert browser.status == 400
    assert "请先选择文件" in browser.find("#income [role=alert]").get_text()


def test_alternatives_are_numbered(browser: Browser) -> None:
    choose(browser, "75")
    needed = "需要：① 营业执照；② 网店截图（含网址）和收入流水（或收入证明），任选一项。"
    assert needed in browser.get(PAGE).text


def test_proof_of_an_internship_is_none(browser: Browser) -> None:
    choose(browser, "12")
    browser.get(PAGE)
    upload(browser, "employer_letter", PNG, "实习证明.png")
    assert "实习证明不能作为就业证明" in browser.text


def test_it_cannot_be_sent_without_and_says_what_is_wanted(browser: Browser) -> None:
    browser.get(f"{FORM}/review")
    assert "请上传佐证材料：本人签字的自由职业说明和收入流水（或收入证明）。" in browser.text
    assert browser.find("form button")["disabled"] == ""


def test_what_was_sent_cannot_be_taken_away(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    fill_in(browser).submit(button="提交审核")
    (kept,) = held(site, graduate)
    token = browser.fill("form")["csrf_token"]
    browser.post(f"{PAGE}/{kept.key}/remove", {"csrf_token": str(token)})
    assert browser.status == 400
    assert "不能增减材料" in browser.text
    assert len(held(site, graduate)) == 1
    assert browser.get(PAGE).path == f"{FORM}/progress"


def test_a_stranger_and_another_graduate_find_nothing(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    upload(browser, "income")
    (kept,) = held(site, graduate)
    other = site.enter(site.bind(site.graduate(), "王芳"))
    assert other.get(f"{PAGE}/{kept.key}").status == 404
    assert site.browser().get(f"{PAGE}/{kept.key}").leads_to is not None


def test_no_document_is_taken_without_the_pages_token(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    answer = browser.client.post(PAGE, data={"file-income": (BytesIO(PNG), "a.png")})
    assert answer.status_code == 400
    assert held(site, graduate) == []


def test_a_change_shows_what_is_carried_over(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    fill_in(browser).submit(button="提交审核")
    for level in (Level.DEPARTMENT, Level.SCHOOL):
        decide(site, graduate, level)
    browser.get(f"{FORM}/destination").submit(button="go=next", unit_contact="周经理")
    page = browser.get(PAGE)
    assert "材料.png" in page.text
    assert "沿用上次的材料" in page.text
    page.get(f"{FORM}/review").submit(button="提交审核")
    assert application(site, graduate).state == ApplicationState.SUBMITTED


def test_a_photograph_loses_the_place_it_was_taken_at(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    upload(browser, "income", photograph(), "\u202egpj.流水.jpg")
    (kept,) = held(site, graduate)
    assert kept.name == "gpj.流水.jpg"
    browser.get(f"{PAGE}/{kept.key}")
    assert b"WhereAmI" not in browser.body


def test_while_the_scanner_is_away_nothing_is_kept(site: Site, graduate: Graduate) -> None:
    app = site.app_with(clamd="127.0.0.1:9")
    browser = replace(site, app=app).enter(site.bind(graduate), "register")
    choose(browser, "76")
    upload(browser.get(PAGE), "income", PNG, "流水.png")
    assert browser.status == 503
    assert "文件安全检查暂时用不了" in browser.find("#income [role=alert]").get_text()
    assert held(site, graduate) == []
