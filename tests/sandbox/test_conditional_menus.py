"""Menus for some: who sees which, and what the platform refuses."""

import pytest

from sandbox.control import Control
from tests.sandbox.account import Account
from tests.sandbox.test_pages import fetch


def menu(name: str, **rule: object) -> dict[str, object]:
    wanted: dict[str, object] = {"button": [{"type": "view", "name": name, "url": "http://a/g"}]}
    return wanted | ({"matchrule": rule} if rule else {})


def seen(account: Account, openid: str) -> str:
    return str(account.client.menu.try_match(openid)["button"][0]["name"])


def test_the_newest_menu_that_fits_is_seen(account: Account, control: Control) -> None:
    tagged, other = control.add_phone("有标签"), control.add_phone("无标签")
    tag = account.client.tag.create("2026届")["id"]
    account.client.tag.tag_user(tag, tagged)
    account.client.menu.create(menu("所有人"))
    account.client.menu.add_conditional(menu("安卓", client_platform_type="2"))
    mine = account.client.menu.add_conditional(menu("应届生", tag_id=str(tag)))["menuid"]
    account.client.menu.add_conditional(menu("苹果", client_platform_type="1"))
    assert (seen(account, tagged), seen(account, other)) == ("应届生", "安卓")
    assert "应届生" in fetch(f"{account.url}/phone/{tagged}")
    account.client.menu.del_conditional(mine)
    assert seen(account, tagged) == "安卓"


def test_both_menus_are_read_and_deleted_together(account: Account, openid: str) -> None:
    account.client.menu.create(menu("所有人"))
    account.client.menu.add_conditional(menu("安卓", client_platform_type="2"))
    read = account.client.menu.get()
    assert read["menu"] == menu("所有人")
    assert [each["button"][0]["name"] for each in read["conditionalmenu"]] == ["安卓"]
    assert account.client.menu.get_menu_info()["is_menu_open"] == 1
    account.client.menu.delete()
    assert account.client.menu.get() is None
    assert account.client.menu.try_match(openid)["button"] == []


@pytest.mark.parametrize(
    ("path", "body", "errcode"),
    [
        ("addconditional", menu("x", tag_id=2), 65303),
        ("delconditional", {"menuid": "1"}, 65301),
        ("trymatch", {"user_id": "nobody"}, 65302),
    ],
)
def test_what_the_platform_refuses_is_refused(
    account: Account, path: str, body: dict[str, object], errcode: int
) -> None:
    assert account.post(f"/cgi-bin/menu/{path}", body)["errcode"] == errcode


def test_a_menu_for_some_says_for_whom(account: Account) -> None:
    account.client.menu.create(menu("所有人"))
    for rule in ({}, {"tag_id": ""}, "x"):
        asked = menu("x") | {"matchrule": rule}
        assert account.post("/cgi-bin/menu/addconditional", asked)["errcode"] == 65304
