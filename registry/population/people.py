"""One synthetic person after another, each the same whenever it is made from the same seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from registry.base.clock import SHANGHAI
from registry.base.crypto import Vault
from registry.base.database import random_key
from registry.base.short_json import written_json
from registry.codes import categories, identity, regions, transfer_types
from registry.codes.categories import Group
from registry.numbers.posting import directory
from registry.numbers.posting.states import POSTING, PostingWay
from registry.population import facts
from registry.record.confirmation.states import CONFIRMATION
from registry.record.fields import asked
from registry.record.registration import COLUMNS
from registry.record.tables import SOURCE_TITLES, Source

_BIRTHDAYS = 1000
_FIRST_BIRTHDAY = (1, 9, 24)  # January, the 9th, 24 years before graduation
_ORDERS = 999
_NUMBERS = len(facts.REGIONS) * _BIRTHDAYS * _ORDERS
_STRIDE = 15_485_863  # a prime: steps of it meet every number once before any twice
_PHONES = 10**8
_PHONE_PREFIX = "160"  # given to no operator
_RARE = 400  # one in so many has a name of rare characters, one a name with a middle dot
_CLASS = 30
_SIGNED_WITHIN = 60  # days before the registration
_CATEGORIES = [each.category for each in facts.CATEGORIES for _ in range(each.share)]
_MAJORS = [
    (department, code, major)
    for department, majors in facts.DEPARTMENTS.items()
    for code, major in majors
]


def student_prefix(year: int) -> str:
    """Return how the student numbers of made-up people begin; no real one has a 9 there."""
    return f"{year - 4}9"


@dataclass(frozen=True)
class TargetSchool:
    """Where the people are put."""

    school_id: int
    departments: Mapping[str, int]


@dataclass(frozen=True)
class PopulationSize:
    """How many people, of which year."""

    year: int
    graduates: int
    reported: float = 1.0
    """Share whose destination is reported."""
    posted: float = 0.0
    """Share of the files that leave the school which were posted."""
    seed: int = 0
    """The same seed makes the same people."""


class People:
    """The people of one school and year, by number."""

    def __init__(
        self,
        vault: Vault,
        school_code: str,
        wanted: PopulationSize,
        place: TargetSchool,
        at: datetime,
    ) -> None:
        """Keep what all of them share."""
        self.at = at
        self._vault = vault
        self._code = school_code
        self._wanted = wanted
        self._place = place
        month, day, before = _FIRST_BIRTHDAY
        self._first_birthday = date(wanted.year - before, month, day)
        self._offset = int(school_code) * 7919 + wanted.year + wanted.seed * 104_729

    def person(self, number: int, ident: int) -> dict[str, Any]:
        """Return the graduate's row, under an id that was reserved."""
        chance = Random((self._offset << 32) + number)  # noqa: S311 - made-up people, no secrets
        resident = self._identity(number)
        department, major_code, major = _MAJORS[number // _CLASS % len(_MAJORS)]
        origin = facts.REGIONS[chance.randrange(len(facts.REGIONS))]
        return {
            "id": ident,
            "key": random_key(),
            "school_id": self._place.school_id,
            "department_id": self._place.departments[department],
            "year": self._wanted.year,
            "student_number": f"{student_prefix(self._wanted.year)}{number:07}",
            "candidate_number": f"{self._wanted.year % 100 - 4:02}{self._code}{number:07}",
            "name": _name(chance, number),
            **self._sealed(ident, resident, number, chance),
            "sex": identity.sex(resident),
            "level": "31",
            "major_code": major_code,
            "major": major,
            "class_name": f"{major}{number // _CLASS // len(_MAJORS) % 8 + 1}班",
            "graduation_month": f"{self._wanted.year}06",
            "programme_length": "4",
            "origin_code": origin,
            "origin": regions.region_name(origin),
            "training_mode": "1",
            "training_unit": "",
            "confirmation": CONFIRMATION.start,
            "created_at": self.at,
            "updated_at": self.at,
        }

    def _identity(self, number: int) -> str:
        step = (number * _STRIDE + self._offset) % _NUMBERS
        rest, order = divmod(step, _ORDERS)
        region, days = divmod(rest, _BIRTHDAYS)
        born = self._first_birthday + timedelta(days=days)
        return identity.with_check_character(f"{facts.REGIONS[region]}{born:%Y%m%d}{order + 1:03}")

    def _sealed(self, ident: int, resident: str, number: int, chance: Random) -> dict[str, Any]:
        phone = f"{_PHONE_PREFIX}{(number * _STRIDE + self._offset) % _PHONES:08}"
        particulars = {
            "ethnicity": "汉族" if chance.random() < 0.91 else "回族",
            "political": "共青团员" if chance.random() < 0.8 else "中共党员",
            "enrolled": f"{self._wanted.year - 4}09",
        }
        said = written_json(particulars)
        seal = self._vault.seal
        return {
            "identity_sealed": seal(identity.IDENTITY, ident, resident),
            "identity_index": identity.identity_index(self._vault, resident),
            "phone_sealed": seal(identity.PHONE, ident, phone),
            "phone_index": identity.phone_index(self._vault, phone),
            "particulars_sealed": seal(identity.PARTICULARS, ident, said),
        }

    def registration(self, number: int, graduate_id: int) -> dict[str, Any] | None:
        """Return the row of the first registration, or None for somebody not reported yet."""
        chance = Random((self._offset << 32) + (1 << 31) + number)  # noqa: S311 - as above
        if chance.random() >= self._wanted.reported:
            return None
        category = _CATEGORIES[chance.randrange(len(_CATEGORIES))]
        region = facts.REGIONS[chance.randrange(len(facts.REGIONS))]
        return {
            **dict.fromkeys(COLUMNS, ""),
            "signed_on": self._signed_on(category, number),
            "graduate_id": graduate_id,
            "version": 1,
            "category": category,
            **_destination(category, region, chance),
            "source": Source.NATIONAL,
            "source_name": SOURCE_TITLES[Source.NATIONAL],
            "reported_at": self.at,
            "recorded_at": self.at,
            "recorded_by": "command",
        }

    def _signed_on(self, category: str, number: int) -> date | None:
        """Return a day of the last two months, where the category asks for one."""
        if "signed_on" not in asked(category).required:
            return None
        return self.at.astimezone(SHANGHAI).date() - timedelta(days=number % _SIGNED_WITHIN)

    def posting(self, number: int, registration: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the row of a posting of a file that leaves, or None for one not posted yet."""
        chance = Random((self._offset << 32) + (3 << 30) + number)  # noqa: S311 - as above
        kind = transfer_types.file_type(registration["file_type"])
        if kind is None or kind.stays or chance.random() >= self._wanted.posted:
            return None
        posted_on = self.at.astimezone(SHANGHAI).date() - timedelta(days=chance.randint(8, 60))
        to = {name: registration[source] for name, source in directory.FIELDS.items()}
        return {
            "key": random_key(),
            "graduate_id": registration["graduate_id"],
            "school_id": self._place.school_id,
            "cohort": self._wanted.year,
            "way": PostingWay.EMS if chance.random() < 0.8 else PostingWay.CONFIDENTIAL,
            "number": f"{(number * _STRIDE + self._offset) % _PHONES:013}",
            "posted_on": posted_on,
            **to,
            "state": POSTING.start,
            "reason": "",
            "noted_by": "command",
            "noted_at": self.at,
            "settled_by": "",
        }


def _name(chance: Random, number: int) -> str:
    if number % _RARE == _RARE // 4:
        return facts.RARE_NAMES[chance.randrange(len(facts.RARE_NAMES))]
    if number % _RARE == _RARE // 2:
        return facts.DOTTED_NAMES[chance.randrange(len(facts.DOTTED_NAMES))]
    given = "".join(chance.choices(facts.GIVEN, k=1 + (chance.random() < 0.8)))
    return chance.choice(facts.SURNAMES) + given


def _destination(category: str, region: str, chance: Random) -> dict[str, str]:
    """Return unit, file and household as they go with the category."""
    group = categories.category_group(category)
    city = regions.region_name(region[:4] + "00") or regions.province_of(region)
    centre = f"{city}{chance.choice(facts.CENTRES)}"
    if group is Group.STUDY:
        school = chance.choice(facts.ADMITTING)
        unit = {"unit_name": school, "unit_location_code": region, "unit_location": city}
        return {**unit, **_file("升学外校接收", f"{school}研究生院", city, "升学外校接收")}
    if group is Group.STUDY_ABROAD:
        abroad = {
            "study_country": "英国",
            "study_school": "北岸大学",
            "study_school_foreign": "Northshore University",
            "study_major": "数据科学",
            "study_major_foreign": "Data Science",
        }
        return {**abroad, **_file("转回生源地", centre, city, "迁回生源地")}
    if group in {Group.UNPLACED, Group.CONSCRIPT, Group.FREELANCE}:
        place = {"unit_location_code": region, "unit_location": regions.region_name(region)}
        work = {"job_class": "25", **place} if group is Group.FREELANCE else {}
        return {**work, **_file("转回生源地", centre, city, "迁回生源地")}
    return _employed(chance, region, city, centre)


def _employed(chance: Random, region: str, city: str, centre: str) -> dict[str, str]:
    which = chance.choice(facts.UNITS)
    name, industry, job = which
    unit = {
        "unit_name": f"{city}{name}",
        "unit_code": facts.unit_code(region, which),
        "unit_nature": "39" if chance.random() < 0.7 else "31",
        "unit_industry": industry,
        "unit_location_code": region,
        "unit_location": regions.region_name(region),
        "job_class": job,
        "unit_contact": f"{chance.choice(facts.SURNAMES)}经理",
        "unit_phone": facts.UNIT_PHONE,
    }
    if chance.random() < 0.3:
        return {**unit, **_file("签约单位接收", unit["unit_name"], city, "签约单位接收")}
    return {**unit, **_file("托管单位接收", centre, city, "人才交流中心挂靠")}


def _file(kind: str, unit: str, city: str, household: str) -> dict[str, str]:
    return {
        "file_type": kind,
        "file_unit": unit,
        "file_location": city,
        "file_address": f"{city}示例路 1 号",
        "file_contact": "档案室",
        "file_phone": facts.FILE_PHONE,
        "household_type": household,
        "household_location": city,
    }
