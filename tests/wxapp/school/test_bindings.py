"""Who has a WeChat bound, class by class and day by day, and the posters to bind by."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from notifier.ledger.poster_tables import Poster
from notifier.ledger.tables import Binding
from notifier.wechat.gateway import open_gateway
from registry.accounts.tables import Role, StaffCharge
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.pages import Browser
from tests.pdf_reading import pages_of
from tests.wxapp.applications import make_app
from tests.wxapp.school.conftest import Console, NoWeChat
from tests.wxapp.school.test_statistics import linked, listed
from wxapp.school import binding_pages

PAGE = "/school/statistics/bindings"


@pytest.fixture
def wechat() -> Iterator[RunningSandbox]:
    with RunningSandbox(Config(token_seconds=7200)) as running:
        yield running


@pytest.fixture
def classes(reachable: Console) -> Console:
    """Add one of another department who is in no class to the three of one class."""
    campus = reachable.campus
    campus.graduate("钱多", department=1, class_name="")
    campus.save()
    return reachable


def asking(console: Console, wechat: RunningSandbox) -> Console:
    """Return the console with pages that ask the sandbox."""
    account = wechat.config
    given = {
        "wechat_api_url": wechat.url,
        "wechat_app_id": account.app_id,
        "wechat_app_secret": SecretStr(account.app_secret),
    }
    settings = console.resources.settings.model_copy(update=given)
    gateway = open_gateway(settings, console.resources.redis, console.resources.clock)
    app = make_app(console.resources, gateway, NoWeChat())
    return Console(app, console.resources, console.campus, console.staff)


def go_on(browser: Browser) -> Browser:
    """Send the form as the page does by itself."""
    sent = browser.fill("form[action$=posters]")
    return browser.post(f"{PAGE}/posters", sent, {"HX-Request": "true"})


def words(browser: Browser) -> str:
    return " ".join(browser.text.split())


def test_each_class_says_how_many_are_bound_and_follow(classes: Console) -> None:
    page = words(classes.browser().get(PAGE))
    assert "毕业生 4 人 已绑定 2 人 50.0% 其中已关注 1 人 25.0% 未绑定 2 人 50.0%" in page
    assert "软件2201 计算机学院 3 2 66.7% 2 1 1 未生成" in page
    assert "未分班级 化工学院 1 0 0.0% 0 0 1 未生成" in page


def test_departments_are_lines_and_each_tells_its_own_days(classes: Console) -> None:
    campus = classes.campus
    campus.graduate("孙一", class_name="软件2202")
    campus.save()
    browser = classes.browser().get(PAGE)
    listed = " ".join(browser.find("[aria-labelledby=h-departments]").get_text().split())
    assert "化工学院 1 0 0.0% 0 0 1 计算机学院 4 2 50.0% 2 1 2" in listed
    days = "2026年6月10日 2 40.0%"
    assert days in words(browser)
    browser.follow("计算机学院")
    assert "2026年6月10日 2 50.0%" in words(browser)
    browser.follow("软件2201")
    page = words(browser)
    assert "2026年6月10日 2 66.7%" in page
    assert "软件2202" not in page
    assert not browser.find_all("[aria-labelledby=h-departments]")
    assert "软件2202" in browser.follow("查看全部班级").text


def test_who_bound_long_ago_is_not_among_the_new(classes: Console, clock: StandingClock) -> None:
    clock.move(timedelta(days=8))
    page = words(classes.browser().get(PAGE))
    assert "软件2201 计算机学院 3 2 66.7% 0 1 1 未生成" in page


def test_those_in_no_class_have_days_too(classes: Console) -> None:
    browser = classes.browser().get(PAGE).follow("未分班级")
    page = words(browser)
    assert "化工学院 · 未分班级" in page
    assert "毕业生 1 人 已绑定 0 人" in page


def test_the_unbound_of_a_class_are_a_list_of_exactly_those(classes: Console) -> None:
    browser = classes.browser().get(PAGE)
    browser.get(str(browser.find("tr:-soup-contains(未分班级) td[data-title=未绑定] a")["href"]))
    assert "钱多" in browser.text
    assert "王建国" not in browser.text


def test_every_figure_is_the_length_of_its_list(classes: Console, clock: StandingClock) -> None:
    clock.move(timedelta(days=1))
    with classes.resources.sessions.begin() as session:
        first = session.scalars(select(Binding).order_by(Binding.id)).first()
        assert first is not None
        first.ended_at = clock()
        again = Binding(openid="o-new", graduate_id=first.graduate_id, bound_at=clock())
        session.add(again)
    clock.move(timedelta(days=7))
    browser = classes.browser()
    figures = linked(browser, "/bindings")
    assert len(figures) > 20
    for number, address in dict.fromkeys(figures):
        assert listed(browser, address) == number, address


def test_a_day_that_is_over_is_told_by_the_bindings_that_held_then(
    classes: Console, clock: StandingClock
) -> None:
    clock.move(timedelta(days=1))
    with classes.resources.sessions.begin() as session:
        session.scalars(select(Binding)).first().ended_at = clock()  # type: ignore[union-attr]  # two are there
    clock.move(timedelta(days=1))
    page = words(classes.browser().get(PAGE))
    assert "2026年6月12日 1 25.0% 2026年6月11日 1 25.0% 2026年6月10日 2 50.0%" in page


def test_posters_are_made_by_wechat_and_printed_a_page_a_class(
    classes: Console, wechat: RunningSandbox
) -> None:
    console = asking(classes, wechat)
    browser = console.browser().get(PAGE)
    browser.submit("form[action$=posters]", "为 2 个班级生成二维码")
    assert "7月10日到期，扫码 0 次" in browser.text
    assert not browser.find_all("form[action$=posters]")
    browser.follow("打印海报（PDF，2 张）")
    pages = pages_of(browser.body)
    assert [("化工学院未分班级" in each, "软件2201" in each) for each in pages] in (
        [(True, False), (False, True)],
        [(False, True), (True, False)],
    )
    assert all("二维码有效期至7月9日" in each for each in pages)


def test_what_wechat_gave_before_it_refused_is_kept(
    classes: Console, wechat: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifier.wechat.posters.MOST_AT_ONCE", 1)
    browser = asking(classes, wechat).browser().get(PAGE)
    browser.submit("form[action$=posters]")
    wechat.control.fault("errcode", path="/cgi-bin/qrcode/create", errcode=45009)
    browser.submit("form[action$=posters]")
    assert browser.status == 502
    assert "微信未能生成全部二维码：" in browser.text
    with classes.resources.readers() as session:
        assert len(session.scalars(select(Poster)).all()) == 1


def test_a_department_makes_and_prints_its_own_alone(
    classes: Console, wechat: RunningSandbox
) -> None:
    console = asking(classes, wechat)
    browser = console.browser("department").get(PAGE)
    assert "化工学院" not in browser.text
    browser.submit("form[action$=posters]", "为 1 个班级生成二维码")
    with classes.resources.readers() as session:
        key, name = session.execute(select(Poster.key, Poster.class_name)).one()
    assert name == "软件2201"
    theirs = console.browser().get(f"{PAGE}/posters.pdf?poster={key}")
    assert theirs.body.startswith(b"%PDF")
    nobody = console.browser().get(f"{PAGE}/posters.pdf?department=nowhere")
    assert nobody.status == 400
    assert "请先生成二维码" in nobody.text


def test_a_counsellor_prints_the_posters_of_her_classes_alone(
    classes: Console, wechat: RunningSandbox
) -> None:
    campus = classes.campus
    staff = classes.staff["counsellor"] = campus.staff(Role.COUNSELLOR)
    campus.graduate("欧阳晓", class_name="软件2299")
    about = {"department_id": campus.departments[0].id, "class_name": "软件2299"}
    campus.session.add(StaffCharge(staff_id=staff.id, **about))
    campus.save()
    console = asking(classes, wechat)
    console.browser().get(PAGE).submit("form[action$=posters]")
    browser = console.browser("counsellor").get(PAGE)
    assert "软件2201" not in browser.text
    only = pages_of(browser.follow("打印海报（PDF，1 张）").body)
    assert len(only) == 1
    assert "软件2299" in only[0]
    assert "人未绑定微信" in console.browser("counsellor").get("/school/").text


def test_posters_whose_codes_end_are_named_on_the_first_page(
    classes: Console, wechat: RunningSandbox, clock: StandingClock
) -> None:
    console = asking(classes, wechat)
    console.browser().get(PAGE).submit("form[action$=posters]")
    words_of_home = "张绑定海报二维码到期或即将到期"
    assert words_of_home not in console.browser().get("/school/").text
    clock.move(timedelta(days=23))
    browser = console.browser().get("/school/")
    browser.follow(words_of_home)
    assert "为 2 个班级生成二维码" in browser.text


def test_more_posters_than_one_file_holds_are_told_before_they_are_printed(
    classes: Console, wechat: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = asking(classes, wechat).browser().get(PAGE)
    browser.submit("form[action$=posters]")
    assert "打印海报（PDF，2 张）" in browser.text
    monkeypatch.setattr(binding_pages, "MOST_PAGES", 1)
    browser.get(PAGE)
    assert "打印海报" not in browser.text
    assert "一次最多打印 1 张海报，现有 2 张，请选择院系后分次打印。" in browser.text


def test_each_press_asks_for_some_where_no_script_goes_on(
    classes: Console, wechat: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifier.wechat.posters.MOST_AT_ONCE", 1)
    browser = asking(classes, wechat).browser().get(PAGE)
    browser.submit("form[action$=posters]", "为 2 个班级生成二维码")
    browser.submit("form[action$=posters]", "为 1 个班级生成二维码")
    assert not browser.find_all("form[action$=posters]")


def test_a_page_that_goes_on_by_itself_ends_where_none_is_lacking(
    classes: Console, wechat: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifier.wechat.posters.MOST_AT_ONCE", 1)
    browser = asking(classes, wechat).browser().get(PAGE)
    going = go_on(browser)
    assert "正在生成，已完成 1 个，还有 1 个" in words(going)
    assert going.find_all("form[hx-trigger^=load]")
    go_on(going)
    assert (going.status, going.headers["HX-Redirect"]) == (204, PAGE)


def test_a_page_that_goes_on_stops_where_wechat_refuses(
    classes: Console, wechat: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifier.wechat.posters.MOST_AT_ONCE", 1)
    browser = asking(classes, wechat).browser().get(PAGE)
    going = go_on(browser)
    wechat.control.fault("errcode", path="/cgi-bin/qrcode/create", errcode=45009)
    go_on(going)
    assert "微信未能生成全部二维码：" in going.text
    assert "已生成 1 个，还有 1 个" in words(going)
    assert not going.find_all("form[hx-trigger^=load]")
    assert "为 1 个班级生成二维码" in going.text
