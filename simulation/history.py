"""A history: what befalls the engine, drawn from a seed before it begins, so that it can shrink."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any

from simulation.database import BEGIN
from simulation.scheduler import Freeze
from simulation.wechat import Answer, ReceiptWay

HORIZON_SECONDS = 1800.0
"""Within which everything befalls it; then it is left in peace."""
FREEZES = (2.0, 12.0, 35.0, 500.0, 700.0)
AWAY_SECONDS = (1.0, 5.0, 30.0)
MOST_STEPS = 250


class Act(StrEnum):
    """What somebody does, or what befalls a whole server, at a moment."""

    PAUSE = "the school pauses the campaign"
    RESUME = "the school goes on with it"
    CANCEL = "the school cancels it"
    RETRY = "the school sends again what failed"
    UNBIND = "a graduate unbinds"
    REBIND = "a graduate binds another WeChat"
    HALT = "the operator pauses the account"
    GO_ON = "the operator resumes the account"
    DATABASE_AWAY = "the database cannot be reached"
    REDIS_AWAY = "Redis cannot be reached"
    REDIS_LOADING = "Redis is loading"
    CLOCK_FORWARD = "the database's clock jumps forward"
    BACKUP = "a backup is made"
    RESTORE = "the last backup is put in the database's place"


@dataclass(frozen=True)
class AtStep:
    """A process is killed or frozen at one of its steps."""

    process: str
    step: int
    freeze: Freeze | None


@dataclass(frozen=True)
class AtMoment:
    """Something happens at a moment."""

    at: float
    act: Act
    seconds: float = 0.0
    whom: int = 0


@dataclass(frozen=True)
class AtCall:
    """Something becomes of a call."""

    number: int
    answer: Answer


@dataclass(frozen=True)
class AtReceipt:
    """A receipt comes in another way than usual."""

    number: int
    way: ReceiptWay


@dataclass(frozen=True)
class AtCommit:
    """A commit is kept, and whoever made it does not hear so."""

    number: int


Incident = AtStep | AtMoment | AtCall | AtReceipt | AtCommit


@dataclass(frozen=True)
class History:
    """A seed, for the order of what happens at once, and what befalls the engine."""

    seed: int
    people: int
    prefers: str
    clockworks: int
    tick_seconds: float
    quota: int
    not_after: float | None
    server: bool
    """Whether the database ends silent transactions, as a server does."""
    incidents: tuple[Incident, ...]

    @property
    def last_moment(self) -> datetime | None:
        """Return after when nothing may be sent."""
        return None if self.not_after is None else BEGIN + timedelta(seconds=self.not_after)

    def without(self, *gone: Incident) -> "History":
        """Return the same one, spared some incidents."""
        return replace(self, incidents=tuple(each for each in self.incidents if each not in gone))

    def lines(self) -> Iterator[str]:
        """Yield it as people read it."""
        values = {k: v for k, v in vars(self).items() if k not in {"seed", "incidents"}}
        yield f"seed {self.seed}: " + ", ".join(f"{name} {value}" for name, value in values.items())
        for each in self.incidents:
            yield f"  {each}"


def drawn(seed: int) -> History:
    """Draw a history."""
    random = Random(seed)
    return History(
        seed=seed,
        people=random.randint(1, 4),
        prefers=random.choices(("no_duplicate", "delivery"), (5, 1))[0],
        clockworks=random.choice((1, 1, 2)),
        tick_seconds=random.choice((1.0, 5.0, 20.0)),
        quota=random.choice((1000, 1000, 1000, 6)),
        not_after=random.choice((None, None, None, 400.0)),
        server=random.random() < 0.7,
        incidents=tuple(_incidents(random)),
    )


def _incidents(random: Random) -> Iterator[Incident]:
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        yield _at_step(random)
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        answers = [each for each in Answer if each is not Answer.TAKEN]
        yield AtCall(random.randint(1, 8), random.choice(answers))
    for _ in range(random.choice((0, 0, 1, 2))):
        ways = [each for each in ReceiptWay if each is not ReceiptWay.SOON]
        yield AtReceipt(random.randint(1, 8), random.choice(ways))
    for _ in range(random.choice((0, 0, 1))):
        yield AtCommit(random.randint(1, 40))
    yield from _acts(random)


def _at_step(random: Random) -> AtStep:
    process = random.choice(("worker 1", "worker 1", "worker 2", "clockwork 1", "clockwork 2"))
    freeze = Freeze(random.choice(FREEZES), random.random() < 0.3)
    return AtStep(process, random.randint(1, MOST_STEPS), random.choice((None, freeze)))


_CLICKS = (Act.PAUSE, Act.CANCEL, Act.RETRY, Act.UNBIND, Act.REBIND, Act.HALT)
_TROUBLES = (Act.DATABASE_AWAY, Act.REDIS_AWAY, Act.REDIS_LOADING, Act.CLOCK_FORWARD)
_UNDONE_BY = {Act.PAUSE: Act.RESUME, Act.HALT: Act.GO_ON}


def _acts(random: Random) -> Iterator[AtMoment]:
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        at, act = _moment(random), random.choice(_CLICKS)
        yield AtMoment(at, act, whom=random.randint(0, 3))
        if act in _UNDONE_BY:
            yield AtMoment(at + random.choice((1.0, 60.0, 600.0)), _UNDONE_BY[act])
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        seconds: Any = random.choice(AWAY_SECONDS)
        act = random.choice(_TROUBLES)
        yield AtMoment(_moment(random), act, 900.0 if act is Act.CLOCK_FORWARD else seconds)
    if random.random() < 0.15:
        yield from _restore(random)


def _restore(random: Random) -> Iterator[AtMoment]:
    """Draw a backup, mostly one made before anything was called, and what people do after it."""
    made = random.choice((random.uniform(0.05, 0.5), _moment(random)))
    back = made + random.choice((6.0, 700.0))
    yield AtMoment(made, Act.BACKUP)
    yield AtMoment(back, Act.RESTORE)
    if random.random() < 0.5:
        act = random.choice((Act.CANCEL, Act.PAUSE, Act.REDIS_LOADING))
        yield AtMoment(back + random.uniform(0.0, 12.0), act, 5.0)


def _moment(random: Random) -> float:
    """Draw a moment: most of what is interesting is early, and follows closely on something."""
    return random.choice(
        (random.uniform(0.0, 3.0), random.uniform(0.0, 30.0), random.uniform(0, 900))
    )
