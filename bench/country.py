"""A country: how many graduates lie in which school of which province, and who is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

SCHOOL_SIZE = 20_000
"""Graduates of one of the largest schools, where all are of one size."""
SIGNED_IN = 20_000
"""Graduates with a session, at most."""
PLANNED = 12_700_000
"""Graduates of the country in 2026 (Ministry of Education)."""
LARGEST, MEAN = 30_000, 4_536
"""Graduates of the country's largest school, and of a school on the average: 2,800 schools."""
SMALLEST = 50
PROVINCES = (
    *("110000", "120000", "130000", "140000", "150000", "210000", "220000", "230000", "310000"),
    *("320000", "330000", "340000", "350000", "360000", "370000", "410000", "420000", "430000"),
    *("440000", "450000", "460000", "500000", "510000", "520000", "530000", "540000", "610000"),
    *("620000", "630000", "640000", "650000"),
)
LARGEST_PROVINCE = "410000"
_WEIGHTS = [round(1000 * (1 - place / len(PROVINCES)) ** 1.5) for place in range(len(PROVINCES))]
"""Of the provinces from the largest on: it has 8 of 100 graduates."""


@dataclass(frozen=True)
class SchoolPlace:
    """A school and its graduates, whose ids follow each other."""

    number: int
    province: str
    first: int
    size: int


@dataclass(frozen=True)
class Country:
    """What was made, and how whoever is signed in is known: by a token of the secret and the id."""

    places: Sequence[SchoolPlace]
    year: int
    """The cohort that registers now."""
    secret: str

    @property
    def schools(self) -> int:
        """Return how many schools there are."""
        return len(self.places)

    @property
    def graduates(self) -> int:
        """Return how many graduates there are."""
        return sum(each.size for each in self.places)

    @property
    def provinces(self) -> list[str]:
        """Return the provinces that have schools, that with the most graduates first."""
        by_province = sorted(self.places, key=lambda each: each.province)
        sums = {
            province: sum(each.size for each in those)
            for province, those in groupby(by_province, key=lambda each: each.province)
        }
        return sorted(sums, key=lambda each: (-sums[each], each))

    @property
    def largest(self) -> SchoolPlace:
        """Return the school with the most graduates."""
        return max(self.places, key=lambda each: each.size)

    @property
    def step(self) -> int:
        """Return how many graduates lie between two who are signed in."""
        return max(1, self.graduates // SIGNED_IN)

    @property
    def signed_in(self) -> list[int]:
        """Return the ids of the graduates with a session: all are bound."""
        return [each for each in range(1, self.graduates + 1, self.step) if each % 20 < 17]

    def graduate_token(self, ident: int) -> str:
        """Return the token of a graduate's session."""
        return f"{self.secret}g{ident}"

    def staff_token(self, school: int) -> str:
        """Return the token of the session of a school's staff, by the school's number from 1."""
        return f"{self.secret}s{school}"

    def province_token(self, province: str) -> str:
        """Return the token of the session of a province's staff."""
        return f"{self.secret}s{self.schools + 1 + self.provinces.index(province)}"


def of_one_size(graduates: int, size: int = SCHOOL_SIZE) -> list[SchoolPlace]:
    """Return schools that all have the same size, in one province."""
    sizes = [min(size, graduates - first) for first in range(0, graduates, size)]
    return _placed(sizes, ["370000"] * len(sizes))


def as_they_are(graduates: int) -> list[SchoolPlace]:
    """Return schools from the country's largest to very small ones, dealt out to its provinces."""
    count = max(len(PROVINCES), round(graduates / MEAN))
    bend = LARGEST / MEAN - 1
    shares = [(1 - (rank + 0.5) / count) ** bend for rank in range(count)]
    of_all = graduates / sum(shares)
    sizes = [max(SMALLEST, round(share * of_all)) for share in shares]
    return _placed(sizes, [_province(rank) for rank in range(count)])


def _province(rank: int) -> str:
    by_size = (LARGEST_PROVINCE, *(each for each in PROVINCES if each != LARGEST_PROVINCE))
    point = rank * 7919 % sum(_WEIGHTS)
    place = next(at for at, end in enumerate(accumulate(_WEIGHTS)) if point < end)
    return by_size[place]


def _placed(sizes: Sequence[int], provinces: Sequence[str]) -> list[SchoolPlace]:
    firsts = accumulate(sizes, initial=1)
    each = zip(firsts, sizes, provinces, strict=False)
    return [
        SchoolPlace(number, province, first, size)
        for number, (first, size, province) in enumerate(each, 1)
    ]
