"""A storm of pushes, signed and sealed as WeChat's are, from many connections at a steady rate."""

import threading
import time
from collections import Counter
from itertools import count

import requests
from sqlalchemy import func, select

from faults.house import House
from notifier.ledger.tables import StoredPush
from sandbox.callbacks import Push, sealed
from sandbox.config import Config

CONNECTIONS = 24
PATIENCE_SECONDS = 5  # so long WeChat waits, three times
TRIES = 3
NAME = "ostorm"
FIRST_NUMBER = 9_000_000_000


class Storm:
    """Receipts of messages that nobody sent, each another one."""

    def __init__(self, house: House, pushes: int) -> None:
        """Seal them beforehand: only the pushing is to take time."""
        self.answers: Counter[str] = Counter()
        self._house = house
        config, now = Config(), time.time()
        made = [_push(config, number) for number in range(pushes)]
        self._sealed = [sealed(config, each, now) for each in made]
        self._threads: list[threading.Thread] = []

    def begin(self, rate: float) -> None:
        """Begin to push so many a second."""
        turns, begun = count(), time.monotonic()
        self._threads = [
            threading.Thread(target=self._push_on, args=(turns, begun, rate))
            for _ in range(CONNECTIONS)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def busy(self) -> bool:
        """Say whether some are still to be pushed."""
        return any(thread.is_alive() for thread in self._threads)

    def kept(self) -> int:
        """Return how many of them are in the inbox."""
        with self._house.resources.readers.begin() as session:
            mine = StoredPush.openid.startswith(NAME)
            return session.scalar(select(func.count()).where(mine)) or 0

    def _push_on(self, turns: "count[int]", begun: float, rate: float) -> None:
        with requests.Session() as connection:
            while (turn := next(turns)) < len(self._sealed):
                time.sleep(max(0.0, begun + turn / rate - time.monotonic()))
                self.answers[self._answer(connection, turn)] += 1

    def _answer(self, connection: requests.Session, turn: int) -> str:
        """Push as WeChat does: three times at most."""
        address = f"{self._house.settings.public_url}/wechat/callback"
        query, body = self._sealed[turn]
        for _ in range(TRIES):
            try:
                said = connection.post(
                    address, body.encode(), params=query, timeout=PATIENCE_SECONDS
                )
            except requests.RequestException:
                continue
            if said.ok:
                return said.text
        return "none"


def _push(config: Config, number: int) -> Push:
    return Push(
        f"{NAME}{number}",
        {
            "ToUserName": config.account_id,
            "FromUserName": f"{NAME}{number}",
            "CreateTime": int(time.time()),
            "MsgType": "event",
            "Event": "TEMPLATESENDJOBFINISH",
            "MsgID": FIRST_NUMBER + number,
            "Status": "success",
        },
    )
