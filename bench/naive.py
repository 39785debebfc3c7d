"""What most do: one RQ job a message, sent with wechatpy: what a campaign is held against."""

import time

from redis import Redis
from rq import Queue
from rq.worker import Worker
from wechatpy import WeChatClient
from wechatpy.session.memorystorage import MemoryStorage

COUNT = 60
_EVERYTHING = {f"thing{n}": {"value": "核对并确认毕业去向登记"} for n in range(4)}


def send_one(url: str, openid: str) -> None:
    """Send one message as a plain job does: a new process, a new client, a new connection."""
    client = WeChatClient("wx0123456789abcdef", "secret", session=MemoryStorage())
    client.API_BASE_URL = f"{url}/cgi-bin/"
    client.session.set("wx0123456789abcdef_access_token", "bench", 7200)
    client.expires_at = int(time.time()) + 7200
    client.message.send_template(openid, "template", _EVERYTHING, url="http://localhost/")


def naive_rate(redis_url: str, url: str) -> float:
    """Return the messages a second of one RQ worker with one job a message."""
    redis = Redis.from_url(redis_url)
    queue = Queue("naive", connection=redis)
    for number in range(COUNT):
        queue.enqueue(send_one, url, f"o{number}")
    begun = time.perf_counter()
    Worker([queue], connection=redis).work(burst=True, logging_level="ERROR")
    return COUNT / (time.perf_counter() - begun)
