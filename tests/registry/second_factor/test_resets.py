"""A second factor is taken off by two people, neither of them its owner."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.accounts import staff_notices
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Role, Staff
from registry.base.errors import RuleError
from registry.base.paging import Place
from registry.second_factor import resets
from registry.second_factor.states import ResetEvent
from tests.clock import StandingClock
from tests.registry.second_factor.phone import turn_on
from tests.registry.staff_context import VAULT
from tests.wxapp.school.records import UNIT

DAYS = timedelta(days=2)


@dataclass
class Office:
    """A school of Shandong, another of Beijing, and everybody who looks after accounts."""

    session: Session
    clock: StandingClock
    people: dict[str, Staff]

    def ask(self, by: str, login: str, reason: str = "手机遗失") -> str:
        me, at = self.people[by], self.clock()
        return self._told(lambda: resets.ask(self.session, me, login, reason, at))

    def decide(self, by: str, event: ResetEvent = ResetEvent.APPROVE) -> str:
        me, key = self.people[by], self.key
        return self._told(lambda: resets.decide(self.session, me, key, event, self.clock()))

    def withdraw(self, by: str) -> str:
        me, key = self.people[by], self.key
        return self._told(lambda: resets.withdraw(self.session, me, key, self.clock()))

    def seen_by(self, who: str) -> int:
        page = resets.waiting(self.session, self.people[who], Place(), self.clock())
        return len(page.rows)

    @property
    def key(self) -> str:
        """Return the key of the one request, as an operator sees it."""
        page = resets.waiting(self.session, self.people["operator"], Place(), self.clock())
        return page.rows[0].key if page.rows else "gone"

    def is_on(self, who: str) -> bool:
        self.session.refresh(self.people[who])
        return self.people[who].second_factor_since is not None

    @staticmethod
    def _told(work: Callable[[], object]) -> str:
        try:
            work()
        except RuleError as refusal:
            return refusal.code
        return "done"


@pytest.fixture
def office(session: Session, clock: StandingClock) -> Office:
    before = clock() - DAYS
    schools = [
        School(code=code, name=name, province=province, created_at=before)
        for code, name, province in (
            ("10001", "示范大学", "370000"),
            ("10002", "另一大学", "110000"),
        )
    ]
    session.add_all(schools)
    session.flush()
    here, elsewhere = (each.id for each in schools)
    wanted = {
        "owner": NewStaff("owner", "王老师", Role.SCHOOL, here),
        "colleague": NewStaff("colleague", "李老师", Role.SCHOOL, here),
        "third": NewStaff("third", "赵老师", Role.SCHOOL, here),
        "counsellor": NewStaff("counsellor", "周老师", Role.COUNSELLOR, here),
        "stranger": NewStaff("stranger", "钱老师", Role.SCHOOL, elsewhere),
        "province": NewStaff("province", "山东", Role.PROVINCE, province="370000"),
        "beijing": NewStaff("beijing", "北京", Role.PROVINCE, province="110000"),
        "operator": NewStaff("operator", "运维", Role.OPERATOR),
    }
    people = {
        name: create_staff(session, new, "correct horse battery", before)
        for name, new in wanted.items()
    }
    turn_on(session, VAULT, people["owner"], clock())
    return Office(session, clock, people)


@pytest.mark.parametrize(
    ("asker", "other"),
    [("colleague", "third"), ("colleague", "province"), ("province", "operator")],
)
def test_one_asks_and_another_approves(office: Office, asker: str, other: str) -> None:
    assert office.ask(asker, "Owner ") == "done"
    assert office.is_on("owner")
    assert office.decide(other) == "done"
    assert not office.is_on("owner")


def test_the_owner_is_told_who_did_it(office: Office) -> None:
    office.ask("colleague", "owner")
    office.decide("third")
    told = staff_notices.unseen(office.session, office.people["owner"].id, office.clock())
    assert [each.kind for each in told] == [NoticeKind.FACTOR_RESET, NoticeKind.RESET_ASKED]
    assert told[0].details == {"asked_by": "李老师", "by": "赵老师"}


def kinds_told(office: Office, who: str) -> list[str]:
    told = staff_notices.unseen(office.session, office.people[who].id, office.clock())
    return [each.kind for each in told]


def test_a_request_that_waits_is_told_to_its_owner_and_to_who_may_decide(office: Office) -> None:
    office.ask("colleague", "owner")
    assert kinds_told(office, "owner") == [NoticeKind.RESET_ASKED]
    assert kinds_told(office, "third") == [NoticeKind.RESET_WAITS]
    for other in ("colleague", "counsellor", "stranger", "province", "beijing", "operator"):
        assert kinds_told(office, other) == []


def test_where_a_school_has_nobody_else_its_province_is_told(office: Office) -> None:
    office.people["third"].active = False
    office.ask("colleague", "owner")
    assert kinds_told(office, "province") == [NoticeKind.RESET_WAITS]
    assert kinds_told(office, "third") == kinds_told(office, "beijing") == []


def test_what_is_asked_again_is_told_once_until_it_was_seen(office: Office) -> None:
    for _ in range(2):
        office.ask("colleague", "owner")
        office.withdraw("colleague")
    assert kinds_told(office, "third") == [NoticeKind.RESET_WAITS]
    third = office.people["third"].id
    told = staff_notices.unseen(office.session, third, office.clock())
    staff_notices.see(office.session, third, office.clock(), told[0].id, office.clock())
    office.ask("colleague", "owner")
    assert kinds_told(office, "third") == [NoticeKind.RESET_WAITS]


def test_nobody_decides_what_they_asked_for(office: Office) -> None:
    office.ask("colleague", "owner")
    assert office.decide("colleague") == "own_request"
    assert office.is_on("owner")


def test_nobody_asks_or_decides_about_their_own(office: Office) -> None:
    assert office.ask("owner", "owner") == "no_such_login"
    office.ask("colleague", "owner")
    assert office.decide("owner") == "not_found"
    assert office.seen_by("owner") == 0


@pytest.mark.parametrize("who", ["stranger", "beijing", "counsellor"])
def test_who_does_not_look_after_an_account_sees_and_does_nothing(office: Office, who: str) -> None:
    assert office.ask(who, "owner") == "no_such_login"
    office.ask("colleague", "owner")
    assert office.seen_by(who) == 0
    assert office.decide(who) == "not_found"


def test_an_account_made_for_it_is_no_second_person(office: Office) -> None:
    new = NewStaff("fresh", "新来的", Role.SCHOOL, office.people["owner"].school_id)
    made = create_staff(office.session, new, "correct horse battery", office.clock())
    office.people["fresh"] = made
    assert office.ask("fresh", "owner") == "account_too_new"
    office.ask("colleague", "owner")
    assert office.decide("fresh") == "account_too_new"
    office.clock.move(timedelta(days=1))
    assert office.decide("fresh") == "done"


def test_a_request_is_decided_once(office: Office) -> None:
    office.ask("colleague", "owner")
    key, me = office.key, office.people["third"]
    resets.decide(office.session, me, key, ResetEvent.REFUSE, office.clock())
    assert office.is_on("owner")
    with pytest.raises(RuleError, match="reset_over"):
        resets.decide(office.session, me, key, ResetEvent.APPROVE, office.clock())


def test_only_who_asked_withdraws_and_then_may_ask_again(office: Office) -> None:
    office.ask("colleague", "owner")
    assert office.ask("third", "owner") == "reset_waits"
    assert office.withdraw("third") == "not_own_request"
    assert office.withdraw("colleague") == "done"
    assert office.ask("third", "owner") == "done"


def test_a_request_lapses_after_three_days(office: Office) -> None:
    office.ask("colleague", "owner")
    key, me = office.key, office.people["third"]
    office.clock.move(resets.GOOD_FOR)
    with pytest.raises(RuleError, match="reset_over"):
        resets.decide(office.session, me, key, ResetEvent.APPROVE, office.clock())
    resets.lapse_old(office.session, office.clock())
    assert office.ask("third", "owner") == "done"


@pytest.mark.parametrize(
    ("login", "reason", "code"),
    [
        ("nobody", "手机遗失", "no_such_login"),
        ("counsellor", "手机遗失", "factor_is_off"),
        ("owner", " \u200b ", "reason_missing"),
        ("owner", "长" * 201, "reason_too_long"),
    ],
)
def test_what_cannot_be_asked_is_said(office: Office, login: str, reason: str, code: str) -> None:
    assert office.ask("colleague", login, reason) == code


def test_an_employer_is_helped_by_the_school_that_registered_it(office: Office) -> None:
    before, school = office.clock() - DAYS, office.people["owner"].school_id
    firm = Employer(**UNIT, unit_code="91350100M000100Y43", school_id=school, created_at=before)
    office.session.add(firm)
    office.session.flush()
    new = NewStaff("sun", "孙经理", Role.EMPLOYER, employer_id=firm.id)
    theirs = create_staff(office.session, new, "correct horse battery", before)
    turn_on(office.session, VAULT, theirs, office.clock())
    assert office.ask("stranger", "sun") == "no_such_login"
    assert office.ask("colleague", "sun") == "done"
    assert office.decide("third") == "done"
    assert theirs.second_factor_since is None


def test_a_disabled_asker_stays_the_asker(office: Office) -> None:
    office.ask("colleague", "owner")
    gone = update(Staff).where(Staff.login == "colleague").values(active=False)
    office.session.execute(gone)
    assert office.seen_by("third") == 1
