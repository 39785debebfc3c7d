"""The people: one phone each, with the relation its owner has to the account."""

import secrets
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from sandbox.errors import Refusal

SEARCH_LIMIT = 60
OPENID_LENGTH = 28
VIRTUAL = "oSNAPSHOT"


@dataclass(slots=True)
class Phone:
    """One person. `blocked`: takes no messages; `blacklisted`: the account shut this person out."""

    openid: str
    label: str = ""
    number: str = ""
    following: bool = True
    blocked: bool = False
    blacklisted: bool = False
    snapshot: bool = False
    high_risk: bool = False
    """Whether WeChat refuses to let the mini program sign in its owner."""
    refused: list[str] = field(default_factory=list)
    followed_at: float = 0
    scene: str = ""
    about: str = ""
    """Who its owner is, for whoever tries the account: what the account will ask for."""
    tags: list[str] = field(default_factory=list)
    """What this phone can show, such as 未绑定: the words it is chosen by."""
    account_tags: list[int] = field(default_factory=list)
    """The ids of the tags that the account put on its owner."""
    remark: str = ""
    """What the account calls its owner."""

    @property
    def virtual_openid(self) -> str:
        """The openid a snapshot page shows instead of the real one."""
        return VIRTUAL + self.openid[-19:].rjust(19, "0")

    def record(self) -> dict[str, Any]:
        """Return the phone as a JSON object."""
        return asdict(self)


def looks_real(openid: str) -> bool:
    """Say whether this could be somebody's openid, by its form."""
    real = openid.startswith("o") and not openid.startswith(VIRTUAL)
    return real and len(openid) == OPENID_LENGTH


def new_openid() -> str:
    """Make 28 characters that look like the platform's."""
    return "oQx" + secrets.token_hex(13)[:25]


def plain_number(number: str) -> str:
    """Return the number without blanks, hyphens and the country code of China."""
    return number.replace(" ", "").replace("-", "").removeprefix("+86")


class Phones:
    """Every phone by openid; nothing here looks through all of them while a message is sent."""

    def __init__(self) -> None:
        self.by_openid: dict[str, Phone] = {}
        self._by_number: dict[str, str] = {}

    def put(self, phone: Phone) -> None:
        """Add or replace a phone."""
        old = self.by_openid.get(phone.openid)
        if old is not None and self._by_number.get(old.number) == old.openid:
            del self._by_number[old.number]
        phone.number = plain_number(phone.number)
        self.by_openid[phone.openid] = phone
        if phone.number:
            self._by_number[phone.number] = phone.openid

    def get(self, openid: object) -> Phone:
        """Return the phone; raise Refusal 40003 when nobody has this openid."""
        phone = self.by_openid.get(openid) if isinstance(openid, str) else None
        if phone is None:
            raise Refusal(40003)
        return phone

    def with_number(self, number: str) -> Phone | None:
        """Return the phone with this number, if there is one."""
        openid = self._by_number.get(plain_number(number))
        return self.by_openid[openid] if openid else None

    def followers_after(self, openid: str, size: int) -> tuple[int, list[str]]:
        """Return how many follow, and up to `size` of their openids after the given one."""
        return self._listed(lambda phone: phone.following, openid, size)

    def tagged(self, tag: int, openid: str, size: int) -> tuple[int, list[str]]:
        """Return of those with one of the account's tags what `followers_after` returns of all."""
        return self._listed(lambda phone: tag in phone.account_tags, openid, size)

    def shut_out(self, openid: str, size: int) -> tuple[int, list[str]]:
        """Return of those the account shut out what `followers_after` returns of all."""
        return self._listed(lambda phone: phone.blacklisted, openid, size)

    def _listed(
        self, fits: Callable[[Phone], bool], openid: str, size: int
    ) -> tuple[int, list[str]]:
        everyone = sorted(phone.openid for phone in self.by_openid.values() if fits(phone))
        start = bisect_right(everyone, openid) if openid else 0
        return len(everyone), everyone[start : start + size]

    def found(self, wanted: str, tag: str = "", most: int = SEARCH_LIMIT) -> list[Phone]:
        """Return the newest phones with the words wanted in what is known of them, and the tag."""
        fitting = (
            phone
            for phone in reversed(self.by_openid.values())
            if (not tag or tag in phone.tags)
            and (
                wanted == phone.openid or wanted in f"{phone.label}\n{phone.number}\n{phone.about}"
            )
        )
        return list(islice(fitting, most))

    def tags(self) -> list[str]:
        """Return the tags that any phone has, those of few phones first."""
        counted = Counter(tag for phone in self.by_openid.values() for tag in phone.tags)
        return sorted(counted, key=lambda tag: (counted[tag], tag))
