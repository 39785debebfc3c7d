"""Control's half that only reads: what was called, accepted, seen."""

from bisect import bisect_right
from operator import attrgetter
from typing import Any

from sandbox.world import World

Wish = dict[str, Any]
PAGE, MOST = 1_000, 10_000


def messages(world: World, wish: Wish) -> dict[str, Any]:
    """Return accepted messages after `since` (a seq), those seen unless `unseen=1` asks for all."""
    limit = min(int(wish.get("limit", PAGE)), MOST)
    source = world.messages.of(wish["openid"]) if "openid" in wish else world.messages.all
    start = bisect_right(source, int(wish.get("since", 0)), key=attrgetter("seq"))
    template_id, everything = wish.get("template_id"), wish.get("unseen") == "1"
    found: list[dict[str, Any]] = []
    for message in source[start:]:
        if len(found) == limit:
            break
        if (everything or message.seen) and template_id in (None, message.template_id):
            found.append(message.record())
    return {"messages": found, "next": found[-1]["seq"] if len(found) == limit else None}


def notices(world: World, wish: Wish) -> dict[str, Any]:
    """Return the one-time notices that people see, of one `openid` if given, oldest first."""
    openid = wish.get("openid")
    sent = world.subscriptions.sent
    return {"notices": [each.record() for each in sent if openid in (None, each.openid)]}


def counts(world: World, wish: Wish) -> dict[str, Any]:
    """Return totals, calls by path, and calls and accepted by template and person."""
    calls, accepted = world.messages.calls, world.messages.accepted
    template_id = wish.get("template_id")
    return {
        "totals": {
            "calls": sum(world.paths.values()),
            "sends": calls.total(),
            "accepted": len(world.messages.all),
            "seen": sum(message.seen for message in world.messages.all),
            "phones": len(world.phones.by_openid),
            "sms": len(world.sms.all),
            "numbers_billed": world.mini_codes.billed,
        },
        "paths": dict(world.paths),
        "pushes": {**world.pusher.counts, "pending": world.pusher.pending},
        "recipients": [
            {
                "template_id": key[0],
                "openid": key[1],
                "calls": calls[key],
                "accepted": accepted[key],
            }
            for key in calls.keys() | accepted.keys()
            if template_id in (None, key[0]) and wish.get("openid") in (None, key[1])
        ],
    }


def calls(world: World, _wish: Wish) -> dict[str, Any]:
    """Return the last few hundred calls, oldest first."""
    return {"calls": list(world.calls)}


def faults(world: World, _wish: Wish) -> dict[str, Any]:
    """Return the standing orders with how often each was followed."""
    return {"faults": [fault.record() for fault in world.faults.standing.values()]}


def settings(world: World, _wish: Wish) -> dict[str, Any]:
    """Return what can be changed."""
    return world.config.changeable()


def phones(world: World, wish: Wish) -> dict[str, Any]:
    """Return one phone by openid, or up to 60 that contain the words of `search`."""
    if "openid" in wish:
        return {"phones": [world.phones.get(wish["openid"]).record()]}
    return {"phones": [phone.record() for phone in world.phones.found(wish.get("search", ""))]}


def sms(world: World, wish: Wish) -> dict[str, Any]:
    """Return the short messages, of one number if `phone` says so, after `since` (a seq)."""
    since = int(wish.get("since", 0))
    number = wish.get("phone", "").removeprefix("+86")
    source = world.sms.of(number) if number else world.sms.all
    return {"sms": [one.record() for one in source if one.seq > since]}


def face_checks(world: World, _wish: Wish) -> dict[str, Any]:
    """Return the face checks, oldest first."""
    return {"checks": [one.record() for one in world.face_checks.by_token.values()]}
