"""Template messages: sending them, and the account's templates."""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from sandbox.account_templates import from_library
from sandbox.calls.answering import OK
from sandbox.calls.asked import Asked
from sandbox.calls.receipts import plan_receipt
from sandbox.errors import Refusal
from sandbox.fields import check_data
from sandbox.phones import Phone
from sandbox.world import World

MOST_CLIENT_ID = 32
MOST_URL = 1_024
MOST_BLOCKED = 100


def send(world: World, asked: Asked) -> dict[str, Any]:
    """Accept one template message or say why not; its receipt follows by a push."""
    body = asked.body()
    openid, template_id = str(body.get("touser", "")), str(body.get("template_id", ""))
    world.messages.calls[template_id, openid] += 1
    content = _checked(world, body)
    at = world.now()
    window = world.config.dedup_seconds
    first = world.messages.repeated(openid, content["client_msg_id"], at, window)
    if first is not None:
        same = world.config.repeat_answer == "same"
        return OK | {"msgid": first if same else world.messages.next_msgid()}
    world.quotas.check(openid, at, world.config)
    receipt = plan_receipt(world, asked, world.phones.get(openid))
    message = world.messages.accept(openid, template_id, content, at, receipt.status)
    world.quotas.count(openid, at)
    receipt.send(world, message, asked)
    if message.seen:
        world.live.tell(openid)
    return OK | {"msgid": message.msgid}


def _checked(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Return data, url and client_msg_id; raise the Refusal the platform would answer."""
    client_msg_id = str(body.get("client_msg_id") or "")
    if len(client_msg_id) > MOST_CLIENT_ID:
        raise Refusal(45067)
    if world.config.account_ban:
        raise Refusal(world.config.account_ban)
    template = world.templates.get(body.get("template_id"))
    phone = world.receiver(body.get("touser"))
    _check_relation(phone, template.template_id)
    url = str(body.get("url") or "")
    _check_url(world, url)
    data = check_data(template.content, body.get("data"))
    content = {"data": data, "url": url, "client_msg_id": client_msg_id}
    return content | {"mini_path": _mini_path(world, body.get("miniprogram"))}


def _mini_path(world: World, link: object) -> str:
    """Return the page of a link to the mini program, "" for none; raise Refusal 40013 or 40097."""
    if not link:
        return ""
    if not isinstance(link, dict) or not link.get("pagepath"):
        raise Refusal(40097)
    if link.get("appid") != world.config.mini_app_id:
        raise Refusal(40013)
    return str(link["pagepath"])


def _check_relation(phone: Phone, template_id: str) -> None:
    if not phone.following:
        raise Refusal(43004)
    if phone.blacklisted:
        raise Refusal(43019)
    if template_id in phone.refused:
        raise Refusal(43101)


def _check_url(world: World, url: str) -> None:
    if not url:
        return
    if len(url) > MOST_URL:
        raise Refusal(40039)
    parts = urlsplit(url)
    allowed = world.config.link_hosts
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refusal(40048)
    if allowed and parts.hostname not in allowed and parts.netloc not in allowed:
        raise Refusal(40048)


def templates(world: World, _asked: Asked) -> dict[str, Any]:
    """List the account's templates."""
    return {
        "template_list": [
            {
                "template_id": one.template_id,
                "title": one.title,
                "primary_industry": one.industry.partition("-")[0],
                "deputy_industry": one.industry.partition("-")[2],
                "content": one.content,
                "example": one.example,
            }
            for one in world.templates.by_id.values()
        ]
    }


def add_template(world: World, asked: Asked) -> dict[str, Any]:
    """Take a template from the library by its number, with the keywords that are named."""
    body = asked.body()
    number, keywords = str(body.get("template_id_short", "")), body.get("keyword_name_list")
    made = from_library(world.config.app_id, number, keywords)
    world.templates.add(made)
    world.keep("template", asdict(made))
    return OK | {"template_id": made.template_id}


def delete_template(world: World, asked: Asked) -> dict[str, Any]:
    """Delete a template."""
    template_id = str(asked.body().get("template_id", ""))
    world.templates.remove(template_id)
    world.keep("template_gone", {"template_id": template_id})
    return OK


def blocked_messages(world: World, asked: Asked) -> dict[str, Any]:
    """List the messages of a template that the platform took and did not deliver."""
    template_id, after = asked.body().get("tmpl_msg_id"), asked.number("largest_id", 0)
    limit = min(asked.number("limit", MOST_BLOCKED), MOST_BLOCKED)
    found = [
        {
            "id": one.seq,
            "tmpl_msg_id": template_id,
            "openid": one.openid,
            "send_timestamp": int(one.at),
        }
        for one in world.messages.all
        if one.template_id == template_id and not one.seen and one.seq > after
    ]
    return OK | {"msginfo": found[:limit]}
