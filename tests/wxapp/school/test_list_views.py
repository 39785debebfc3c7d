"""What staff keep of how they look at the list: columns, and filters under a name."""

import pytest

from registry.record import list_views
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus

LIST = "/school/graduates"


@pytest.fixture
def listed(console: Console) -> Console:
    for name in ("李娟", "王建国"):
        console.campus.graduate(name, sex="1" if name == "王建国" else "2")
    console.campus.save()
    return console


def heads(console: Console, role: str = "school") -> list[str]:
    browser = console.browser(role).get(LIST)
    return [each.get_text(strip=True) for each in browser.find_all("thead th")][1:]


def test_columns_are_chosen_by_one_and_kept_for_her_alone(listed: Console) -> None:
    browser = listed.browser().get(LIST)
    browser.submit("form[action*=columns]", column=["sex", "number"])
    assert heads(listed) == ["姓名", "学号", "性别"]
    assert "性别" not in heads(listed, "department")
    browser.submit("form[action*=columns]", "恢复默认列")
    assert "专业" in heads(listed)


def test_a_press_on_a_head_orders_the_list_and_a_second_turns_it(listed: Console) -> None:
    browser = listed.browser().get(f"{LIST}?sex=1").follow("学号")
    assert "sort=number" in browser.path
    assert "sex=1" in browser.path
    browser.follow("学号")
    assert "sort=-number" in browser.path
    assert browser.find("th[aria-sort=descending]").get_text(strip=True) == "学号"


def test_each_condition_is_a_chip_that_takes_itself_away(listed: Console) -> None:
    query = "sex=1&reported_from=2026-06-01&reported_to=2026-06-30&flag=no_phone&sort=name"
    browser = listed.browser().get(f"{LIST}?{query}")
    chips = [each.get_text(" ", strip=True) for each in browser.find_all(".chip-filter")]
    assert chips == [
        "性别：男 ×",
        "标记：未登记手机号 ×",
        "上报日期：2026-06-01 至 2026-06-30 ×",
    ]
    links = [str(each["href"]) for each in browser.find_all(".chip-filter a")]
    assert "reported" not in links[2]
    assert "sex=1" in links[2]
    assert "sort=name" in links[2]


def test_filters_are_saved_shared_renamed_and_removed(listed: Console) -> None:
    browser = listed.browser("department").get(f"{LIST}?sex=1&q=王")
    browser.submit("form[action*='views?']", name="男生", shared="yes")
    other = listed.browser().get(LIST).follow("男生")
    assert other.path == f"{LIST}?sex=1"  # a name that was searched for is not kept
    assert [link.get_text() for link in other.find_all("td a")] == ["王建国"]
    other.submit(".views-change", name="男毕业生")
    assert "男毕业生" in browser.get(LIST).text
    browser.submit(".views-change", "删除")
    assert "暂无常用筛选" in other.get(LIST).text


def test_a_name_that_is_there_and_filters_that_are_none_are_refused(listed: Console) -> None:
    browser = listed.browser().get(f"{LIST}?sex=1")
    browser.submit("form[action*='views?']", name="男生")
    browser.submit("form[action*='views?']", name="男生")
    assert "已有名为“男生”的常用筛选" in browser.text
    browser.get(f"{LIST}?q=王").submit("form[action*='views?']", name="姓王")
    assert "请先设置筛选条件" in browser.text


def test_a_view_that_is_not_shared_is_its_owners(listed: Console, other: Campus) -> None:
    browser = listed.browser("department").get(f"{LIST}?sex=1")
    browser.submit("form[action*='views?']", name="男生")
    assert "男生" not in listed.browser().get(LIST).text
    with listed.resources.readers() as session:
        assert not list_views.offered(session, other.scope, listed.staff["department"].id + 999)


def test_the_next_person_is_the_next_of_the_list(listed: Console) -> None:
    browser = listed.browser().get(f"{LIST}?sort=-number").follow("王建国")
    assert not browser.find_all("a[rel=prev]")
    browser.follow("下一人")
    assert browser.find("h1").get_text() == "李娟"
    assert not browser.find_all("a[rel=next]")
    browser.follow("操作日志").follow("上一人")
    assert browser.find("h1").get_text() == "王建国"
    browser.follow("返回列表")
    assert browser.path == f"{LIST}?sort=-number"
