"""The calls we make to WeChat, typed. Every failure is a GatewayError (notifier.wechat.errors)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis import Redis

from notifier.ledger import outcomes
from notifier.wechat.client import Client
from notifier.wechat.errors import CodeInvalid, CodeUsed, Refused, Unavailable
from notifier.wechat.reading import number_of
from notifier.wechat.token_call import account_of
from registry.base.clock import Clock
from runtime.settings import Settings

USERS_AT_ONCE = 100
BLOCKED_AT_ONCE = 100
LONGEST_ADDRESS = 300
"""Of what a scene code says."""
_CODE = re.compile(r"[\w-]{1,128}", re.ASCII)
_OPENID = re.compile(r"[\w-]{1,64}", re.ASCII)
_CODE_REFUSALS = {40163: CodeUsed, 40029: CodeInvalid, 42003: CodeInvalid}
_NO_MENU = 46003
_LEAST_SHARE = 0.99
"""Of the followers WeChat counts, how many a complete list must have: people come and go."""


@dataclass(frozen=True)
class Visitor:
    """Who came back from WeChat's authorization."""

    openid: str
    snapshot: bool
    """A virtual account of a snapshot page: never to be signed in or bound."""


@dataclass(frozen=True)
class RawTemplate:
    """A template as the account has it; `content` holds labels and `{{thing1.DATA}}` keys."""

    template_id: str
    title: str
    content: str


@dataclass(frozen=True)
class UserInfo:
    """What WeChat says of an openid; nothing but `subscribed` for who does not follow."""

    openid: str
    subscribed: bool
    unionid: str = ""
    """What a follower is in all accounts of one open platform; empty where there is none."""


@dataclass(frozen=True)
class Blocked:
    """A message that WeChat took and then held back."""

    openid: str
    sent_at: datetime


@dataclass(frozen=True)
class SceneCode:
    """A code that leads to the account and tells it the scene."""

    address: str
    """What the code says."""
    seconds: int
    """How long WeChat takes it for good."""


class Gateway:
    """Built once a process, after the fork; threads may share it."""

    def __init__(self, client: Client) -> None:
        """Take the client; nothing is asked yet."""
        self._client = client
        self.tokens = client.tokens
        self.app_id = str(client.appid)

    def exchange_code(self, code: str) -> Visitor:
        """Return whom an OAuth code stands for; it serves once, within five minutes.

        Raises CodeUsed, CodeInvalid, Unavailable, Refused.
        """
        refusal = Refused(outcomes.UNLISTED)
        if not _CODE.fullmatch(code):
            raise CodeInvalid(outcomes.UNLISTED, detail="not a code")
        try:
            return _visitor(
                self._client.call_without_token(
                    "/sns/oauth2/access_token",
                    {
                        "appid": self._client.appid,
                        "secret": self._client.secret,
                        "code": code,
                        "grant_type": "authorization_code",
                    },
                )
            )
        except Refused as error:
            kind = _CODE_REFUSALS.get(error.errcode or 0, Refused)
            refusal = kind(error.outcome, errcode=error.errcode, rid=error.rid)
        raise refusal

    def page_ticket(self) -> str:
        """Return the ticket that signs pages of ours for WeChat's script; raise a GatewayError."""
        return self._client.page_tickets.current()

    def scene_code(self, scene: str, seconds: int) -> SceneCode:
        """Return a temporary code of a scene (1 to 64 characters, at most 30 days); raise as above.

        Source: "Generating a Parametric QR Code" of the service account's documentation.
        """
        asked = {
            "expire_seconds": seconds,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": scene}},
        }
        answer: dict[str, Any] = self._client.post("qrcode/create", data=asked)
        address = answer.get("url")
        if not isinstance(address, str) or not 0 < len(address) <= LONGEST_ADDRESS:
            raise Unavailable(outcomes.BAD_ANSWER, detail="qrcode/create")
        return SceneCode(address, min(seconds, _number(answer, "expire_seconds")))

    def templates(self) -> list[RawTemplate]:
        """Return the account's private templates."""
        answer = self._client.template.get_all_private_template()
        return [_template(each) for each in listed(answer, "template_list")]

    def blocked_pages(self, template_id: str) -> Iterator[list[Blocked]]:
        """Yield the messages of a template that were held back, a page (up to 100) at a time.

        Source: queryBlockTmplMsg; `largest_id` is the largest of the page before, first 0.
        """
        largest = 0
        while True:
            asked = {"tmpl_msg_id": template_id, "largest_id": largest, "limit": BLOCKED_AT_ONCE}
            url = f"{self._client.host}/wxa/sec/queryblocktmplmsg"
            page = _blocked_of(self._client.post(url, data=asked))
            yield [each for _, each in page]
            before, largest = largest, max((number for number, _ in page), default=0)
            if len(page) < BLOCKED_AT_ONCE or largest <= before:
                return

    def menu_create(self, menu: dict[str, Any]) -> None:
        """Set the account's menu; clients show it within five minutes."""
        self._client.menu.create(menu)

    def menu_get(self) -> dict[str, Any] | None:
        """Return the account's menu, None where it has none."""
        try:
            menu: dict[str, Any] = self._client.get("menu/get")
        except Refused as error:
            if error.errcode != _NO_MENU:
                raise
            return None
        return menu

    def follower_pages(self) -> Iterator[list[str]]:
        """Yield the openids of all followers, a page (up to 10,000) at a time.

        Raises Unavailable when the list ends before the followers WeChat counts are through.
        """
        after, seen, total = "", 0, 0
        while True:
            answer = self._client.user.get_followers(after or None)
            total = max(total, _number(answer, "total"))
            page = _openids(answer)
            if not page or page[-1] == after:
                break
            seen, after = seen + len(page), page[-1]
            yield page
        if seen < total * _LEAST_SHARE:
            raise Unavailable(outcomes.BAD_ANSWER, detail=f"{seen} of {total} followers")

    def users(self, openids: Sequence[str]) -> list[UserInfo]:
        """Return what WeChat knows of up to 100 openids."""
        if len(openids) > USERS_AT_ONCE:
            raise ValueError(f"{len(openids)} openids, {USERS_AT_ONCE} are allowed")
        found = self._client.user.get_batch(list(openids))
        return [_user(each) for each in _rows(found, "user_info_list")]


def open_gateway(settings: Settings, redis: Redis, clock: Clock) -> Gateway:
    """Open the gateway: once a process, after the fork."""
    return Gateway(Client(settings, account_of(settings), redis, clock))


def _visitor(answer: dict[str, Any]) -> Visitor:
    return Visitor(openid_of(answer), str(answer.get("is_snapshotuser", 0)) == "1")


def _template(row: dict[str, Any]) -> RawTemplate:
    found = [row.get(name) for name in ("template_id", "title", "content")]
    if not all(isinstance(each, str) for each in found) or not found[0]:
        raise Unavailable(outcomes.BAD_ANSWER, detail="template_list")
    return RawTemplate(*map(str, found))


def _openids(answer: dict[str, Any]) -> list[str]:
    """Return a page of followers; the last page has no data, whatever that looks like."""
    data = answer.get("data") or {}
    found = data.get("openid") or [] if isinstance(data, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Unavailable(outcomes.BAD_ANSWER, detail="data")
    return found


def _user(row: dict[str, Any]) -> UserInfo:
    openid = row.get("openid")
    if not isinstance(openid, str):
        raise Unavailable(outcomes.BAD_ANSWER, detail="user_info_list")
    return UserInfo(openid, bool(number_of(row.get("subscribe"))), unionid_of(row))


def unionid_of(answer: dict[str, Any]) -> str:
    """Return the unionid of an answer; empty where there is none, or none that can be kept."""
    found = answer.get("unionid")
    return found if isinstance(found, str) and _OPENID.fullmatch(found) else ""


def openid_of(answer: dict[str, Any]) -> str:
    """Return the openid of an answer; raise Unavailable where there is none."""
    found = answer.get("openid")
    if not isinstance(found, str) or not _OPENID.fullmatch(found):
        raise Unavailable(outcomes.BAD_ANSWER, detail="no openid")
    return found


def _number(answer: dict[str, Any], name: str) -> int:
    found = number_of(answer.get(name))
    if found is None:
        raise Unavailable(outcomes.BAD_ANSWER, detail=f"no {name}")
    return found


def listed(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the rows of an answer; raise Unavailable where there are none to read."""
    return _rows(answer.get(name), name)


def _rows(found: object, name: str) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unavailable(outcomes.BAD_ANSWER, detail=f"no {name}")
    return found


def _blocked_of(answer: dict[str, Any]) -> list[tuple[int, Blocked]]:
    """Return the numbered messages of a page; the documentation shows one where a list comes."""
    found = answer.get("msginfo")
    rows = [found] if isinstance(found, dict) else listed(answer, "msginfo")
    try:
        return [(int(each["id"]), _blocked(each)) for each in rows]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise Unavailable(outcomes.BAD_ANSWER, detail="msginfo") from None


def _blocked(row: dict[str, Any]) -> Blocked:
    return Blocked(str(row["openid"]), datetime.fromtimestamp(int(row["send_timestamp"]), UTC))
