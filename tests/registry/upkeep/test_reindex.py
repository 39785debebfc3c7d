"""The index key changes beside a running product: people, numbers and links are always found."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger.tables import Binding
from registry.base.crypto import Vault
from registry.base.database import open_readers
from registry.codes import identity
from registry.numbers.lookup import looking_up
from registry.numbers.sealed_number import COLUMNS, link_hash, sealed_number
from registry.numbers.shape import Kind
from registry.numbers.tables import IssuedNumber, Lookup, Result
from registry.numbers.transfer import generate
from registry.numbers.transfer.generate import IssuingSchool
from registry.record import graduates
from registry.record.tables import Graduate
from registry.tasks import roster_import
from registry.tasks.roster_import import ImportChoice, Upload
from registry.upkeep import reindex
from registry.upkeep.reindex import Step
from tests.clock import StandingClock
from tests.registry.sheets import a_person, as_xlsx, national
from tests.registry.staff_context import WorkDesk, a_school
from tests.sealing import seal
from tests.wxapp.school.records import Campus, open_campus

KEY, EARLIER_KEY, LATER_KEY = b"1" * 32, b"i" * 32, b"j" * 32
EARLIER, LATER = Vault({"k1": KEY}, EARLIER_KEY), Vault({"k1": KEY}, LATER_KEY)
BOTH = Vault({"k1": KEY}, LATER_KEY, other_index_key=EARLIER_KEY)
BEFORE_IT = Vault({"k1": KEY}, EARLIER_KEY, other_index_key=LATER_KEY)
"""A process that reads both and still writes the earlier: the first step of a change."""
FOLLOWERS = (Binding.phone_index,)
STEPS = (partial(reindex.people, followers=FOLLOWERS), reindex.numbers, reindex.lookups)
PEOPLE = 5


class World:
    """A school under the earlier key: people, one of them with two records, numbers, lookups."""

    def __init__(self, sessions: sessionmaker[Session], clock: StandingClock) -> None:
        self.sessions = sessions
        self.clock = clock
        self.count = count(1)
        with sessions.begin() as session:
            campus = open_campus(session, clock(), vault=EARLIER)
            self.school, self.scope = campus.school, campus.scope
            people = [self._add(campus, f"E{number:08}") for number in range(PEOPLE)]
            people.append(self._add(campus, "E00000000", year=2025))
            ids = [each.id for each in people]
            office = IssuingSchool(campus.school, "staff:x", clock())
            generate.generate(session, EARLIER, office, ids, Kind.FILE)
            found = [sealed_number(each) for each in session.execute(select(*COLUMNS))]
            self.numbers = {each.place: each.number(EARLIER) for each in found}
            self.tokens = {each.place: each.token(EARLIER) for each in found}
            self._look_up(session)
            bound = {"phone_index": EARLIER.index("phone", "19900000001"), "bound_at": clock()}
            session.add(Binding(openid="o-1", graduate_id=ids[0], **bound))
            gone = {"phone_index": EARLIER.index("phone", "19911111111"), "bound_at": clock()}
            session.add(Binding(openid="o-2", graduate_id=ids[1], **gone))

    def _add(self, campus: Campus, number: str, year: int = 2026) -> Graduate:
        phone = f"1990000{next(self.count):04}"
        graduate = campus.graduate(
            "李娟",
            identity_index=EARLIER.index(identity.IDENTITY, number),
            phone=phone,
            phone_index=EARLIER.index(identity.PHONE, phone),
            year=year,
        )
        return campus.report(seal(campus.session, EARLIER, graduate, number=number))

    def _look_up(self, session: Session) -> None:
        common = {"kind": "file", "result": "unknown", "by_link": False, "at": self.clock()}
        places = ["198.51.100.7", "198.51.100.7", "203.0.113.9"]
        rows = [common | {"address_index": EARLIER.index("lookup", each)} for each in places]
        session.execute(insert(Lookup), rows)

    def ask(self, vault: Vault) -> None:
        """Ask as pages do: for a person by identity number, for each number and each link."""
        with self.sessions.begin() as session:
            indexes = identity.identity_indexes(vault, "E00000000")
            found = graduates.find_by_identity(session, self.scope, indexes)
            assert [each.year for each in found] == [2026, 2025]
            one = session.scalars(select(Graduate).where(Graduate.key == found[0].key)).one()
            other = session.scalars(graduates.same_person_in(one, 2025)).all()
            assert len(other) == 1, "SQL sees that both records are one person's"
            for place, number in self.numbers.items():
                result = looking_up.by_number(
                    session, vault, Kind.FILE, "李娟", number, self.clock()
                ).result
                assert result is Result.SHOWN, place
            for token in self.tokens.values():
                assert looking_up.by_link(session, token, self.clock()).result is Result.SHOWN

    def walk(self, step: Step, between: Callable[[], object]) -> int:
        """Do all rows, two a transaction, and something between; return how many were changed."""
        after, changed = 0, 0
        while True:
            with self.sessions.begin() as session:
                looked = step(session, BOTH, after)
            between()
            if looked is None:
                return changed
            after, changed = looked.last, changed + looked.changed


@pytest.fixture
def world(sessions: sessionmaker[Session], clock: StandingClock) -> World:
    return World(sessions, clock)


def few(step: Callable[..., reindex.Looked | None]) -> Step:
    return partial(step, limit=2)


def test_everything_is_found_between_batches_and_under_the_new_key_alone_after(
    world: World,
) -> None:
    def ask() -> None:
        world.ask(BOTH)
        world.ask(BEFORE_IT)

    world.ask(EARLIER)
    ask()
    assert [world.walk(few(step), ask) for step in STEPS] == [2 * PEOPLE + 1, PEOPLE + 1, 3]
    with world.sessions.begin() as session:
        assert reindex.forget_strays(session, FOLLOWERS) == 1
    world.ask(LATER)
    with world.sessions() as session:
        rows = [sealed_number(each) for each in session.execute(select(*COLUMNS))]
        assert {each.place: each.token(LATER) for each in rows} == world.tokens
        bound = session.scalars(select(Binding.phone_index).order_by(Binding.id)).all()
        assert bound == [LATER.index("phone", "19900000001"), None]


def test_a_second_time_there_is_nothing_left(world: World) -> None:
    for step in STEPS:
        world.walk(few(step), lambda: None)
    assert [world.walk(few(step), lambda: None) for step in STEPS] == [0, 0, 0]


def test_addresses_stay_equal_among_each_other_and_tell_the_earlier_key_nothing(
    world: World,
) -> None:
    before = {EARLIER.index("lookup", each) for each in ("198.51.100.7", "203.0.113.9")}
    world.walk(few(reindex.lookups), lambda: None)
    with world.sessions() as session:
        one, two, three = session.scalars(select(Lookup.address_index).order_by(Lookup.id))
    assert one == two != three
    assert not before & {one, three}
    assert len(one) == 32


@pytest.fixture
def desk(sessions: sessionmaker[Session], clock: StandingClock) -> WorkDesk:
    return WorkDesk(sessions, open_readers(sessions.kw["bind"]), EARLIER, clock)


def test_a_roster_that_says_the_same_changes_nobody_while_the_key_changes(desk: WorkDesk) -> None:
    with desk.sessions.begin() as session:
        school = a_school(session, desk.clock)
    book = as_xlsx(national(a_person()))
    at_once = ImportChoice(dry_run=False)

    def bring_in(vault: Vault, content: bytes = book) -> dict[str, int]:
        upload = Upload(school, None, "名单.xlsx", content)
        counts = roster_import.import_now(replace(desk, vault=vault), upload, at_once).counts
        return {name: counts.get(name, 0) for name in ("new", "changed", "unchanged")}

    assert bring_in(EARLIER)["new"] == 1
    assert bring_in(BOTH) == {"new": 0, "changed": 0, "unchanged": 1}
    number = a_person()["身份证号"]
    with desk.sessions() as session:
        kept = session.scalars(select(Graduate.identity_index)).one()
        assert kept == LATER.index(identity.IDENTITY, number), "what is written is the new one"
    assert bring_in(BEFORE_IT) == {"new": 0, "changed": 0, "unchanged": 1}
    phone = {"手机号码": "16099999999"}
    assert bring_in(BOTH, as_xlsx(national(a_person() | phone)))["changed"] == 1
    with desk.sessions() as session:
        assert session.scalars(select(func.count()).select_from(Graduate)).one() == 1
        assert session.scalars(select(Graduate.phone_index)).one() == LATER.index(
            identity.PHONE, "16099999999"
        )


def test_a_number_issued_before_tokens_were_kept_keeps_its_link(world: World) -> None:
    with world.sessions.begin() as session:
        row = session.scalars(select(IssuedNumber).order_by(IssuedNumber.id).limit(1)).one()
        number = next(iter(world.numbers.values()))
        derived = EARLIER.index("report link", number)
        row.link_hash, row.link_sealed = link_hash(derived), None
    world.walk(few(reindex.numbers), lambda: None)
    with world.sessions() as session:
        kept = session.execute(select(*COLUMNS).order_by(IssuedNumber.id).limit(1)).one()
        assert kept.link_sealed is not None
        assert sealed_number(kept).token(LATER) == derived
