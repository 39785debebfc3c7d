"""Everything the sandbox knows, and what can happen in it."""

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict
from random import Random
from typing import Any

from sandbox import chats, events
from sandbox.account_tags import AccountTags
from sandbox.account_templates import LIBRARY, Template, Templates, whole_entry
from sandbox.allowances import WROTE, Allowances
from sandbox.callbacks import Push, Pusher
from sandbox.chats import Bubble, Chats, Sms, SmsBox
from sandbox.clock import Clock, MovableClock
from sandbox.config import Config
from sandbox.face_checks import FaceCheck, FaceChecks
from sandbox.faults import Faults
from sandbox.journal import Journal, Record
from sandbox.live import Live
from sandbox.media import Media
from sandbox.menus import Menus
from sandbox.messages import Messages
from sandbox.mini_codes import MiniCodes
from sandbox.oauth_codes import Grants
from sandbox.phones import Phone, Phones, looks_real, plain_number
from sandbox.quotas import Quotas
from sandbox.subscriptions import Subscriptions
from sandbox.tokens import Tokens

log = logging.getLogger(__name__)

UNAVAILABLE = "该公众号提供的服务出现故障，请稍后再试"
CALLS_KEPT = 500


class World:
    """The platform's state: people, messages, tokens, templates, menu, and standing orders."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self.config = config
        self.now = MovableClock(clock)
        # Delays and jitter only, repeatable by the seed.
        self.random = Random(config.seed)  # noqa: S311 nothing secret comes from it
        self.phones = Phones()
        self.templates = Templates()
        self.tokens = Tokens()
        self.mini_tokens = Tokens()
        self.mini_codes = MiniCodes()
        # What the mini program keeps on each phone, by openid.
        self.mini_secrets: dict[str, str] = {}
        self.subscriptions = Subscriptions(config.mini_app_id)
        self.quotas = Quotas()
        self.grants = Grants()
        self.messages = Messages(config.data_dir, fsync=config.fsync)
        self.chats = Chats()
        self.sms = SmsBox()
        self.face_checks = FaceChecks()
        self.menus = Menus()
        self.tags = AccountTags()
        self.media = Media()
        self.allowances = Allowances()
        self.faults = Faults(config.seed)
        self.calls: deque[dict[str, Any]] = deque(maxlen=CALLS_KEPT)
        self.paths: Counter[str] = Counter()
        self.live = Live()
        self.pusher = Pusher(self)
        self._state = Journal(config.data_dir and config.data_dir / "state.jsonl")
        self._restore()

    def keep(self, kind: str, record: Record) -> None:
        """Write a change down, so that a restart finds it."""
        self._state.append({"kind": kind, **record})

    def close(self) -> None:
        """Let go of the files."""
        self._state.close()
        self.messages.close()

    # -- people ---------------------------------------------------------------------------------

    def save_phone(self, phone: Phone) -> Phone:
        """Add or change a phone."""
        self.phones.put(phone)
        self.keep("phone", phone.record())
        self.live.tell(phone.openid)
        return phone

    def receiver(self, openid: object) -> Phone:
        """Return the phone a message goes to, a stranger's too where the settings let them in."""
        stranger = isinstance(openid, str) and openid not in self.phones.by_openid
        if self.config.strangers and stranger and looks_real(str(openid)):
            self.save_phone(Phone(str(openid), followed_at=self.now()))
        return self.phones.get(openid)

    def follow(self, phone: Phone, scene: str = "", ticket: str = "") -> None:
        """Follow the account, or scan its code again when following already."""
        if phone.following:
            if scene:
                self.push_event(phone.openid, "SCAN", EventKey=scene, Ticket=ticket)
            return
        phone.following, phone.followed_at, phone.scene = True, self.now(), scene
        self.save_phone(phone)
        extra = {"EventKey": f"qrscene_{scene}", "Ticket": ticket} if scene else {"EventKey": ""}
        self.push_event(phone.openid, "subscribe", **extra)

    def unfollow(self, phone: Phone) -> None:
        """Stop following the account."""
        if not phone.following:
            return
        phone.following = False
        self.save_phone(phone)
        self.push_event(phone.openid, "unsubscribe", EventKey="")

    def write_text(self, openid: str, text: str) -> None:
        """Let the person write to the account."""
        self.allowances.grant(openid, WROTE, self.now())
        self.say(openid, chats.MINE, text)
        fields = events.text_message(
            self.config.account_id, openid, self.now(), text, self.messages.next_msgid()
        )
        self.pusher.push(Push(openid, fields, self._listener(openid)))

    def say(self, openid: str, side: str, text: str) -> None:
        """Put a line into the chat."""
        bubble = Bubble(openid, side, text, self.now())
        self.chats.add(bubble)
        self.keep("bubble", bubble.record())
        self.live.tell(openid)

    def take_sms(self, number: str, text: str, template_id: str, params: list[str]) -> Sms:
        """Let a short message arrive at its number, whether or not a phone has it."""
        number = plain_number(number)
        sms = Sms(len(self.sms.all) + 1, number, text, template_id, params, self.now())
        self.sms.add(sms)
        self.keep("sms", sms.record())
        phone = self.phones.with_number(number)
        if phone is not None:
            self.live.tell(phone.openid)
        return sms

    def save_face_check(self, check: FaceCheck) -> None:
        """Add or change a face check."""
        self.face_checks.put(check)
        self.keep("face", check.record())

    # -- events ---------------------------------------------------------------------------------

    def push_event(self, openid: str, name: str, **extra: str | int) -> None:
        """Push an event a person caused; the account may answer it with a text."""
        self.allowances.grant(openid, name, self.now())
        fields = events.event(self.config.account_id, openid, self.now(), name, **extra)
        # The answers to these two are not shown to anybody.
        listener = None if name in ("VIEW", "unsubscribe") else self._listener(openid)
        self.pusher.push(Push(openid, fields, listener))

    def _listener(self, openid: str) -> Callable[[str | None], None]:
        def hear(text: str | None) -> None:
            if text is None:
                self.say(openid, chats.TIP, UNAVAILABLE)
            elif text:
                self.say(openid, chats.THEIRS, text)

        return hear

    # -- surviving a restart ----------------------------------------------------------------------

    def _restore(self) -> None:
        self.messages.replay()
        today = self.now()
        for message in self.messages.all:
            self.quotas.count(message.openid, message.at)
        self.quotas.used_today(today)
        replayed = False
        for record in self._state.replay():
            replayed = True
            self._take_back(record.pop("kind"), record)
        if not replayed:
            for number in LIBRARY:
                self.templates.add(whole_entry(self.config.app_id, number))
        self._state.rewrite(self._snapshot())

    def _take_back(self, kind: str, record: Record) -> None:
        takers: dict[str, Callable[[], object]] = {
            "phone": lambda: self.phones.put(Phone(**record)),
            "template": lambda: self.templates.add(Template(**record)),
            "template_gone": lambda: self.templates.by_id.pop(record["template_id"], None),
            "menu": lambda: self.menus.restore(record),
            "tags": lambda: self.tags.restore(record["names"]),
            "bubble": lambda: self.chats.add(Bubble(**record)),
            "sms": lambda: self.sms.add(Sms(**record)),
            "face": lambda: self.face_checks.put(FaceCheck(**record)),
            "tokens": lambda: self.tokens.restore(record["tokens"]),
        }
        takers[kind]()

    def _snapshot(self) -> Iterator[Record]:
        for template in self.templates.by_id.values():
            yield {"kind": "template", **asdict(template)}
        for phone in self.phones.by_openid.values():
            yield {"kind": "phone", **phone.record()}
        yield {"kind": "menu", **self.menus.record()}
        yield {"kind": "tags", "names": self.tags.record()}
        yield {"kind": "tokens", "tokens": self.tokens.record()}
        for lines in self.chats.by_openid.values():
            for bubble in lines:
                yield {"kind": "bubble", **bubble.record()}
        for sms in self.sms.all:
            yield {"kind": "sms", **sms.record()}
        for check in self.face_checks.by_token.values():
            yield {"kind": "face", **check.record()}
