"""A draft is looked at as any one would see it, changed until it is right, and used again."""

import pytest
from sqlalchemy import select, update

from notifier.ledger.tables import Campaign
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus

DEADLINE = {"deadline": "2026-06-30"}


def number_of(console: Console, name: str) -> str:
    with console.resources.readers() as session:
        wanted = select(Graduate.student_number).where(Graduate.name == name)
        return session.scalars(wanted).one()


def draft(console: Console, role: str = "school", **written: str) -> Browser:
    browser = console.browser(role).get("/school/campaigns/new")
    return browser.submit("main form", "下一步：核对", **DEADLINE, **written)


def kept(console: Console) -> Campaign:
    with console.resources.readers() as session:
        return session.scalars(select(Campaign)).one()


def shows(page: Browser, written: dict[str, str]) -> bool:
    form = page.fill("main form")
    return {name: form.get(name) for name in written} == written


def test_the_form_shows_the_card_of_the_graduate_asked_for(reachable: Console) -> None:
    browser = reachable.browser().get("/school/campaigns/new")
    number = number_of(reachable, "赵敏")
    sent = browser.fill("main form", preview_for=number, item="尽快确认")
    browser.post("/school/campaigns/preview", sent)
    assert "赵敏 不会收到：未关注公众号。" in browser.text
    assert "尽快确认" in browser.find(".phone-card").get_text()
    assert browser.fill("main form")["preview_for"] == number
    sent = browser.fill("main form", preview_for="S999999")
    browser.post("/school/campaigns/preview", sent)
    assert "没有这个学号" in browser.text


def test_the_enter_key_renews_the_effect_and_asks_for_no_file(reachable: Console) -> None:
    buttons = reachable.browser().get("/school/campaigns/new").find_all("main form button")
    assert str(buttons[0]["formaction"]).endswith("/campaigns/preview")


def test_a_draft_shows_the_card_of_the_graduate_asked_for(reachable: Console) -> None:
    page = draft(reachable)
    number = number_of(reachable, "王建国")
    page.submit("form[action$=preview]", "消息预览", preview_for=f" {number} ")
    assert "王建国 不会收到：未绑定微信。" in page.text
    page.submit("form[action$=preview]", "消息预览", preview_for=number_of(reachable, "李娟"))
    assert "李娟 将收到" in page.text
    assert "发送给 1 人" in page.text


def test_one_who_is_not_meant_is_told_apart_from_one_out_of_reach(reachable: Console) -> None:
    page = draft(reachable, state="disputed")
    page.submit("form[action$=preview]", "消息预览", preview_for=number_of(reachable, "李娟"))
    assert "李娟 不会收到：不在发送对象中。" in page.text


def test_nobody_elses_graduate_is_shown(reachable: Console, other: Campus) -> None:
    stranger = other.graduate("外校人")
    other.save()
    page = draft(reachable)
    page.submit("form[action$=preview]", "消息预览", preview_for=stranger.student_number)
    assert "没有这个学号" in page.text
    with reachable.resources.sessions.begin() as session:
        elsewhere = reachable.campus.departments[1].id
        session.execute(update(Graduate).values(department_id=elsewhere))
    page = draft(reachable, "department")
    page.submit("form[action$=preview]", "消息预览", preview_for=number_of(reachable, "李娟"))
    assert "没有这个学号" in page.text


def test_a_draft_says_whom_it_is_for(reachable: Console) -> None:
    department = reachable.campus.departments[0]
    written = {"departments": department.key, "bound": "yes", "missing_file": "yes"}
    words = f"2026 届 · 未确认 · {department.name} · 尚未登记档案转递信息 · 已绑定微信"
    assert words in draft(reachable, **written).text
    assert "2026 届 · 除确认无误以外" in draft(reachable, state="").text
    assert f"2026 届 · 未确认 · {department.name}" in draft(reachable, "department").text


def test_a_draft_is_changed_in_its_place(reachable: Console) -> None:
    timed = {"start_at": "2026-06-12T09:00", "not_after": "2026-06-20T18:30"}
    page = draft(reachable, bound="yes", item="尽快确认", prefers="delivery", **timed)
    before = kept(reachable)
    page.follow("修改")
    assert shows(page, {"bound": "yes", "item": "尽快确认", **timed, **DEADLINE})
    page.submit("main form", "下一步：核对", bound="no", start_at="")
    after = kept(reachable)
    assert (after.key, after.start_at, after.audience["bound"]) == (before.key, None, False)
    assert (after.texts, after.prefers) == (before.texts, "delivery")
    assert after.not_after == before.not_after


def test_what_is_wrong_with_a_change_is_said_and_nothing_written_is_lost(
    reachable: Console,
) -> None:
    page = draft(reachable).follow("修改")
    page.submit("main form", "下一步：核对", title=" ", item="换一句话")
    assert page.status == 400
    assert "请填写提醒名称" in page.find("[role=alert]").get_text()
    page.submit("main form", "下一步：核对", title="改过的")
    assert (kept(reachable).title, kept(reachable).texts["item"]) == ("改过的", "换一句话")


def test_what_has_been_started_meanwhile_is_not_changed(reachable: Console) -> None:
    page = draft(reachable).follow("修改")
    with reachable.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(state="scheduled"))
    page.submit("main form", "下一步：核对", title="改过的")
    assert "不能这样操作" in page.find("[role=alert]").get_text()
    assert kept(reachable).title == "去向登记确认提醒"


def test_the_school_neither_changes_nor_repeats_what_a_department_sends(
    reachable: Console,
) -> None:
    """Whom it is for would change unseen: from the department's people to everybody's."""
    page = draft(reachable, "department")
    whole = reachable.browser().get(page.path)
    assert "修改" not in whole.text
    key = kept(reachable).key
    for way in ("draft", "like"):
        whole.get(f"/school/campaigns/new?{way}={key}")
        assert (whole.status, "请由院系修改" in whole.text) == (400, True)
    whole.get("/school/campaigns/new")
    whole.post("/school/campaigns/new", whole.fill("main form", draft=key, title="改过的"))
    assert "请由院系修改" in whole.find("[role=alert]").get_text()
    assert kept(reachable).title == "去向登记确认提醒"


def test_one_that_was_sent_is_the_pattern_of_another(reachable: Console) -> None:
    page = draft(reachable, bound="yes", item="尽快确认")
    with reachable.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(state="finished"))
    page.get(page.path).follow("复制新建")
    assert shows(page, {"bound": "yes", "item": "尽快确认"})
    page.submit("main form", "下一步：核对")
    with reachable.resources.readers() as session:
        states = session.scalars(select(Campaign.state).order_by(Campaign.id)).all()
    assert states == ["finished", "draft"]


@pytest.mark.parametrize(
    "beyond",
    [
        {"texts": {"item": "确认", "item.disputed": "更正", "deadline": "2026年6月30日 23:59"}},
        {"texts": {"item": "确认", "deadline": "2026年6月30日 17:00"}},
        {"audience": {"year": 2026, "confirmation": ["unconfirmed", "disputed"]}},
    ],
)
def test_what_the_form_cannot_say_is_not_changed_unseen(
    reachable: Console, beyond: dict[str, object]
) -> None:
    page = draft(reachable)
    with reachable.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(beyond))
    page.get(page.path).follow("修改")
    assert page.status == 400
    assert "写不全" in page.text
