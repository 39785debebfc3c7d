"""What WeChat pushes: proven, opened, and read into an event. Knows no web framework.

The plain signature covers only token, timestamp and nonce: one captured line of a log would let
anybody post any event for ever. So the body is believed only where `msg_signature` covers its
ciphertext (safe mode); plain bodies are for test accounts and only by setting.
"""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.replies import TextReply

from notifier.wechat.xml import BadXml, read_elements
from runtime.settings import Settings

AES_KEY_BYTES = 32
BODY_LIMIT = 64 * 1024
WINDOW_SECONDS = 600
"""How far the timestamp of a push may lie from our clock."""

Mode = Literal["safe", "compatible", "plain"]
_NUMBER = re.compile(r"[0-9]{1,19}")
_OPENID = re.compile(r"[\w-]{1,64}", re.ASCII)
_LATEST = 4_102_444_800
"""2100-01-01: a later moment is no moment of WeChat's."""
_KEPT = ("EventKey", "OpenID", "RevokeInfo")
"""Elements worth keeping. What people write to the account is not: it may be personal."""
_KEPT_LENGTH = 1024


class Unsigned(Exception):
    """Not proven to be WeChat's: answer 403."""


class Rubbish(Exception):
    """WeChat's by its signature, but nothing we can read: answer `success`, or it comes again.

    The text says what is wrong and holds nothing of the body.
    """


@dataclass(frozen=True)
class CallbackKeys:
    """What pushes are proven and opened with; the current AES key first, then the previous."""

    app_id: str
    token: str = field(repr=False)
    aes_keys: tuple[bytes, ...] = field(repr=False)
    mode: Mode = "safe"

    def __post_init__(self) -> None:
        """Refuse an empty token, whose signature everybody knows, and keys that are none."""
        if not self.token or any(len(key) != AES_KEY_BYTES for key in self.aes_keys):
            raise ValueError("a callback needs a token, and AES keys of 32 bytes")


@dataclass(frozen=True)
class CallbackEvent:
    """One event or message of a person, as it is stored."""

    dedup_key: str
    event: str
    openid: str
    wx_msgid: int | None
    status: str
    content: dict[str, str]
    happened_at: datetime


@dataclass(frozen=True)
class OpenedPush:
    """An event with what an answer to it needs. Only the event is ever stored."""

    event: CallbackEvent
    said: str = field(repr=False)
    """What a person wrote, or the key of the button that was pressed; "" for neither."""
    account: str
    """The account it was pushed for, as WeChat names it."""
    key: bytes | None = field(repr=False)
    """The AES key that opened it and seals the answer; None where nothing was sealed."""


def keys_of(settings: Settings) -> CallbackKeys:
    """Return the keys the settings name; raises ValueError for an AES key that is not base64."""
    previous = settings.wechat_aes_key_previous
    keys = [settings.wechat_aes_key, *([previous] if previous else [])]
    return CallbackKeys(
        settings.wechat_app_id,
        settings.wechat_token.get_secret_value(),
        tuple(base64.b64decode(key.get_secret_value() + "=") for key in keys),
        settings.wechat_callback_mode,
    )


def read_echo(keys: CallbackKeys, query: Mapping[str, str], at: datetime) -> str:
    """Return what WeChat wants to hear when its console saves the address; raises Unsigned."""
    _check_signature(keys, query, "signature", at)
    return query.get("echostr", "")


def read_push(
    keys: CallbackKeys, query: Mapping[str, str], body: bytes, at: datetime
) -> CallbackEvent:
    """Return the event of a push; raises Unsigned or Rubbish."""
    return open_push(keys, query, body, at).event


def open_push(
    keys: CallbackKeys, query: Mapping[str, str], body: bytes, at: datetime
) -> OpenedPush:
    """Return a push with what an answer to it needs; raises Unsigned or Rubbish."""
    if query.get("encrypt_type") == "aes":
        found, key = _open_sealed(keys, query, body, at)
    elif keys.mode == "safe":
        raise Unsigned("not encrypted")
    else:
        _check_signature(keys, query, "signature", at)
        found, key = _elements(body), None
    said = found.get("Content", "") if found.get("MsgType") == "text" else found.get("EventKey", "")
    return OpenedPush(_event(found), said, found.get("ToUserName", ""), key)


def write_reply(keys: CallbackKeys, push: OpenedPush, text: str, nonce: str, at: datetime) -> str:
    """Return the document that says a text to whom a push is of, sealed as the push was."""
    when = int(at.timestamp())
    reply = TextReply(
        source=push.account, target=push.event.openid, content=text, time=when
    ).render()
    if push.key is None:
        return str(reply)
    encoded = base64.b64encode(push.key).decode().rstrip("=")
    crypto = WeChatCrypto(keys.token, encoded, keys.app_id)
    return str(crypto.encrypt_message(reply, nonce, str(when)))


def _open_sealed(
    keys: CallbackKeys, query: Mapping[str, str], body: bytes, at: datetime
) -> tuple[dict[str, str], bytes]:
    try:
        outer = read_elements(body)
    except BadXml as error:
        raise Unsigned(str(error)) from None
    sealed = outer.get("Encrypt", "")
    _check_signature(keys, query, "msg_signature", at, sealed)
    opened, key = _decrypt(keys, sealed)
    inner = _elements(opened)
    if inner.get("ToUserName") != outer.get("ToUserName"):
        raise Rubbish("the envelope names another account")
    return inner, key


def _check_signature(
    keys: CallbackKeys, query: Mapping[str, str], name: str, at: datetime, *covered: str
) -> None:
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    wanted = signature(keys.token, timestamp, nonce, *covered)
    if not hmac.compare_digest(wanted.encode(), _bytes(query.get(name, ""))):
        raise Unsigned("the signature is wrong")
    is_number = _NUMBER.fullmatch(timestamp) is not None
    if not is_number or abs(at.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise Unsigned("the timestamp is not of now")


def signature(*parts: str) -> str:
    """Return WeChat's signature: SHA-1 (hex) of the parts in the order of their bytes."""
    joined = b"".join(sorted(_bytes(part) for part in parts))
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")


def _decrypt(keys: CallbackKeys, sealed: str) -> tuple[bytes, bytes]:
    for key in keys.aes_keys:
        try:
            text: str = PrpCrypto(key).decrypt(sealed, keys.app_id)
        except (ValueError, IndexError, struct.error, WeChatException):
            continue  # the key before it, during a change, or not for us
        return text.encode(), key
    raise Rubbish("no key opens it for this account")


def _elements(document: bytes) -> dict[str, str]:
    try:
        return read_elements(document)
    except BadXml as error:
        raise Rubbish(str(error)) from None


def _event(found: Mapping[str, str]) -> CallbackEvent:
    openid, created = found.get("FromUserName", ""), found.get("CreateTime", "")
    if not _OPENID.fullmatch(openid):
        raise Rubbish("no openid")
    if not _NUMBER.fullmatch(created) or int(created) > _LATEST:
        raise Rubbish("no moment")
    return CallbackEvent(
        dedup_key=_dedup_key(found),
        event=_name(found),
        openid=openid,
        wx_msgid=_msgid(found),
        status=found.get("Status", "")[:80],
        content={name: found[name][:_KEPT_LENGTH] for name in _KEPT if found.get(name)},
        happened_at=datetime.fromtimestamp(int(created), UTC),
    )


def _name(found: Mapping[str, str]) -> str:
    """Return the event's name, or `message:` and the type of what a person wrote."""
    kind = found.get("MsgType", "")
    if not kind:
        raise Rubbish("no type")
    name = found.get("Event", "") if kind == "event" else f"message:{kind}"
    return name[:40]


def _msgid(found: Mapping[str, str]) -> int | None:
    text = found.get("MsgID") or found.get("MsgId") or ""
    if not _NUMBER.fullmatch(text) or int(text) >= 2**63:
        return None
    return int(text)


def _dedup_key(found: Mapping[str, str]) -> str:
    """Return what two pushes of one event have in common: a message's id, or all that is in them.

    Privacy events come from one sender: of two people in one second only an element tells.
    """
    if found.get("MsgId"):
        joined = "\0".join((found.get("FromUserName", ""), found["MsgId"]))
    else:
        joined = "\0".join(f"{name}\0{value}" for name, value in sorted(found.items()))
    return hashlib.sha256(joined.encode()).hexdigest()
