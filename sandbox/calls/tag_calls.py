"""Tags and remarks an account puts on its followers, and the list of those it shut out."""

from typing import Any

from sandbox.account_tags import MOST_ON_ONE
from sandbox.calls.answering import OK
from sandbox.calls.asked import Asked
from sandbox.errors import Refusal
from sandbox.phones import Phone
from sandbox.world import World

MOST_TAGGED, MOST_SHUT_OUT = 50, 20
MOST_REMARK = 30


def create_tag(world: World, asked: Asked) -> dict[str, Any]:
    """Add a tag."""
    name = asked.part("tag").get("name")
    number = world.tags.create(name)
    _keep(world)
    return {"tag": {"id": number, "name": name}}


def list_tags(world: World, _asked: Asked) -> dict[str, Any]:
    """List the tags with how many they are on."""
    return {
        "tags": [
            {"id": number, "name": name, "count": world.phones.tagged(number, "", 0)[0]}
            for number, name in world.tags.names.items()
        ]
    }


def rename_tag(world: World, asked: Asked) -> dict[str, Any]:
    """Give a tag another name."""
    tag = asked.part("tag")
    world.tags.rename(tag.get("id"), tag.get("name"))
    _keep(world)
    return OK


def delete_tag(world: World, asked: Asked) -> dict[str, Any]:
    """Delete a tag, from everybody too."""
    number = world.tags.remove(asked.part("tag").get("id"))
    _keep(world)
    for phone in list(world.phones.by_openid.values()):
        if number in phone.account_tags:
            phone.account_tags.remove(number)
            world.save_phone(phone)
    return OK


def _keep(world: World) -> None:
    world.keep("tags", {"names": world.tags.record()})


def tag_people(world: World, asked: Asked) -> dict[str, Any]:
    """Put a tag on up to 50 followers; raise Refusal 45059 for a 21st tag on one of them."""
    number = world.tags.known(asked.body().get("tagid"))
    people = _people(world, asked, MOST_TAGGED)
    fresh = [each for each in people if number not in each.account_tags]
    if any(len(each.account_tags) >= MOST_ON_ONE for each in fresh):
        raise Refusal(45059)
    for phone in fresh:
        phone.account_tags.append(number)
        world.save_phone(phone)
    return OK


def untag_people(world: World, asked: Asked) -> dict[str, Any]:
    """Take a tag from up to 50 followers."""
    number = world.tags.known(asked.body().get("tagid"))
    for phone in _people(world, asked, MOST_TAGGED):
        if number in phone.account_tags:
            phone.account_tags.remove(number)
            world.save_phone(phone)
    return OK


def tags_of(world: World, asked: Asked) -> dict[str, Any]:
    """List the tags of one follower."""
    return {"tagid_list": world.phones.get(asked.body().get("openid")).account_tags}


def people_of(world: World, asked: Asked) -> dict[str, Any]:
    """Return one page of the followers with a tag."""
    body = asked.body()
    number = world.tags.known(body.get("tagid"))
    after = str(body.get("next_openid") or "")
    _, found = world.phones.tagged(number, after, world.config.page_size)
    return _page(found)


def _page(openids: list[str]) -> dict[str, Any]:
    if not openids:
        return {"count": 0}
    return {"count": len(openids), "data": {"openid": openids}, "next_openid": openids[-1]}


def set_remark(world: World, asked: Asked) -> dict[str, Any]:
    """Give a follower another name, for the account's eyes."""
    body = asked.body()
    phone, remark = world.phones.get(body.get("openid")), body.get("remark", "")
    if not isinstance(remark, str) or len(remark) >= MOST_REMARK:
        raise Refusal(40097)
    phone.remark = remark
    world.save_phone(phone)
    return OK


def shut_out(world: World, asked: Asked) -> dict[str, Any]:
    """Shut up to 20 people out."""
    return _set_shut_out(world, asked, shut=True)


def let_in(world: World, asked: Asked) -> dict[str, Any]:
    """Let up to 20 people in again."""
    return _set_shut_out(world, asked, shut=False)


def _set_shut_out(world: World, asked: Asked, *, shut: bool) -> dict[str, Any]:
    for phone in _people(world, asked, MOST_SHUT_OUT):
        phone.blacklisted = shut
        world.save_phone(phone)
    return OK


def list_shut_out(world: World, asked: Asked) -> dict[str, Any]:
    """Return one page of those who were shut out."""
    after = str(asked.body().get("begin_openid") or "")
    total, found = world.phones.shut_out(after, world.config.page_size)
    return {"total": total} | _page(found)


def _people(world: World, asked: Asked, most: int) -> list[Phone]:
    """Return whom a call names; raise Refusal 40032 for too many or none, 40003 for strangers."""
    listed = asked.body().get("openid_list")
    if not isinstance(listed, list) or not 1 <= len(listed) <= most:
        raise Refusal(40032)
    return [world.phones.get(each) for each in listed]
