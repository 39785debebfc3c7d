"""Evidence is uploaded kind by kind, and only those entitled see it."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from registry.base.file_tables import StoredFile
from registry.record.tables import Graduate
from registry.review import evidence, evidence_types
from registry.review.states import ApplicationState, Level
from registry.review.tables import Evidence
from tests.documents import pdf, photograph
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
    assert "需要：本人签字的自由职业说明和收入流水或收入证明。" in browser.text
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
    form = browser.find("#income form.upload")
    browser.submit(form, button="再加一页", file=(BytesIO(PDF), "二.pdf"))
    assert [each.name for each in held(site, graduate)] == ["一.png", "二.pdf"]
    form = browser.find("#income form.upload")
    browser.submit(form, button="更换", file=(BytesIO(pdf(b"<<>>")), "三.pdf"))
    assert [each.name for each in held(site, graduate)] == ["三.pdf"]
    browser.submit(browser.find("#income .document form"))
    assert held(site, graduate) == []


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"MZ" + PNG, "流水.png", "只能上传 PDF、JPG、PNG 文件"),
        (PNG[:-30], "流水.png", "文件不完整或已损坏"),
        (pdf(catalog=b"/OpenAction<</S/J#61vaScript>>"), "流水.pdf", "带有脚本、附件或自动操作"),
        (b"", "流水.png", "这个文件是空的"),
        (PNG + b"\0" * 110_000, "大.png", "文件超过 10 MB"),
        (PNG + b"\0" * 200_000, "更大.png", "文件超过 10 MB"),
    ],
    ids=["a program", "half a picture", "a script", "nothing", "too large", "a body too large"],
)
def test_what_is_no_document_is_refused_beside_its_kind(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, words: str
) -> None:
    monkeypatch.setattr(evidence_types, "MOST_BYTES", 100_000)
    upload(browser, "income", content, name)
    assert browser.status == 400
    assert words in browser.find("#income [role=alert]").get_text()


def test_no_file_chosen_is_said(browser: Browser) -> None:
    browser.submit(browser.find("#income form.upload"))
    assert browser.status == 400
    assert "请先选择文件" in browser.find("#income [role=alert]").get_text()


def test_proof_of_an_internship_is_none(browser: Browser) -> None:
    choose(browser, "12")
    browser.get(PAGE)
    upload(browser, "employer_letter", PNG, "实习证明.png")
    assert "实习证明不能作为就业证明" in browser.text


def test_it_cannot_be_sent_without_and_says_what_is_wanted(browser: Browser) -> None:
    browser.get(f"{FORM}/review")
    assert "请上传佐证材料：本人签字的自由职业说明和收入流水或收入证明。" in browser.text
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
    answer = browser.client.post(f"{PAGE}?kind=income", data={"file": (BytesIO(PNG), "a.png")})
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
