"""Orders to misbehave: which calls they meet, how often, and in what way."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from random import Random
from typing import Any

from sandbox.fitting import fits


class Behaviour(StrEnum):
    """What goes wrong: with the answer to a call, or with the receipt of a message."""

    DELAY = "delay"
    HANG = "hang"
    ERRCODE = "errcode"
    STATUS = "status"
    HTML = "html"
    EMPTY = "empty"
    OBJECT = "object"
    ARRAY = "array"
    BODY = "body"
    TRUNCATED = "truncated"
    RESET = "reset"
    DROP = "drop"
    DRIP = "drip"
    OTHER_PERSON = "other_person"
    RECEIPT_LATE = "receipt_late"
    RECEIPT_TWICE = "receipt_twice"
    RECEIPT_NEVER = "receipt_never"
    RECEIPT_EARLY = "receipt_early"
    RECEIPT_SHUFFLED = "receipt_shuffled"
    RECEIPT_ZERO = "receipt_zero"
    RECEIPT_STATUS = "receipt_status"

    @property
    def of_receipt(self) -> bool:
        """Say whether it concerns the receipt."""
        return self.value.startswith("receipt_")


# These can only spoil an answer that exists: the call is carried out first.
NEEDS_ANSWER = frozenset(
    {Behaviour.DELAY, Behaviour.TRUNCATED, Behaviour.DRIP, Behaviour.OTHER_PERSON}
)


@dataclass(slots=True)
class Fault:
    """One order. `accept`: carry the call out, then misbehave; `times`: None is until cleared."""

    behaviour: Behaviour
    path: str = ""
    openid: str = ""
    times: int | None = None
    share: float = 1.0
    seconds: float = 1.0
    errcode: int = -1
    errmsg: str = ""
    status: int = 502
    accept: bool = False
    body: str = ""
    """What is answered, word by word; with `gzip` folded, though nobody asked for it."""
    gzip: bool = False
    receipt_status: str = "failed:system failed"
    id: int = 0
    hits: int = 0
    random: Random = field(default_factory=Random)

    @property
    def carries_out(self) -> bool:
        """Say whether the call has its effect although the answer is spoilt."""
        return self.accept or self.behaviour in NEEDS_ANSWER

    def meets(self, path: str, openid: str) -> bool:
        """Say whether this call is meant, drawing lots for the share."""
        if (self.path and self.path != path) or (self.openid and self.openid != openid):
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        return self.share >= 1 or self.random.random() < self.share

    def record(self) -> dict[str, Any]:
        """Return the order as a JSON object."""
        shown = asdict(self)
        del shown["random"]
        return shown


MODEL = Fault(Behaviour.DELAY)
LEAST = {"seconds": 0, "times": 0, "share": 0, "status": 200}
MOST = {"seconds": 86_400, "status": 599}


def _check(name: str, value: object) -> None:
    """Raise ValueError for what would break the calls that fall under the order."""
    model = 0 if name == "times" else getattr(MODEL, name, value)
    if value is None and name == "times":
        return
    if not fits(value, model) or not _is_within(name, value):
        raise ValueError(f"{name} cannot be {value!r}")


def _is_within(name: str, value: object) -> bool:
    if not isinstance(value, int | float):
        return True
    return LEAST.get(name, value) <= value <= MOST.get(name, value)


class Faults:
    """The standing orders, in the sequence they were given; the first that fits is followed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made = 0
        self.standing: dict[int, Fault] = {}
        self.by_openid = False

    def order(self, wish: dict[str, Any]) -> Fault:
        """Take an order; raise ValueError or TypeError when it makes no sense."""
        behaviour = Behaviour(wish.get("behaviour", ""))
        if {"id", "hits", "random"} & wish.keys():
            raise ValueError("id, hits and random are not for the caller to say")
        more = {name: value for name, value in wish.items() if name != "behaviour"}
        for name, value in more.items():
            _check(name, value)
        fault = Fault(behaviour, **more)
        self._made += 1
        fault.id = self._made
        fault.random = Random(f"{self._seed}:{fault.id}")  # noqa: S311 repeatable, not secret
        self.standing[fault.id] = fault
        self._look()
        return fault

    def clear(self, fault_id: int | None = None) -> list[Fault]:
        """Withdraw one order, or all; return them as they were followed to the end."""
        ended = [each for each in self.standing.values() if fault_id in {None, each.id}]
        if fault_id is None:
            self.standing.clear()
        else:
            self.standing.pop(fault_id, None)
        self._look()
        return ended

    def for_answer(self, path: str, openid: str) -> Fault | None:
        """Return the order this call's answer falls under, if any."""
        return self._take(path, openid, of_receipt=False)

    def for_receipt(self, path: str, openid: str) -> Fault | None:
        """Return the order this message's receipt falls under, if any."""
        return self._take(path, openid, of_receipt=True)

    def _take(self, path: str, openid: str, *, of_receipt: bool) -> Fault | None:
        for fault in self.standing.values():
            if fault.behaviour.of_receipt == of_receipt and fault.meets(path, openid):
                fault.hits += 1
                return fault
        return None

    def _look(self) -> None:
        self.by_openid = any(fault.openid for fault in self.standing.values())
