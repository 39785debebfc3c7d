"""A WeChat is a person's: all her records, those that come later too, and nobody else's."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from notifier.binding import bind
from notifier.binding.forget import forget
from notifier.ledger import bindings, notices
from notifier.ledger.tables import Binding, Follower, Message
from registry.accounts.school_tables import Department, School
from registry.accounts.tables import AuditEntry
from registry.codes import identity
from registry.record import contact_changes, events
from registry.record.person_events import PeopleChanged
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Source
from registry.upkeep.erase import Reason
from runtime.resources import Resources
from tests.clock import StandingClock
from tests.notifier.binding.claimants import (
    NUMBER,
    OTHER_NUMBER,
    OTHER_PHONE,
    PHONE,
    Person,
    Phones,
)
from tests.sealing import seal

SHE = "阿依古丽·买买提"


class Registrars:
    """The staff of two schools, who add and correct records as rosters do."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self.added = 0

    def add(
        self,
        name: str = SHE,
        number: str = NUMBER,
        phone: str = PHONE,
        *,
        school: str = "10001",
        announced: bool = True,
    ) -> int:
        """Add a record of 2027; return its id."""
        vault, at = self.resources.vault, self.resources.clock()
        self.added += 1
        with self.resources.sessions.begin() as session:
            school_id = self._school(school)
            graduate = Graduate(
                school_id=school_id,
                department_id=session.scalars(
                    select(Department.id).where(Department.school_id == school_id)
                ).one(),
                year=2027,
                student_number=f"N{self.added}",
                name=name,
                identity_index=identity.identity_index(vault, number),
                phone_index=identity.phone_index(vault, phone),
                graduation_month="202706",
                created_at=at,
                updated_at=at,
            )
            seal(session, vault, graduate, number=number, phone=phone)
            if announced:
                came = PeopleChanged(school_id, [graduate.id], at, "system", added=True)
                events.announce(session, came)
            return graduate.id

    def _school(self, code: str) -> int:
        with self.resources.sessions.begin() as session:
            found = session.scalar(select(School.id).where(School.code == code))
            if found is not None:
                return found
            school = School(code=code, name=f"大学{code}", created_at=self.resources.clock())
            session.add(school)
            session.flush()
            session.add(Department(school_id=school.id, name="化学学院"))
            return school.id

    def correct(self, student_number: str, **basics: str) -> None:
        """Correct the record of a student number in any school."""
        at = self.resources.clock()
        with self.resources.sessions.begin() as session:
            graduate = session.scalars(
                select(Graduate).where(Graduate.student_number == student_number)
            ).one()
            origin = Origin(graduate.school_id, Source.IMPORT, "学校导入", "学校", "system", at)
            record(session, origin, [Proposal(graduate.id, basics=basics)])

    def correct_number(self, student_number: str, number: str) -> None:
        vault = self.resources.vault
        with self.resources.readers() as session:
            wanted = select(Graduate.id).where(Graduate.student_number == student_number)
            ident = session.scalars(wanted).one()
        self.correct(
            student_number,
            identity_sealed=vault.seal(identity.IDENTITY, ident, number),
            identity_index=identity.identity_index(vault, number),
        )


@pytest.fixture
def registrars(resources: Resources) -> Registrars:
    with resources.sessions.begin() as session:
        for each in session.scalars(select(Graduate).where(Graduate.phone_sealed.is_not(None))):
            phone = resources.vault.open(identity.PHONE, each.id, each.phone_sealed or "")
            each.phone_index = identity.phone_index(resources.vault, phone)
    return Registrars(resources)


def bind_her(she: Person, phone: str = PHONE, name: str = SHE, number: str = NUMBER) -> str:
    assert she.claim(name, number) is None
    return she.prove(she.phones.last(phone))


def records(person: Person) -> list[str]:
    """Return the student numbers of the records a person's WeChat is bound to."""
    with person.resources.readers.begin() as session:
        found = bindings.records_of(session, person.openid)
        return [each.student_number for each in found]


def told(person: Person) -> list[int]:
    """Return the records a person was told of, that they joined hers."""
    with person.resources.readers.begin() as session:
        rows = select(Message.graduate_id).where(Message.kind == "record_joined")
        return [each for each in session.scalars(rows) if each is not None]


def test_a_record_that_comes_later_joins_and_she_is_told(
    she: Person, registrars: Registrars
) -> None:
    bind_her(she)
    later = registrars.add()
    assert records(she) == ["N1", "S1", "S0"]
    assert told(she) == [later]


def test_a_record_of_somebody_who_bound_nothing_joins_nothing(
    she: Person, registrars: Registrars
) -> None:
    registrars.add()
    assert records(she) == []
    assert told(she) == []


@pytest.mark.parametrize(
    ("name", "number"),
    [("李娟", NUMBER), (SHE, OTHER_NUMBER)],
    ids=["another name", "another number"],
)
def test_a_record_of_another_name_or_number_is_not_hers(
    she: Person, registrars: Registrars, name: str, number: str
) -> None:
    bind_her(she)
    registrars.add(name, number)
    assert records(she) == ["S1", "S0"]


def test_a_record_of_another_school_joins_by_the_phone_she_proved(
    she: Person, registrars: Registrars
) -> None:
    registrars.add(school="10002")
    bind_her(she)
    registrars.add(school="10003")
    assert records(she) == ["N2", "N1", "S1", "S0"]


def test_a_school_opens_no_other_schools_record_by_writing_a_phone_of_its_own(
    she: Person, registrars: Registrars, phones: Phones
) -> None:
    registrars.add(phone="19900009999", school="10002")
    clerk = Person(she.resources, phones, "o-clerk")
    bind_her(clerk, "19900009999")
    assert records(clerk) == ["N1"]
    registrars.correct("N1", phone_index=identity.phone_index(she.resources.vault, PHONE) or "")
    registrars.correct("S1", name="阿依古丽买买提")
    assert records(clerk) == ["N1"]
    assert bind_her(she) == "S1"
    assert records(she) == ["S1", "S0"]


def test_she_adds_the_record_of_another_school_by_the_code_of_its_phone(
    she: Person, registrars: Registrars
) -> None:
    bind_her(she)
    registrars.add(phone="19900009999", school="10002")
    assert records(she) == ["S1", "S0"]
    she.session_hash = "the browser after she was bound"
    assert bind_her(she, "19900009999") == "N1"
    assert records(she) == ["N1", "S1", "S0"]
    assert she.claim("李娟", OTHER_NUMBER) == "openid_bound"


def test_a_name_corrected_to_hers_joins_and_one_corrected_away_stays(
    she: Person, registrars: Registrars
) -> None:
    bind_her(she)
    registrars.add("阿依古丽")
    assert records(she) == ["S1", "S0"]
    registrars.correct("N1", name=SHE)
    assert records(she) == ["N1", "S1", "S0"]
    registrars.correct("S1", name="阿依古丽·吐尔逊")
    assert records(she) == ["N1", "S1", "S0"]


def test_a_number_corrected_to_anothers_leaves_her_and_back_again_joins(
    she: Person, registrars: Registrars
) -> None:
    bind_her(she)
    registrars.correct_number("S0", OTHER_NUMBER)
    assert records(she) == ["S1"]
    registrars.correct_number("S0", NUMBER)
    assert records(she) == ["S1", "S0"]


def test_the_record_whose_code_was_shown_first_says_whose_the_wechat_is(
    she: Person, registrars: Registrars
) -> None:
    bind_her(she)
    registrars.add(phone="19900009999", school="10002")
    she.session_hash = "the browser after she was bound"
    bind_her(she, "19900009999")
    assert records(she) == ["N1", "S1", "S0"]
    registrars.correct_number("S1", OTHER_NUMBER)
    assert records(she) == ["S1"]
    registrars.correct_number("S1", NUMBER)
    with she.resources.sessions.begin() as session:
        notices.join_what_is_left(session, she.resources.clock())
    assert records(she) == ["S1", "S0"]  # that of the other school wants its code again


def test_who_has_shown_her_code_keeps_her_record_when_its_number_goes_astray_and_back(
    she: Person, registrars: Registrars, clock: StandingClock
) -> None:
    registrars.correct_number("S0", OTHER_NUMBER)  # somebody else of the same name
    bind_her(she)
    registrars.correct_number("S1", OTHER_NUMBER)  # by mistake, so the other's record joins hers
    clock.move(contact_changes.WAIT)
    with she.resources.sessions.begin() as session:
        notices.join_what_is_left(session, she.resources.clock())
    assert records(she) == ["S1", "S0"]
    registrars.correct_number("S1", NUMBER)
    assert records(she) == ["S1"]


def test_a_number_corrected_of_her_only_record_leaves_her_bound(
    she: Person, registrars: Registrars
) -> None:
    registrars.correct_number("S0", OTHER_NUMBER)
    bind_her(she)
    registrars.correct_number("S1", "110101200301040019")
    assert records(she) == ["S1"]


def test_who_is_bound_elsewhere_with_one_record_is_refused_with_all(
    she: Person, registrars: Registrars, phones: Phones
) -> None:
    bind_her(she)
    with she.resources.sessions.begin() as session:
        session.execute(
            update(Binding).where(Binding.joined).values(ended_at=she.resources.clock())
        )
    newer = Person(she.resources, phones, "o-newer")
    assert bind_her(newer, OTHER_PHONE) == "bound_elsewhere"
    assert records(newer) == []


def test_of_two_people_who_race_for_one_wechat_one_has_it_whole(
    she: Person, registrars: Registrars, phones: Phones
) -> None:
    registrars.add("李娟", OTHER_NUMBER, OTHER_PHONE)
    other = Person(she.resources, phones)
    other.session_hash = "another browser"
    assert she.claim() is None
    mine = phones.last(PHONE)
    assert other.claim("李娟", OTHER_NUMBER) is None
    hers = phones.last(OTHER_PHONE)
    with ThreadPoolExecutor(2) as pool:
        said = [*pool.map(lambda pair: pair[0].prove(pair[1]), [(she, mine), (other, hers)])]
    assert said.count("openid_bound") == 1
    assert records(she) in (["S1", "S0"], ["N1", "S2"])


def test_unbinding_one_record_unbinds_all_and_names_no_staff_to_another_school(
    she: Person, registrars: Registrars
) -> None:
    registrars.add(school="10002")
    bind_her(she)
    with she.resources.sessions.begin() as session:
        graduate = session.scalars(select(Graduate).where(Graduate.student_number == "S0")).one()
        at = she.resources.clock()
        assert bind.end(session, graduate.id, reason="by_school", by="staff:key", at=at)
    assert records(she) == []
    with she.resources.readers.begin() as session:
        mine = AuditEntry.action == "unbound_by_school"
        actors = session.execute(select(AuditEntry.school_id, AuditEntry.actor).where(mine)).all()
    schools = {school for school, _ in actors}
    assert len(actors) == 3
    assert len(schools) == 2
    assert {actor for school, actor in actors if school == graduate.school_id} == {"staff:key"}
    assert {actor for school, actor in actors if school != graduate.school_id} == {"system"}


def test_erasing_one_record_leaves_the_others_bound_and_following(
    she: Person, registrars: Registrars
) -> None:
    bind_her(she)
    at = she.resources.clock()
    with she.resources.sessions.begin() as session:
        session.add(Follower(openid=she.openid, subscribed=True, changed_at=at))
        graduate = session.scalars(select(Graduate).where(Graduate.student_number == "S1")).one()
        forget(session, graduate, Reason("command", "本人申请", at))
    assert records(she) == ["S0"]
    registrars.add()
    assert records(she) == ["N1", "S0"]
    with she.resources.readers.begin() as session:
        assert session.scalar(select(func.count()).select_from(Follower)) == 1


def test_a_record_that_came_while_she_was_binding_joins_within_the_hour(
    she: Person, registrars: Registrars
) -> None:
    bind_her(she)
    missed = registrars.add(announced=False)
    assert records(she) == ["S1", "S0"]
    for joined in (1, 0):
        with she.resources.sessions.begin() as session:
            assert notices.join_what_is_left(session, she.resources.clock()) == joined
    assert records(she) == ["N1", "S1", "S0"]
    assert told(she) == [missed]
