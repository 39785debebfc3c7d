"""What the account answers in the chat is set by the operator, and who follows reads it."""

from tests.wxapp.ops.conftest import Platform


def test_an_answer_is_set_shown_and_given_back(platform: Platform) -> None:
    browser = platform.browser().get("/ops/replies")
    browser.submit("section:last-of-type form", "新增", word="几点", text="工作日 8:30 至 17:00。")
    assert "“几点”" in browser.text
    assert "工作日 8:30 至 17:00。" in browser.text
    log = platform.browser().get("/ops/audit")
    assert "修改了自动回复" in log.text
    assert "工作日 8:30" in log.text
    browser.submit("form[action$=restore]", "恢复默认，自行添加的删除")
    assert "“几点”" not in browser.text


def test_a_wrong_answer_is_said_and_kept_on_the_page(platform: Platform) -> None:
    browser = platform.browser().get("/ops/replies")
    browser.submit("section:last-of-type form", "新增", word="几点", text="字" * 301)
    assert browser.status == 400
    assert "300 字以内" in browser.find("[role=alert]").get_text()
    assert browser.find("#new-keyword")["value"] == "几点"
