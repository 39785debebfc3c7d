"""The test browser sees what a careful reader of the markup would see."""

from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask, Response, redirect, request

from tests.known_pages import KnownPages, known_by
from tests.page_checks import complaints_about_new, outline_of
from tests.pages import Browser

GOOD = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>登录</title>
<script nonce="abc">1</script></head><body><main>
<h1>登录</h1><p>共<b>3</b>人</p><a href="/far">离开</a>
<form method="post" action="/send"><input type="hidden" name="csrf_token" value="t">
<label for="n">姓名</label><input id="n" name="name" value="张三">
<label><input type="checkbox" name="agree" value="yes"> 同意</label>
<label>方式
<select name="way"><option value="a">甲</option><option value="b">乙</option></select></label>
<label>文件 <input type="file" name="file"></label>
<button name="go" value="1">保存</button><button name="go" value="2">提交</button></form>
</main></body></html>"""


@pytest.fixture
def browser() -> Browser:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: GOOD, endpoint="page")
    app.add_url_rule("/bad", view_func=lambda: "<p>", endpoint="bad")
    app.add_url_rule("/far", view_func=lambda: redirect("https://far.example/x"), endpoint="far")
    app.add_url_rule("/near", view_func=lambda: redirect("/?a=1", code=303), endpoint="near")
    app.add_url_rule("/send", view_func=_echo, methods=["POST"])
    app.add_url_rule("/part", view_func=lambda: "<tr><td>1</td></tr>", endpoint="part")
    return Browser(app.test_client())


def _echo() -> Response:
    files = {name: file.filename for name, file in request.files.items()}
    return Response(f"{sorted(request.form.items(multi=True))} {files}", mimetype="text/plain")


def test_a_good_page_is_read_as_on_screen(browser: Browser) -> None:
    browser.get("/near")
    assert (browser.status, browser.path, browser.title) == (200, "/?a=1", "登录")
    assert browser.text.startswith("登录 共3人 离开 姓名")


def test_a_bad_page_cannot_be_fetched(browser: Browser) -> None:
    with pytest.raises(AssertionError, match="one title is wanted"):
        browser.get("/bad")


def test_a_part_for_htmx_needs_no_title(browser: Browser) -> None:
    browser.get("/part", headers={"HX-Request": "true"})
    assert browser.find("tr > td").get_text() == browser.text == "1"


def test_a_redirect_to_elsewhere_is_told_not_followed(browser: Browser) -> None:
    assert browser.get("/").follow("离开").leads_to == "https://far.example/x"


def test_a_form_sends_what_stands_in_it_and_what_was_filled_in(browser: Browser) -> None:
    browser.get("/").submit(button="提交", agree=True, way="b", file=(BytesIO(b"x"), "名单.xlsx"))
    sent = "[('agree', 'yes'), ('csrf_token', 't'), ('go', '2'), ('name', '张三'), ('way', 'b')]"
    assert browser.body.decode() == f"{sent} {{'file': '名单.xlsx'}}"


@pytest.mark.parametrize("wrong", [{"nobody": "x"}, {"way": "c"}, {"agree": "no"}, {"name": True}])
def test_nothing_can_be_filled_in_that_is_not_there(
    browser: Browser, wrong: dict[str, str]
) -> None:
    browser.get("/")
    with pytest.raises(AssertionError):
        browser.fill("form", **wrong)


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("<title>登录</title>", "", "one title is wanted"),
        ("<title>", "<title>a</title><title>", "one title is wanted"),
        ("zh-CN", "en", "lang=zh-CN"),
        ("<h1>", '<h1 id="n">', "the id n stands 2 times"),
        ('for="n"', 'for="m"', "no such id"),
        ('for="n"', "", "has no label"),
        (' method="post"', "", "names no method"),
        ('value="t"', 'value=""', "no csrf_token"),
        ('method="post"', 'method="get"', "csrf_token in the address"),
        ("<h1>", '<h1 onclick="x()">', "inline handler onclick"),
        ('href="/far"', 'href="javascript:x()"', "code in its href"),
        (' nonce="abc"', "", "neither nonce nor src"),
        ('nonce="abc"', 'nonce="xyz"', "not the policy's"),
        ("<h1>", '<img src="a.png"><h1>', "has no alt"),
        ("</main>", "", "end-tag"),
        ("<h1>", "<h1></div>", "end-tag"),
        ("<!DOCTYPE html>", "", "doctype"),
        ("同意", "同意 &lt", "named-entity"),
        ("张三", "张三\x0b", "invalid-codepoint"),
    ],
)
def test_a_flaw_in_a_page_is_named_after_any_number_of_good_ones(
    good: str, bad: str, complaint: str
) -> None:
    policy = "script-src 'self' 'nonce-abc'"
    assert complaints_about_new(GOOD, policy, fragment=False) == []
    flawed = complaints_about_new(GOOD.replace(good, bad, 1), policy, fragment=False)
    assert complaint in "\n".join(flawed)


def test_pages_that_differ_in_words_only_are_checked_once() -> None:
    other = GOOD.replace("张三", "李四").replace("同意", "同意 &lt;3").replace("/far", "/further")
    assert outline_of(other) == outline_of(GOOD)


def test_what_one_process_found_right_another_knows(tmp_path: Path) -> None:
    one, other = KnownPages(tmp_path / "known"), KnownPages(tmp_path / "known")
    assert not other.has(GOOD)
    one.add(GOOD)
    other.add("another")
    assert [each.has(page) for each in (one, other) for page in (GOOD, "another")] == [True] * 4
    one.add("a later one")
    assert other.has("a later one")
    assert not one.has(GOOD + " ")


def test_a_flawed_page_is_looked_at_again_each_time() -> None:
    flawed = GOOD.replace("zh-CN", "en")
    assert complaints_about_new(flawed, "", fragment=False) == complaints_about_new(
        flawed, "", fragment=False
    )
    assert complaints_about_new(flawed, "", fragment=False) != []


def test_a_changed_check_knows_no_page(tmp_path: Path) -> None:
    checks = tmp_path / "checks.py"
    checks.write_text("a check")
    before = known_by(checks).path
    known_by.cache_clear()
    checks.write_text("a stricter check")
    assert known_by(checks).path != before


def test_a_whole_page_that_was_right_is_not_taken_for_a_part_of_one() -> None:
    part = "<tr><td>1</td></tr>"
    assert complaints_about_new(part, "", fragment=True) == []
    assert complaints_about_new(part, "", fragment=False) != []
