"""However a list is narrowed and ordered, all that is made of it is the people a reader counts.

What the list should hold is worked out from the rows, in Python, by the plain meaning of each
filter.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.ledger.tables import Binding, Follower
from registry.accounts.school_tables import Department
from registry.accounts.tables import Role, StaffCharge
from registry.base import paging
from registry.base.clock import SHANGHAI
from registry.record.confirmation.confirm import Reply, answer
from registry.record.confirmation.states import ANSWERED
from registry.record.destination_filter import UNFILLED
from registry.record.list_tables import SelectedGraduate, Selection
from registry.record.tables import Answer, Graduate, Registration, Source
from tests.pages import Browser
from tests.profiles import examples
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus

ODD_CLASS = "A & B <x>'\"/#?+%_\\"
CLASSES = ("软件2201", ODD_CLASS, "=1+1", "")
UNITS = (
    {"category": "10", "unit_name": "甲公司", "unit_nature": "31", "unit_location_code": "370202"},
    {"category": "502", "unit_name": "100%_乙", "unit_nature": "", "unit_location_code": "110101"},
    {"category": "70", "unit_name": "", "unit_industry": "34", "file_type": ""},
)
NAMES = ("李娟", "王建国", "阿依古丽·买买提", "欧阳晓")


@dataclass(frozen=True)
class Person:
    """A graduate of the year with what a reader of the rows sees of her."""

    row: Graduate
    stands: Registration | None
    department: str
    """Its key."""
    bound: date | None
    follows: bool
    counsellor: str
    """Key of who looks after her, or empty."""

    def said(self, column: str) -> str:
        """Return what is registered, empty where nothing is."""
        return str(getattr(self.stands, column) or "") if self.stands else ""

    def day(self, column: str) -> date | None:
        """Return the day of a moment in Asia/Shanghai; an answer's only while it holds."""
        at = getattr(self.row, column)
        holds = column != "answered_at" or self.row.confirmation in ANSWERED
        return at.astimezone(SHANGHAI).date() if at and holds else None


Says = Callable[[Person, str], bool]


def equal(read: Callable[[Person], str]) -> Says:
    return lambda person, value: read(person) == ("" if value == UNFILLED else value)


def registered(column: str) -> Says:
    """Of what is registered; who is not registered is filled in nothing."""
    return lambda person, value: (
        person.stands is not None and (person.said(column) == ("" if value == UNFILLED else value))
    )


def since(column: str, *, until: bool) -> Says:
    def holds(person: Person, value: str) -> bool:
        day, limit = person.day(column), date.fromisoformat(value)
        return day is not None and (day <= limit if until else day >= limit)

    return holds


def in_region(person: Person, code: str) -> bool:
    digits = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
    return person.row.origin_code.startswith(digits)


def has_words(person: Person, words: str) -> bool:
    words = words.replace("\u200b", "").strip()
    number = "".join(unicodedata.normalize("NFKC", words).split())
    return (
        words in person.row.name
        or person.row.student_number.startswith(number)
        or words in person.said("unit_name")
    )


def wechat(person: Person, value: str) -> bool:
    bound = person.bound is not None
    return {
        "bound": bound,
        "unbound": not bound,
        "following": bound and person.follows,
        "not_following": bound and not person.follows,
    }[value]


def flagged(person: Person, value: str) -> bool:
    registered = person.stands is not None
    return {
        "waiting": False,
        "no_phone": person.row.phone_index is None,
        "no_file": registered and not person.said("file_type"),
        "no_household": registered and not person.said("household_type"),
    }[value]


DAYS = ("2026-06-10", "2026-06-14", "2026-06-20", "1999-01-01", "2199-12-31")
FILTERS: dict[str, tuple[tuple[str, ...], Says]] = {
    "state": (
        ("not_reported", "unconfirmed", "confirmed", "disputed"),
        equal(lambda person: person.row.confirmation),
    ),
    "class": ((*CLASSES[:-1], UNFILLED, "软件2299"), equal(lambda person: person.row.class_name)),
    "level": (("31", "11", "33", UNFILLED), equal(lambda person: person.row.level)),
    "sex": (("1", "2", UNFILLED, "9"), equal(lambda person: person.row.sex)),
    "origin": (("370000", "370200", "370202", "110000", "%", "_"), in_region),
    "department": (("first", "second", "nobody"), lambda person, value: person.department == value),
    "counsellor": (
        ("her", UNFILLED),
        lambda person, value: person.counsellor == ("" if value == UNFILLED else value),
    ),
    "source": (
        ("import", "province_interface", "school"),
        lambda person, value: person.said("source") == value,
    ),
    "category": (
        ("10", "50,70", "5", "_", "%"),
        lambda person, value: person.said("category").startswith(tuple(value.split(","))),
    ),
    "unit": (("甲公司", "100%_乙", "100", UNFILLED), registered("unit_name")),
    "nature": (("31", UNFILLED), registered("unit_nature")),
    "region": (
        ("37", "11", UNFILLED),
        lambda person, value: (
            person.stands is not None
            and person.said("unit_location_code")[:2] == ("" if value == UNFILLED else value)
        ),
    ),
    "wechat": (("bound", "unbound", "following", "not_following"), wechat),
    "flag": (("waiting", "no_phone", "no_file", "no_household"), flagged),
    "reported_from": (DAYS, since("reported_at", until=False)),
    "reported_to": (DAYS, since("reported_at", until=True)),
    "answered_from": (DAYS, since("answered_at", until=False)),
    "answered_to": (DAYS, since("answered_at", until=True)),
    "graduated_from": (
        ("2026-02", "1999-12"),
        lambda person, value: person.row.graduation_month >= value.replace("-", ""),
    ),
    "bound_from": (
        DAYS,
        lambda person, value: bool(person.bound and person.bound >= date.fromisoformat(value)),
    ),
    "bound_to": (
        DAYS,
        lambda person, value: bool(person.bound and person.bound <= date.fromisoformat(value)),
    ),
    "q": (
        (
            "李",
            "买买提",
            "·",
            "0%_",
            "%",
            "_",
            "\\",
            "2022",
            "２０２２",
            "甲公司",
            "🎓",
            "'",
            "x" * 500,
        ),
        has_words,
    ),
}
"""What is asked for, values worth trying, and whether a person is meant."""
SORTS: dict[str, Callable[[Person], tuple[object, ...]]] = {
    "": lambda person: (person.row.id,),
    "name": lambda person: (person.row.name, person.row.id),
    "number": lambda person: (person.row.student_number,),
    "department": lambda person: (person.row.department_id, person.row.id),
}
"""In what order; those with a part that is apart are in `in_order`."""
QUERIES = some.dictionaries(some.sampled_from(sorted(FILTERS)), some.integers(0, 20), max_size=4)
_NAMED = ("name", "number", "department", "reported", "answered")
ORDERS = some.sampled_from(["", *_NAMED, *(f"-{each}" for each in _NAMED)])


@dataclass(frozen=True)
class Cohort:
    """All people of the year, and who asks."""

    people: list[Person]
    browser: Browser
    console: Console
    keys: Mapping[str, str]
    """Of departments and the counsellor, by what they are called here."""


def populate(campus: Campus, counsellor: int) -> None:
    """Add one of each kind: by class, destination, answer, WeChat."""
    kinds = product(range(len(CLASSES)), range(len(UNITS) + 1))
    for number, (which, unit) in enumerate(kinds):
        made = campus.graduate(
            NAMES[number % len(NAMES)],
            number % 2,
            class_name=CLASSES[which],
            sex=("1", "2", "")[number % 3],
            level=("31", "11", "")[number % 3],
            origin_code=("370202", "370000", "110101")[number % 3],
            graduation_month=("202606", "202601")[number % 2],
            phone_index=None if number % 5 == 0 else "p",
        )
        campus.at += timedelta(days=1)
        if unit < len(UNITS):
            source = (Source.IMPORT, Source.PROVINCE_INTERFACE)[number % 2]
            said = {**dict.fromkeys(("unit_industry", "unit_location"), ""), **UNITS[unit]}
            campus.report(made, source, **said)
            if number % 3:
                reply = Reply(
                    Answer.CORRECT if number % 3 == 1 else Answer.WRONG,
                    made.registration_id or 0,
                    ["destination"],
                )
                answer(campus.session, made.id, reply, channel="wechat", at=campus.at)
        if number % 4:
            bind(campus, made, follows=number % 4 == 1)
    charged = StaffCharge(
        staff_id=counsellor, department_id=campus.departments[0].id, class_name="软件2201"
    )
    campus.session.add(charged)


def bind(campus: Campus, graduate: Graduate, *, follows: bool) -> None:
    openid = f"o{graduate.id}"
    campus.session.add(Follower(openid=openid, subscribed=follows, changed_at=campus.at))
    campus.session.add(Binding(openid=openid, graduate_id=graduate.id, bound_at=campus.at))


def people_of(session: Session, keys: Mapping[str, str]) -> Iterator[Person]:
    names = {key: name for name, key in keys.items()}
    wechats = {
        ident: (at.astimezone(SHANGHAI).date(), follows)
        for ident, at, follows in session.execute(
            select(Binding.graduate_id, Binding.bound_at, Follower.subscribed).join(
                Follower, Follower.openid == Binding.openid
            )
        )
    }
    for row, department in session.execute(
        select(Graduate, Department.key)
        .join(Department, Department.id == Graduate.department_id)
        .where(Graduate.year == 2026)
    ):
        bound, follows = wechats.get(row.id, (None, False))
        stands = session.get(Registration, row.registration_id) if row.registration_id else None
        hers = names[department] == "first" and row.class_name == CLASSES[0]
        yield Person(row, stands, names[department], bound, follows, "her" if hers else "")


@pytest.fixture
def cohort(console: Console, monkeypatch: pytest.MonkeyPatch) -> Cohort:
    campus = console.campus
    counsellor = campus.staff(Role.COUNSELLOR)
    populate(campus, counsellor.id)
    campus.save()
    first, second = (each.key for each in campus.departments)
    keys = {"first": first, "second": second, "her": counsellor.key}
    monkeypatch.setattr(paging, "PAGE", 5)
    with console.resources.readers() as session:
        people = list(people_of(session, keys))
        session.expunge_all()
    return Cohort(people, console.browser(), console, keys)


def address_of(cohort: Cohort, query: Mapping[str, str], order: str) -> str:
    said = {name: cohort.keys.get(value, value) for name, value in query.items()}
    return urlencode({**said, **({"sort": order} if order else {})})


def in_order(people: list[Person], order: str) -> list[Person]:
    by, back = order.removeprefix("-"), order.startswith("-")
    if by in SORTS:
        return sorted(people, key=SORTS[by], reverse=back)
    column = f"{by}_at"
    with_day = [each for each in people if each.day(column)]
    without = sorted((each for each in people if not each.day(column)), key=SORTS[""], reverse=back)
    timed = sorted(
        with_day, key=lambda each: (getattr(each.row, column), each.row.id), reverse=back
    )
    return timed + without


def pages_of(browser: Browser, address: str) -> Iterator[str]:
    """Yield the student numbers of all pages, one after the other."""
    browser.get(f"/school/graduates?{address}")
    while True:
        yield from (each.get_text(strip=True) for each in browser.find_all("td.p-number"))
        following = [each for each in browser.find_all("a[href]") if "下一页" in each.get_text()]
        if not following:
            return
        browser.get(str(following[0]["href"]))


def chosen(cohort: Cohort, address: str, act: str) -> Browser:
    browser = cohort.browser.get(f"/school/graduates?{address}")
    sent = browser.fill("form[data-choosing]", f"act={act}")
    sent["whom"] = "all"
    return browser.post(f"/school/graduates/choose?{address}", sent)


def selected(cohort: Cohort) -> set[str]:
    with cohort.console.resources.readers() as session:
        newest = select(Selection.id).order_by(Selection.id.desc()).limit(1).scalar_subquery()
        hers = select(SelectedGraduate.graduate_id).where(SelectedGraduate.selection_id == newest)
        wanted = select(Graduate.student_number).where(Graduate.id.in_(hers))
        return set(session.scalars(wanted))


@settings(
    max_examples=examples(12, thorough=400),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(QUERIES, ORDERS)
@example({"state": 1, "class": 3}, "")
@example({"q": 8}, "-answered")
@example({"q": 13}, "name")
def test_a_list_its_pages_its_count_and_what_is_made_of_it_are_the_same_people(
    cohort: Cohort, drawn: dict[str, int], order: str
) -> None:
    query = {name: FILTERS[name][0][at % len(FILTERS[name][0])] for name, at in drawn.items()}
    meant = [
        each
        for each in cohort.people
        if all(FILTERS[name][1](each, value) for name, value in query.items())
    ]
    numbers = [each.row.student_number for each in in_order(meant, order)]
    address = address_of(cohort, query, order)
    assert list(pages_of(cohort.browser, address)) == numbers
    shown = cohort.browser.get(f"/school/graduates?{address}")
    assert shown.find("h1 + span").get_text().startswith(f"{len(numbers)} 人")
    if numbers:
        chosen(cohort, address, "end")
        assert selected(cohort) == set(numbers)
        may_be_reminded = [each for each in meant if each.row.confirmation != "confirmed"]
        reminder = chosen(cohort, address, "remind")
        assert f"共 {len(may_be_reminded)} 人" in reminder.text
