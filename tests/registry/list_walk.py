"""A world of more people than two pages hold, and the walk through all pages of a list of them."""

from collections.abc import Callable, Mapping
from datetime import datetime

from registry.accounts.tables import Role, StaffCharge
from registry.base.clock import SHANGHAI
from registry.base.paging import PAGE, Page, Place, Row
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope
from registry.record.tables import Graduate
from tests.wxapp.school.records import Campus

MANY = 3 * PAGE + 30
CLASSES = ("软件2201", "100%_<班>", "")
NAMES = ("李娟", "王建国", "阿依古丽·买买提")
WORDS = ("李", "·买买提", "%", "_", "２０２２", "\u200b", "没有这个人")
SCOPES = ("school", "department", "counsellor")


def populate(campus: Campus) -> list[Graduate]:
    """Add so many, of three classes in two departments, in an order that is none of them."""
    return [
        campus.graduate(
            NAMES[number % 3],
            number % 2,
            class_name=CLASSES[number // 2 % 3],
            level=("31", "11")[number // 5 % 2],
        )
        for number in range(MANY)
    ]


def scopes_of(campus: Campus) -> dict[str, Scope]:
    """Return how far a school sees, its first department, and a counsellor of a class there."""
    counsellor = campus.staff(Role.COUNSELLOR)
    department = campus.departments[0].id
    about = {"staff_id": counsellor.id, "department_id": department}
    campus.session.add(StaffCharge(**about, class_name=CLASSES[0]))
    campus.session.flush()
    whole = Scope(campus.school.id)
    hers = Scope(campus.school.id, counsellor_id=counsellor.id)
    return dict(zip(SCOPES, (whole, campus.department_scope(), hers), strict=True))


def sees(campus: Campus, scope: str, her: Graduate) -> bool:
    """Say whether a scope of `scopes_of` holds somebody."""
    first = her.department_id == campus.departments[0].id
    return scope == "school" or (first and (scope == "department" or her.class_name == CLASSES[0]))


def has_words(her: Graduate, words: str) -> bool:
    """Say whether a search for these words means somebody who is registered nowhere."""
    said = {"２０２２": "2022", "\u200b": ""}.get(words, words)
    return said in her.name or her.student_number.startswith(said)


def people_of(query: Mapping[str, str]) -> GraduateFilter:
    """Return the filter of people that a query asks for."""
    level, class_name = query.get("level", ""), query.get("class_name", "")
    return GraduateFilter(2026, level=level, class_name=class_name, words=query.get("words", ""))


def day_of(at: datetime) -> str:
    """Return the day of a moment in Asia/Shanghai, as an address says it."""
    return at.astimezone(SHANGHAI).date().isoformat()


def walked(page: Callable[[Place], Page[Row]]) -> list[str]:
    """Return the keys of all pages; back from the last page there are the same, the other way."""
    found = page(Place())
    there = list[str]()
    while found.next is not None:
        there += [each.key for each in found.rows]
        found = page(found.next)
    there += [each.key for each in found.rows]
    back = [each.key for each in found.rows]
    while found.previous is not None:
        found = page(found.previous)
        back = [each.key for each in found.rows] + back
    assert back == there
    return there
