"""Tags, remarks and the list of those shut out, as wechatpy's own client asks for them."""

import pytest
from wechatpy.exceptions import WeChatClientException

from sandbox.control import Control
from tests.sandbox.account import Account


def made(account: Account, name: str) -> int:
    return int(account.client.tag.create(name)["id"])


def test_a_tag_is_made_renamed_counted_and_deleted(account: Account, openid: str) -> None:
    tag = made(account, "2026届")
    account.client.tag.tag_user(tag, openid)
    account.client.tag.update(tag, "毕业生")
    listed = {each["id"]: each for each in account.client.tag.get()}
    assert listed[tag] == {"id": tag, "name": "毕业生", "count": 1}
    assert account.client.tag.get_user_tag(openid) == [tag]
    account.client.tag.delete(tag)
    assert account.client.tag.get_user_tag(openid) == []


def test_people_of_a_tag_are_paged_to_the_end(account: Account, control: Control) -> None:
    people = control.add_phones([{"label": str(number)} for number in range(25)])
    control.add_phone("没有标签的人")
    control.configure(page_size=10)
    tag = made(account, "计算机学院")
    account.client.tag.tag_user(tag, people)
    assert sorted(account.client.tag.iter_tag_users(tag)) == sorted(people)
    account.client.tag.untag_user(tag, people[:20])
    assert sorted(account.client.tag.iter_tag_users(tag)) == sorted(people[20:])


def test_a_person_is_known_with_remark_and_tags(account: Account, openid: str) -> None:
    tag = made(account, "2026届")
    account.client.tag.tag_user(tag, openid)
    account.client.user.update_remark(openid, "李娟同学")
    known = account.client.user.get(openid)
    assert (known["remark"], known["tagid_list"]) == ("李娟同学", [tag])


def test_who_is_shut_out_gets_nothing_until_let_in(account: Account, openid: str) -> None:
    account.client.tag.batch_black_list([openid])
    assert account.client.tag.get_black_list()["data"]["openid"] == [openid]
    assert account.send(openid)["errcode"] == 43019
    account.post("/cgi-bin/tags/members/batchunblacklist", {"openid_list": [openid]})
    assert account.send(openid)["errcode"] == 0


@pytest.mark.parametrize(
    ("path", "body", "errcode"),
    [
        ("tags/create", {"tag": {"name": "星标组"}}, 45157),
        ("tags/create", {"tag": {"name": "长" * 31}}, 45158),
        ("tags/create", {"tag": "2026届"}, 47001),
        ("tags/update", {"tag": {"id": 2, "name": "x"}}, 45058),
        ("tags/delete", {"tag": {"id": 999}}, 45159),
        ("tags/members/batchtagging", {"tagid": 2, "openid_list": []}, 40032),
        ("tags/members/batchtagging", {"tagid": 2, "openid_list": ["x"] * 51}, 40032),
        ("tags/members/batchtagging", {"tagid": 2, "openid_list": ["stranger"]}, 40003),
        ("tags/members/batchblacklist", {"openid_list": ["x"] * 21}, 40032),
        ("user/info/updateremark", {"openid": "stranger", "remark": "x"}, 40003),
    ],
)
def test_what_the_platform_refuses_is_refused(
    account: Account, path: str, body: dict[str, object], errcode: int
) -> None:
    assert account.post(f"/cgi-bin/{path}", body)["errcode"] == errcode


def test_an_account_has_at_most_a_hundred_tags_and_a_person_twenty(
    account: Account, openid: str
) -> None:
    tags = [made(account, str(number)) for number in range(100)]
    with pytest.raises(WeChatClientException) as refused:
        made(account, "一百零一")
    assert refused.value.errcode == 45056
    for tag in tags[:20]:
        account.client.tag.tag_user(tag, openid)
    tagging = {"tagid": tags[20], "openid_list": [openid]}
    assert account.post("/cgi-bin/tags/members/batchtagging", tagging)["errcode"] == 45059
