"""After confirming, the graduate sees and downloads her information sheet."""

import shutil
import subprocess
from pathlib import Path

import pytest

from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

PAGE = "/g/sheet"
RARE = "李㛃\U0002cb4a"


def report(campus: Campus, graduate: Graduate) -> None:
    graduate.name = RARE
    campus.report(graduate, unit_name="*海纳* #panic() $软件$ _有限_ <b>公司</b>")


def confirmed(site: Site, work: object = report) -> Browser:
    browser = site.enter(site.bind(site.graduate(work)))  # type: ignore[arg-type]  # a test's own
    return browser.get("/g/confirmation").submit("#right")


def words_of(pdf: bytes, folder: Path) -> str:
    """Return what a reader of PDF files finds in it."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext is not installed (Debian: apt-get install poppler-utils)")
    (folder / "sheet.pdf").write_bytes(pdf)
    done = subprocess.run(
        [program, "-layout", "sheet.pdf", "-"], cwd=folder, capture_output=True, check=True
    )
    return "".join(done.stdout.decode().split())


def test_the_page_shows_the_blocks_of_the_report(site: Site) -> None:
    browser = confirmed(site).follow("查看去向登记信息表")
    for words in ("姓名 " + RARE, "毕业院校 测试大学10425", "毕业时间 2026年6月", "性别 女"):
        assert words in browser.text
    assert (
        "由学校导入，2026年06月10日生效，毕业生本人于2026年06月10日 10:00 确认无误" in browser.text
    )
    assert "11010120030307123X" not in browser.text


def test_the_pdf_says_the_same_in_real_text_rare_characters_too(site: Site, tmp_path: Path) -> None:
    browser = confirmed(site).get(f"{PAGE}/download")
    assert browser.headers["Content-Type"] == "application/pdf"
    assert browser.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert browser.body.startswith(b"%PDF-")
    words = words_of(browser.body, tmp_path)
    assert f"姓名{RARE}" in words
    assert "*海纳*#panic()$软件$_有限_<b>公司</b>" in words, "text is data, never markup"
    assert "户口迁移类型迁回生源地" in words


def test_a_character_no_font_has_is_named_and_no_box_is_printed(site: Site) -> None:
    def unheard_of(campus: Campus, graduate: Graduate) -> None:
        graduate.name = "李\U0002a6d6"
        campus.report(graduate)

    browser = confirmed(site, unheard_of).get(f"{PAGE}/download")
    assert browser.status == 400
    assert "字库中没有“\U0002a6d6”" in browser.find("[role=alert]").get_text()


def test_before_the_confirmation_there_is_none(site: Site) -> None:
    browser = site.enter(site.bind(site.graduate(Campus.report)), "sheet")
    assert "确认之后才有信息表" in browser.text
    assert browser.get(f"{PAGE}/download").path == PAGE


def test_after_a_change_it_is_gone_until_she_confirms_again(site: Site) -> None:
    graduate = site.graduate(Campus.report)
    browser = site.enter(site.bind(graduate))
    browser.get("/g/confirmation").submit("#right")
    site.change(graduate, lambda campus, her: campus.report(her, unit_name="海尔集团公司"))
    assert "确认之后才有信息表" in browser.get(PAGE).text
