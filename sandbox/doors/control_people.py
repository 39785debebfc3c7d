"""Control's half that acts on people: making phones, letting them follow, write and press."""

from dataclasses import asdict, fields
from typing import Any

from sandbox.account_templates import Template, template_id_of
from sandbox.fitting import fits
from sandbox.phones import Phone, new_openid, plain_number
from sandbox.world import World

Wish = dict[str, Any]
TRAITS = {field.name for field in fields(Phone)}


def create_phones(world: World, wish: Wish) -> dict[str, Any]:
    """Make the phones listed, or `count` like the `like` given; no events are pushed for them."""
    listed = wish.get("phones")
    if listed is None:
        like = wish.get("like", {})
        listed = [
            {"label": f"手机 {number + 1}", **like} for number in range(int(wish.get("count", 1)))
        ]
    made = [_phone(world, traits) for traits in listed]
    for phone in made:
        world.save_phone(phone)
    return {"openids": [phone.openid for phone in made]}


def _phone(world: World, traits: Wish) -> Phone:
    _check_traits(traits)
    chosen = {"openid": new_openid(), "followed_at": world.now(), **traits}
    return Phone(**chosen)


def _check_traits(traits: Wish) -> None:
    if not isinstance(traits, dict):
        raise TypeError(f"a phone cannot be {traits!r}")
    unknown = traits.keys() - TRAITS
    if unknown:
        raise ValueError(f"a phone has no {', '.join(sorted(unknown))}")
    for name, value in traits.items():
        if not fits(value, getattr(Phone(""), name)):
            raise ValueError(f"{name} cannot be {value!r}")


def change_phone(world: World, wish: Wish) -> dict[str, Any]:
    """Change traits of one phone quietly; follow and unfollow are the calls with events."""
    phone = world.phones.get(wish["openid"])
    _check_traits(wish)
    # A fresh object, so that the index by number sees the old number go.
    return world.save_phone(Phone(**{**phone.record(), **wish})).record()


def follow(world: World, wish: Wish) -> dict[str, Any]:
    """Let a person follow, by a scene's code if there is one; the events are pushed."""
    phone = world.phones.get(wish["openid"])
    world.follow(phone, str(wish.get("scene", "")), str(wish.get("ticket", "")))
    return phone.record()


def unfollow(world: World, wish: Wish) -> dict[str, Any]:
    """Let a person leave; the event is pushed."""
    phone = world.phones.get(wish["openid"])
    world.unfollow(phone)
    return phone.record()


def write_text(world: World, wish: Wish) -> dict[str, Any]:
    """Let a person write to the account."""
    world.write_text(world.phones.get(wish["openid"]).openid, str(wish["text"]))
    return {}


def click(world: World, wish: Wish) -> dict[str, Any]:
    """Let a person press a click button with this key."""
    openid = world.phones.get(wish["openid"]).openid
    world.push_event(openid, "CLICK", EventKey=str(wish["key"]))
    return {}


def mini_code(world: World, wish: Wish) -> dict[str, Any]:
    """Return a code of a phone for the mini program: of its owner, or of the button's number."""
    phone = world.phones.get(wish["openid"])
    number = plain_number(str(wish.get("number") or phone.number))
    return {"code": world.mini_codes.give(str(wish["kind"]), phone.openid, world.now(), number)}


def add_template(world: World, wish: Wish) -> dict[str, Any]:
    """Give the account a template of any content; its id comes from the title unless given."""
    title = str(wish["title"])
    template_id = str(wish.get("template_id") or template_id_of(world.config.app_id, title))
    made = Template(template_id, title, str(wish["content"]), str(wish.get("example", "")))
    world.templates.add(made)
    world.keep("template", asdict(made))
    return asdict(made)


def mini_template(world: World, wish: Wish) -> dict[str, Any]:
    """Give the mini program a template of any content, or take one away that is `gone`."""
    templates, template_id = world.subscriptions.templates, str(wish["template_id"])
    if wish.get("gone"):
        templates.remove(template_id)
    else:
        templates.add(Template(template_id, str(wish["title"]), str(wish["content"]), ""))
    return {"templates": list(templates.by_id)}


def allow_notices(world: World, wish: Wish) -> dict[str, Any]:
    """Let a person allow one-time notices of a template, some more `times`."""
    openid, template_id = world.phones.get(wish["openid"]).openid, str(wish["template_id"])
    return {"allowed": world.subscriptions.allow(openid, template_id, int(wish.get("times", 1)))}
