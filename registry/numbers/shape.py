"""How a number is written: year, school, random characters, and one that checks the others.

The shapes are the official ones, since receivers know them (verification 15 characters, transfer
18: the length tells them apart). The number of an agreement has 16: after the school the level
(学历代码), as the provinces' online agreements have it.

The last character is ISO 7064's pure system over our 31 characters, MOD 31-2: 31 is a prime, so
every wrong character and every swap of neighbours is caught. (The hybrid system, which wants a
prime one above the number of characters, misses many.)
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from stdnum.iso7064 import mod_37_2

from registry.base.text import folded_number


class Issue(StrEnum):
    """Through whose consent or duty a number was issued."""

    VERIFICATION = "verification"
    """核验编号: the graduate authorized it; the school never sees it."""
    TRANSFER = "transfer"
    """转递编号: the school posts files with it; the graduate never sees it."""


class Kind(StrEnum):
    """What a number shows besides the destination."""

    FILE = "file"
    HOUSEHOLD = "household"


ISSUE_TITLES = {Issue.VERIFICATION: "核验编号", Issue.TRANSFER: "转递编号"}
KIND_TITLES = {Kind.FILE: "档案", Kind.HOUSEHOLD: "户口"}

ALPHABET = "0123456789ABCDEFGHJKMNPQRTVWXYZ"
"""Digits and capitals without I, L, O, S, U, which are read as others."""
RANDOM = ALPHABET[2:]
"""The random characters also do without 0 and 1."""
RANDOM_LENGTHS = {Issue.VERIFICATION: 7, Issue.TRANSFER: 10}

AGREEMENT_TITLE = "协议书编号"
AGREEMENT_LENGTH = 16

_PREFIX = len("2610001")
_AGREEMENT_PREFIX = len("261000131")
_NO_LEVEL = "00"
_BY_LENGTH = {_PREFIX + length + 1: issue for issue, length in RANDOM_LENGTHS.items()}
_SHAPE = re.compile(rf"[0-9]{{{_PREFIX}}}[{ALPHABET}]+")
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "S": "5", "U": "V"})
_LEFT_OUT = re.compile(r"[^0-9A-Z]+")
"""Blanks, hyphens, quotes, and the title that is copied along with a number."""
LONGEST_ENTERED = 60

Draw = Callable[[int], int]


@dataclass(frozen=True)
class Entered:
    """A number somebody typed, well formed; nobody has looked yet whether it exists."""

    issue: Issue
    number: str


def make(issue: Issue, year: int, school_code: str, draw: Draw = secrets.randbelow) -> str:
    """Make a number nobody can guess; `draw` gives a random whole number below another."""
    length = RANDOM_LENGTHS[issue]
    return _checked(f"{year % 100:02}{school_code}{_written(draw(len(RANDOM) ** length), length)}")


def make_agreement(year: int, school_code: str, level: str, draw: Draw = secrets.randbelow) -> str:
    """Make the number of an agreement; `level` is a code of two digits, or nothing.

    Source: numbers of agreements of the provinces: year of graduation, school, level, a number.
    Ours is no running one, which would tell how many have signed.
    """
    known = level if len(level) == len(_NO_LEVEL) and level.isdecimal() else _NO_LEVEL
    head = f"{year % 100:02}{school_code}{known}"
    length = AGREEMENT_LENGTH - len(head) - 1
    return _checked(head + _written(draw(len(RANDOM) ** length), length))


def _checked(body: str) -> str:
    return body + mod_37_2.calc_check_digit(body, alphabet=ALPHABET)


def _written(drawn: int, length: int) -> str:
    """Write a number in our random characters, as many as there are to be."""
    written = ""
    for _ in range(length):
        drawn, place = divmod(drawn, len(RANDOM))
        written += RANDOM[place]
    return written


def read(entered: str) -> Entered | None:
    """Read what somebody typed; None where it cannot be a number of ours.

    Full width and small letters, blanks and hyphens do no harm; letters we never use are read as
    what they look like. A mistyped number is found out here, before any database is asked.
    """
    number = folded(entered)
    issue = _BY_LENGTH.get(len(number))
    return Entered(issue, number) if issue is not None and _is_valid(number) else None


def has_slip(entered: str) -> bool:
    """Say whether a number of ours was copied with a wrong character, or two of them swapped.

    It is told by its check character alone: whether the right one exists, nobody has looked.
    """
    number = folded(entered)
    return len(number) in _BY_LENGTH and _fits_but_fails(number)


def agreement_has_slip(entered: str) -> bool:
    """Say of the number of an agreement what `has_slip` says of the others."""
    number = folded(entered)
    return len(number) == AGREEMENT_LENGTH and _fits_but_fails(number)


def _fits_but_fails(number: str) -> bool:
    return _SHAPE.fullmatch(number) is not None and not _is_valid(number)


def read_agreement(entered: str) -> str | None:
    """Read the number of an agreement as `read` reads the others; None where it cannot be one."""
    number = folded(entered)
    whole = len(number) == AGREEMENT_LENGTH and number[:_AGREEMENT_PREFIX].isdigit()
    return number if whole and _is_valid(number) else None


def folded(entered: str) -> str:
    """Return what was typed as a number is written; nothing where it is too long for any.

    What is neither letter nor digit never belongs to one.
    """
    if len(entered) > LONGEST_ENTERED:
        return ""
    return _LEFT_OUT.sub("", folded_number(entered)).translate(_READ_AS)


def _is_valid(number: str) -> bool:
    if not _SHAPE.fullmatch(number):
        return False
    return bool(mod_37_2.checksum(number, alphabet=ALPHABET) == 1)


def grouped(number: str) -> str:
    """Return a number as it is printed: year and school, then fours, for reading over a phone."""
    prefix = _AGREEMENT_PREFIX if len(number) == AGREEMENT_LENGTH else _PREFIX
    head, body = number[:prefix], number[prefix:]
    return " ".join([head, *(body[at : at + 4] for at in range(0, len(body), 4))])
