"""The other side: WeChat, which takes calls, recognises repeats and reports; and the way to it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count

from notifier.delivery.cards import Ready
from notifier.delivery.http_sender import TOTAL_MS, Reply
from registry.base.clock import Seconds
from simulation.scheduler import Scheduler

MEMORY_SECONDS = 600.0
OK = 200


class Answer(StrEnum):
    """What becomes of a call."""

    TAKEN = "taken"
    TAKEN_UNHEARD = "taken, the answer lost"
    UNHEARD = "not taken, the refusal lost"
    TAKEN_SLOWLY = "taken, the answer lost after ten seconds"
    NEVER_LEFT = "never left"
    BUSY_TAKEN = "taken, called busy"
    BUSY = "not taken, called busy"
    REFUSED = "refused by the person"
    HELD_BACK = "taken, and not shown"


_TAKEN = frozenset(
    {
        *(Answer.TAKEN, Answer.TAKEN_UNHEARD, Answer.TAKEN_SLOWLY, Answer.BUSY_TAKEN),
        Answer.HELD_BACK,
    }
)


class ReceiptWay(StrEnum):
    """How a receipt comes."""

    SOON = "soon"
    EARLY = "before the answer"
    LATE = "minutes later"
    TWICE = "twice"
    NEVER = "never"
    ZERO = "without a number"


@dataclass(frozen=True)
class Call:
    """A call that reached WeChat."""

    at: float
    message: int
    campaign: int | None
    taken: bool


@dataclass(frozen=True)
class Receipt:
    """What WeChat pushes about a message."""

    openid: str
    msgid: int
    shown: bool
    at: float


@dataclass
class WeChat:
    """The account's platform; `seen` is the truth."""

    scheduler: Scheduler
    push: Callable[[Receipt, float], None]
    """Is told of each receipt, and after how many seconds it comes."""
    answers: dict[int, Answer] = field(default_factory=dict)
    """What becomes of the calls, by their number from 1; the others are taken."""
    ways: dict[int, ReceiptWay] = field(default_factory=dict)
    """How receipts come, by the number of the call."""
    calls: list[Call] = field(default_factory=list)
    seen: dict[int, list[float]] = field(default_factory=dict)
    """When each message of the ledger was shown to its person."""
    held_back: set[int] = field(default_factory=set)
    _known: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _msgids: "count[int]" = field(default_factory=lambda: count(1000))

    def call(self, ready: Ready) -> tuple[Answer, int]:
        """Take a call, or not; return what becomes of its answer, and the message's number."""
        number = next(self._numbers)
        answer = self.answers.get(number, Answer.TAKEN)
        sent = json.loads(ready.body)
        key, now = (sent["touser"], sent["client_msg_id"]), self.scheduler.now
        taken = answer in _TAKEN
        self.calls.append(Call(now, ready.message.id, ready.message.campaign_id, taken))
        if not taken:
            return answer, 0
        at, msgid = self._known.get(key, (now - MEMORY_SECONDS, 0))
        if now - at < MEMORY_SECONDS:
            return answer, msgid
        msgid = next(self._msgids)
        self._known[key] = now, msgid
        shown = answer is not Answer.HELD_BACK
        if shown:
            self.seen.setdefault(ready.message.id, []).append(now)
        else:
            self.held_back.add(ready.message.id)
        self._report(Receipt(key[0], msgid, shown, now), self.ways.get(number, ReceiptWay.SOON))
        return answer, msgid

    def _report(self, receipt: Receipt, way: ReceiptWay) -> None:
        if way is ReceiptWay.NEVER:
            return
        if way is ReceiptWay.ZERO:
            receipt = Receipt(receipt.openid, 0, receipt.shown, receipt.at)
        delay = {ReceiptWay.EARLY: 0.001, ReceiptWay.LATE: 400.0}.get(way, 1.0)
        self.push(receipt, delay)
        if way is ReceiptWay.TWICE:
            self.push(receipt, delay + 3.0)


class Sender:
    """Stands for the HTTP sender of one process."""

    def __init__(self, connections: int, elapsed: Seconds, wechat: WeChat) -> None:
        """Open so many connections; `elapsed` counts suspension."""
        self._elapsed = elapsed
        self._connections = connections
        self._wechat = wechat
        self._scheduler = wechat.scheduler
        self._coming: list[tuple[float, Reply[Ready]]] = []
        self._begun: list[tuple[Ready, float]] = []

    @property
    def free(self) -> int:
        """Return how many more calls may be started."""
        return self._connections - self.in_flight

    @property
    def in_flight(self) -> int:
        """Return how many calls have not ended."""
        return len(self._coming) + len(self._begun)

    def send(self, tag: Ready, _url: str, _body: bytes, *, latest: float) -> None:
        """Begin a call: it is on its way by the next `poll`, if that is not later than `latest`."""
        self._begun.append((tag, latest))

    def poll(self, seconds: float) -> list[Reply[Ready]]:
        """Put on its way what was begun, wait a while; return the answers that came."""
        self._scheduler.pause(0.0002)
        begun, self._begun = self._begun, []
        self._coming += [self._made(tag, latest) for tag, latest in begun]
        self._scheduler.pause(max(seconds, 0.001))
        now = self._scheduler.now
        came = [reply for at, reply in self._coming if at <= now]
        self._coming = [each for each in self._coming if each[0] > now]
        return came

    def _made(self, tag: Ready, latest: float) -> tuple[float, Reply[Ready]]:
        now = self._scheduler.now
        if self._elapsed() > latest:
            return now, _reply(tag, Answer.NEVER_LEFT, 0)
        answer, msgid = self._wechat.call(tag)
        slow = answer in {Answer.TAKEN_SLOWLY, Answer.UNHEARD}
        after = TOTAL_MS / 1000 if slow else self._scheduler.random.uniform(0.02, 0.3)
        return now + after, _reply(tag, answer, msgid)

    def close(self) -> None:
        """Hear nothing more."""
        self._coming.clear()


_BODIES = {
    Answer.BUSY: {"errcode": -1, "errmsg": "system error"},
    Answer.BUSY_TAKEN: {"errcode": -1, "errmsg": "system error"},
    Answer.REFUSED: {"errcode": 43101, "errmsg": "user refuse to accept the msg"},
}
_UNHEARD = frozenset({Answer.TAKEN_UNHEARD, Answer.TAKEN_SLOWLY, Answer.UNHEARD})


def _reply(tag: Ready, answer: Answer, msgid: int) -> Reply[Ready]:
    if answer is Answer.NEVER_LEFT:
        return Reply(tag, left=False, status=0, body=b"")
    if answer in _UNHEARD:
        return Reply(tag, left=True, status=0, body=b"")
    content = _BODIES.get(answer, {"errcode": 0, "errmsg": "ok", "msgid": msgid})
    return Reply(tag, left=True, status=OK, body=json.dumps(content).encode())
