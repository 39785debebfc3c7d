"""Customer-service messages: what an account writes to a person who did something lately."""

from collections.abc import Callable
from typing import Any

from sandbox import chats
from sandbox.calls.answering import OK
from sandbox.calls.asked import Asked
from sandbox.errors import Refusal
from sandbox.world import World

MOST_ARTICLES = 1
MOST_TEXT = 2_048
"""Bytes."""
Content = dict[str, Any]


def send(world: World, asked: Asked) -> dict[str, Any]:
    """Write to a person, within what the person's acts allow; raise Refusal 45015 or 45047."""
    phone = world.phones.get(asked.body().get("touser"))
    kind = asked.body().get("msgtype")
    if not isinstance(kind, str) or kind not in SAID:
        raise Refusal(40008)
    said = SAID[kind](world, asked, asked.part(kind))
    if not phone.following:
        raise Refusal(45015)
    world.allowances.take(phone.openid, world.now())
    if not phone.blocked:
        world.say(phone.openid, chats.THEIRS, said)
    return OK


def show_typing(world: World, asked: Asked) -> dict[str, Any]:
    """Take a sign of typing, which this phone does not draw."""
    body = asked.body()
    phone = world.phones.get(body.get("touser"))
    if body.get("command") not in ("Typing", "CancelTyping"):
        raise Refusal(45072)
    world.allowances.check_typing(phone.openid, world.now())
    return OK


def _text(_world: World, _asked: Asked, content: Content) -> str:
    text = content.get("content")
    if not isinstance(text, str) or not text:
        raise Refusal(44004)
    if len(text.encode()) > MOST_TEXT:
        raise Refusal(45002)
    return text


def _file(words: str) -> Callable[[World, Asked, Content], str]:
    def said(world: World, asked: Asked, content: Content) -> str:
        world.media.get(content.get("media_id"), world.now())
        return _link(f"{asked.origin}/media/{content['media_id']}", words)

    return said


def _news(_world: World, _asked: Asked, content: Content) -> str:
    articles = content.get("articles")
    if not isinstance(articles, list) or len(articles) != MOST_ARTICLES:
        raise Refusal(45008)
    return _titled(articles[0])


def _titled(content: object) -> str:
    """Write a title that leads somewhere, and what is said below it."""
    if not isinstance(content, dict):
        raise Refusal(47001)
    title, url = str(content.get("title") or ""), str(content.get("url") or "")
    below = str(content.get("description") or "")
    return "\n".join(each for each in (_link(url, title) if url else title, below) if each)


def _menu(_world: World, _asked: Asked, content: Content) -> str:
    offered = content.get("list")
    if not isinstance(offered, list) or not all(isinstance(each, dict) for each in offered):
        raise Refusal(47001)
    lines = [content.get("head_content"), *(each.get("content") for each in offered)]
    return "\n".join(str(each) for each in [*lines, content.get("tail_content")] if each)


def _link(url: str, words: str) -> str:
    return f'<a href="{url}">{words}</a>'


SAID: dict[str, Callable[[World, Asked, Content], str]] = {
    "text": _text,
    "image": _file("图片"),
    "voice": _file("语音"),
    "video": _file("视频"),
    "music": lambda _world, _asked, content: _titled({**content, "url": content.get("musicurl")}),
    "news": _news,
    "link": lambda _world, _asked, content: _titled(content),
    "msgmenu": _menu,
    "miniprogrampage": lambda _world, _asked, content: _titled({"title": content.get("title")}),
}
"""What the phone shows of each kind of message."""
