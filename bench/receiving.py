"""Receipts: the callback under a steady stream."""

import threading
import time
from dataclasses import dataclass
from xml.sax.saxutils import escape

import requests
import xmltodict
from sqlalchemy import text
from wechatpy.crypto import WeChatCrypto

from bench.world import World
from notifier.delivery.http_sender import HttpSender
from notifier.wechat import pushes as inbox
from registry.base.clock import utc_now
from runtime.settings import Settings

ACCOUNT = "gh_bench"
START_SECONDS = 180


@dataclass
class Received:
    """What a stream of receipts met."""

    offered: int
    refused: int
    p50: float
    p99: float
    """Seconds from the moment a receipt was due to be pushed to its answer."""
    rate: float


def _push(crypto: WeChatCrypto, number: int) -> tuple[str, bytes]:
    at = int(time.time())
    xml = (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>"
        f"<FromUserName><![CDATA[o{number}]]></FromUserName><CreateTime>{at}</CreateTime>"
        "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>"
        f"<MsgID>{number}</MsgID><Status><![CDATA[success]]></Status></xml>"
    )
    sealed = xmltodict.parse(crypto.encrypt_message(xml, f"n{number}", str(at)))["xml"]
    query = (
        f"signature=x&timestamp={at}&nonce=n{number}&encrypt_type=aes"
        f"&msg_signature={sealed['MsgSignature']}"
    )
    sealed_body = f"<Encrypt>{escape(sealed['Encrypt'])}</Encrypt>"
    return query, f"<xml><ToUserName>{ACCOUNT}</ToUserName>{sealed_body}</xml>".encode()


def wait_for(base: str) -> None:
    """Wait until the web answers."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            requests.get(f"{base}/healthz", timeout=1).raise_for_status()
        except requests.RequestException:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the web did not start")


def ask_pages(base: str, taken: list[float], done: threading.Event) -> None:
    """Ask for a page ten times a second until told that it is done."""
    with requests.Session() as session:
        while not done.wait(0.1):
            begun = time.perf_counter()
            session.get(f"{base}/login", timeout=30).raise_for_status()
            taken.append(time.perf_counter() - begun)


def accept_messages(world: World, count: int) -> None:
    """Write a campaign whose messages WeChat took, numbered as the receipts will be."""
    world.start_campaign(world.add_school("10001", count))
    with world.resources.engine.begin() as connection:
        first = connection.scalar(text("SELECT min(id) - 1 FROM message"))
        connection.execute(
            text(
                "UPDATE message SET state = 'accepted', tries = 1, wx_msgid = id - :first,"
                " openid = 'o' || (id - :first), accepted_at = :at, maybe_since = :at"
            ),
            {"first": first, "at": utc_now()},
        )


def take_in_rate(world: World) -> float:
    """Take in all that waits, in this process; return how many receipts a second that was."""
    begun = time.perf_counter()
    return inbox.take_in(world.resources) / (time.perf_counter() - begun)


def receive(settings: Settings, base: str, *, rate: float, count: int) -> Received:
    """Push `count` receipts at `rate` a second; return how they were answered."""
    crypto = WeChatCrypto(
        settings.wechat_token.get_secret_value(),
        settings.wechat_aes_key.get_secret_value(),
        settings.wechat_app_id,
    )
    pushes = [_push(crypto, number) for number in range(1, count + 1)]
    wire: HttpSender[float] = HttpSender(64)
    taken: list[float] = []
    refused, sent, begun = 0, 0, time.perf_counter()
    while len(taken) < count:
        now = time.perf_counter()
        while sent < count and wire.free and begun + sent / rate <= now:
            query, body = pushes[sent]
            wire.send(begun + sent / rate, f"{base}/wechat/callback?{query}", body)
            sent += 1
        for reply in wire.poll(0.002):
            taken.append(time.perf_counter() - reply.tag)
            refused += reply.body != b"success"
    wire.close()
    ordered = sorted(taken)
    elapsed = time.perf_counter() - begun
    return Received(
        offered=count,
        refused=refused,
        p50=ordered[count // 2],
        p99=ordered[int(count * 0.99)],
        rate=count / elapsed,
    )
