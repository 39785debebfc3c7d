"""What a phone's chat shows: cards, bubbles and tips in the order of time."""

import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.chats import Bubble, Sms
from sandbox.doors.mini_address import mini_address
from sandbox.doors.rendering import moment
from sandbox.messages import Message
from sandbox.phones import Phone
from sandbox.world import World

Button = dict[str, Any]
SHOWN = 60
# A new time is written when this much has passed since the line before.
TIME_GAP = 300
BANNER_LIFE = 300
FIELD = re.compile(r"^(.*?)[:：]\s*\{\{(\w+)\.DATA\}\}", re.MULTILINE)
LINK = re.compile(r'<a\s[^>]*?href="(https?://[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in the chat; `time` is set where WeChat would write it above."""

    kind: str
    time: str
    title: str = ""
    rows: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    parts: list[tuple[str, str]] = field(default_factory=list)


def chat_lines(world: World, phone: Phone) -> list[Line]:
    """Return the newest lines of the chat, oldest first."""
    seen = [one for one in world.messages.of(phone.openid)[-SHOWN:] if one.seen]
    entries: list[Message | Bubble] = [*seen, *world.chats.of(phone.openid)[-SHOWN:]]
    entries.sort(key=lambda entry: entry.at)
    lines, before = [], 0.0
    for entry in entries[-SHOWN:]:
        time = moment(entry.at, world.now()) if entry.at - before > TIME_GAP else ""
        lines.append(
            _card(world, entry, time) if isinstance(entry, Message) else _text(entry, time)
        )
        before = entry.at
    return lines


def _card(world: World, message: Message, time: str) -> Line:
    template = world.templates.by_id.get(message.template_id)
    labels = FIELD.findall(template.content) if template else []
    rows = [(label.strip(), message.data[key]) for label, key in labels if key in message.data]
    title = template.title if template else "服务通知"
    mini = message.mini_path if world.config.mini_url else ""
    url = mini_address(message.openid, mini) if mini else message.url
    return Line("card", time, title, rows or [("", text) for text in message.data.values()], url)


def _text(bubble: Bubble, time: str) -> Line:
    return Line(bubble.side, time, parts=linked(bubble.text))


def linked(text: str) -> list[tuple[str, str]]:
    """Split a text into (words, address) pairs, since accounts may write links into it."""
    parts, place = [], 0
    for link in LINK.finditer(text):
        parts += [(text[place : link.start()], ""), (link[2], link[1])]
        place = link.end()
    return [part for part in [*parts, (text[place:], "")] if part[0]]


def banner(world: World, phone: Phone) -> Sms | None:
    """Return the newest short message while it would still lie on the screen."""
    received = world.sms.of(phone.number) if phone.number else []
    fresh = received and world.now() - received[-1].at < BANNER_LIFE
    return received[-1] if fresh else None


def menu_buttons(world: World, phone: Phone) -> list[Button]:
    """Return the menu this person sees, each pressable button with its place: `0`, or `0-2`."""
    buttons: list[Button] = []
    for number, button in enumerate(world.menus.seen_by(phone).get("button", [])):
        subs = [
            {**sub, "place": f"{number}-{place}"}
            for place, sub in enumerate(button.get("sub_button") or [])
        ]
        buttons.append({**button, "place": str(number), "subs": subs})
    return buttons


def button_at(world: World, phone: Phone, place: str) -> Button | None:
    """Return the pressable button at a place, if there is one."""
    for button in menu_buttons(world, phone):
        pressable: list[Button] = [*button["subs"], button]
        for one in pressable:
            if one["place"] == place:
                return one
    return None
