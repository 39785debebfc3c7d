"""Every message the platform took: who got it, and the window in which a repeat is recognised."""

from collections import Counter, deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sandbox.journal import Journal

SUCCESS = "success"
# Message numbers of the platform are beyond what a double holds exactly.
FIRST_MSGID = 3_717_005_636_572_528_642
MSGID_STEP = 131_072
LOOKED_BACK = 1_000
"""How many of the last messages are asked who got them."""


@dataclass(frozen=True, slots=True)
class Message:
    """One accepted template message; `status` is what its receipt tells, `at` is in seconds."""

    seq: int
    msgid: int
    openid: str
    template_id: str
    data: dict[str, str]
    url: str
    client_msg_id: str
    at: float
    status: str = SUCCESS
    mini_path: str = ""
    """The mini program's page that it opens, on phones that have one; else the url."""

    @property
    def seen(self) -> bool:
        """Say whether the person can see it."""
        return self.status == SUCCESS

    def record(self) -> dict[str, Any]:
        """Return the message as a JSON object."""
        return asdict(self)


class Messages:
    """The ground truth: `messages.jsonl` has what people see, `unseen.jsonl` the rest accepted."""

    def __init__(self, folder: Path | None, *, fsync: bool) -> None:
        self._seen = Journal(folder and folder / "messages.jsonl", fsync=fsync)
        self._unseen = Journal(folder and folder / "unseen.jsonl", fsync=fsync)
        self.all: list[Message] = []
        self._of: dict[str, list[Message]] = {}
        self.accepted: Counter[tuple[str, str]] = Counter()
        self.calls: Counter[tuple[str, str]] = Counter()
        self._window: dict[tuple[str, str], tuple[int, float]] = {}
        self._window_order: deque[tuple[float, tuple[str, str]]] = deque()
        self._next_msgid = FIRST_MSGID

    def replay(self) -> None:
        """Read both files back, in the order the messages were taken."""
        records = [*self._seen.replay(), *self._unseen.replay()]
        for record in sorted(records, key=lambda one: int(one["msgid"])):
            self._index(Message(**{**record, "seq": len(self.all) + 1}))

    def accept(
        self, openid: str, template_id: str, content: dict[str, Any], at: float, status: str
    ) -> Message:
        """Take one message and write it down before anybody is told."""
        message = Message(
            seq=len(self.all) + 1,
            msgid=self._next_msgid,
            openid=openid,
            template_id=template_id,
            at=at,
            status=status,
            **content,
        )
        (self._seen if message.seen else self._unseen).append(message.record())
        self._index(message)
        return message

    def repeated(self, openid: str, client_msg_id: str, at: float, window: float) -> int | None:
        """Return the msgid of the same message inside the window (seconds), or None."""
        self._forget(at - window)
        known = self._window.get((openid, client_msg_id)) if client_msg_id else None
        return known[0] if known else None

    def of(self, openid: str) -> list[Message]:
        """Return the messages accepted for one person, oldest first."""
        return self._of.get(openid, [])

    def newest_receivers(self, most: int) -> list[str]:
        """Return the openids of who got a message last, each once, `most` of them."""
        latest = reversed(self.all[-LOOKED_BACK:])
        return list(dict.fromkeys(one.openid for one in latest if one.seen))[:most]

    def next_msgid(self) -> int:
        """Return a fresh message number, for an answer that has no message behind it."""
        self._next_msgid += MSGID_STEP
        return self._next_msgid - MSGID_STEP

    def close(self) -> None:
        """Let go of the files."""
        self._seen.close()
        self._unseen.close()

    def _index(self, message: Message) -> None:
        self.all.append(message)
        self._of.setdefault(message.openid, []).append(message)
        self.accepted[message.template_id, message.openid] += 1
        self._next_msgid = max(self._next_msgid, message.msgid + MSGID_STEP)
        if message.client_msg_id:
            key = (message.openid, message.client_msg_id)
            self._window[key] = (message.msgid, message.at)
            self._window_order.append((message.at, key))

    def _forget(self, before: float) -> None:
        while self._window_order and self._window_order[0][0] <= before:
            at, key = self._window_order.popleft()
            if self._window.get(key, (0, at))[1] == at:
                self._window.pop(key, None)
