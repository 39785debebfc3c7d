"""After an erasure she is nowhere: not in any column of any table, not in Redis, in no encoding."""

import base64
import hashlib
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from redis import Redis
from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session

from migrations.metadata import metadata
from notifier.binding.forget import ERASED_NUMBER, forget
from notifier.campaigns.audience import Audience
from notifier.ledger.tables import Campaign, Message
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.school_tables import School
from registry.base.errors import RuleError
from registry.numbers.shape import Kind
from registry.numbers.transfer import generate
from registry.numbers.transfer.generate import IssuingSchool
from registry.record import consents, graduate_page
from registry.record.consents import ConsentPurpose
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Source
from registry.tasks import roster_import
from registry.tasks.roster_import import ImportChoice, Upload
from registry.tasks.states import TaskState
from registry.tasks.tables import Task
from registry.upkeep.erase import Reason
from runtime.resources import Resources
from tests.notifier.binding.claimants import Person, Phones
from tests.registry.sheets import a_person, as_xlsx, national
from tests.registry.staff_context import WorkDesk, a_school

HER = a_person() | {"姓名": "欧阳晓雯"}
NEW_PHONE, OPENID = "16099998888", "o-of-ouyang-xiaowen"
NEEDLES = (
    *(HER["姓名"], HER["身份证号"], HER["学号"], HER["考生号"], HER["手机号码"]),
    *(NEW_PHONE, OPENID),
)


def encodings(said: str) -> Iterator[bytes]:
    """Yield how a text may stand somewhere: plain, escaped, encoded, or as a hash without a key."""
    yield said.encode()
    yield said.encode("gbk")
    yield said.encode("utf-16-le")
    yield json.dumps(said)[1:-1].encode()
    yield quote(said).encode()
    yield said.encode().hex().encode()
    for start in range(3):
        whole = base64.b64encode(b"x" * start + said.encode())
        yield whole[(start * 8 + 5) // 6 : len(whole) - 4]
    for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256):
        yield digest(said.encode()).hexdigest().encode()


def traces(session: Session, valkey: Redis) -> set[tuple[str, str]]:
    """Return where something of her stands, and what."""
    places = {
        f"{table.name}.{column.name}": repr(
            session.execute(select(column).where(column.is_not(None))).scalars().all()
        ).encode("utf-8")
        for table in metadata.tables.values()
        for column in table.columns
    }
    for key in valkey.scan_iter():
        places["redis"] = places.get("redis", b"") + key + (valkey.dump(key) or b"")
    return {
        (place, needle)
        for place, content in places.items()
        for needle in NEEDLES
        if any(each in content for each in encodings(needle))
    }


class World:
    """A school in which she was imported, corrected, bound, numbered, listed, written to."""

    def __init__(self, resources: Resources, phones: Phones) -> None:
        self.resources = resources
        self.desk = WorkDesk(
            resources.sessions, resources.readers, resources.vault, resources.clock
        )
        with resources.sessions.begin() as session:
            self.school = a_school(session, resources.clock, "10425")
        self.bring_in(HER | {"院校代码": "10425"})
        self.bring_in(HER | {"院校代码": "10425", "手机号码": NEW_PHONE})
        twin = a_person(2) | {"身份证号": HER["身份证号"], "院校代码": "10425"}
        self.bring_in(twin)
        person = Person(resources, phones, OPENID)
        assert person.claim(HER["姓名"], HER["身份证号"]) is None
        person.prove(phones.last(NEW_PHONE))
        with resources.sessions.begin() as session:
            self._do_the_rest(session, session.scalars(self.her()).one())

    def her(self) -> Select[Graduate]:
        """Return the query of her record."""
        return select(Graduate).where(Graduate.student_number == HER["学号"])

    def origin(self, her: Graduate) -> Origin:
        """Return the school's, for a correction of hers."""
        at = self.resources.clock()
        return Origin(her.school_id, Source.NATIONAL, "更正", "学校", "staff:x", at)

    def bring_in(self, *people: dict[str, str]) -> None:
        choice = ImportChoice(dry_run=False)
        book = as_xlsx(national(*people))
        roster_import.import_now(self.desk, Upload(self.school, None, "名单.xlsx", book), choice)

    def _do_the_rest(self, session: Session, her: Graduate) -> None:
        at, vault = self.resources.clock(), self.resources.vault
        consents.give(session, [her.id], ConsentPurpose.BINDING, "x", at)
        school = her_school(session, her)
        office = IssuingSchool(school, "staff:x", at)
        generate.generate(session, vault, office, [her.id], Kind.FILE)
        said = {"changes": [{"title": "姓名", "before": her.name, "after": her.name}]}
        subject = graduate_page.subject(her.key)
        audit.note(
            session, AuditRecord("staff:x", "graduate_corrected", subject, school.id, said), at
        )
        audience = Audience(2026, student_numbers=(her.student_number, "999"))
        campaign = Campaign(
            school_id=school.id,
            created_by="staff:x",
            title="提醒",
            kind="confirmation_reminder",
            audience=audience.to_json(),
            created_at=at,
        )
        session.add(campaign)
        session.flush()
        facts = json.dumps({"name": her.name}, ensure_ascii=False)
        session.execute(
            insert(Message).values(
                client_msg_id="1" * 32,
                business_key=f"x:{her.id}",
                kind="confirmation_reminder",
                school_id=school.id,
                campaign_id=campaign.id,
                graduate_id=her.id,
                facts=facts,
                openid=OPENID,
                state="delivered",
                next_at=at,
                created_at=at,
            )
        )


def her_school(session: Session, her: Graduate) -> School:
    session.refresh(her, ["school"])
    return her.school


def test_an_erasure_leaves_no_trace(resources: Resources, phones: Phones, valkey: Redis) -> None:
    world = World(resources, phones)
    with resources.readers() as session:
        before = {place for place, _ in traces(session, valkey)}
    assert {"graduate.name", "campaign.audience", "task.problems", "message.facts"} <= before
    with resources.sessions.begin() as session:
        her = session.scalars(world.her()).one()
        forget(session, her, Reason("command", "本人申请", resources.clock()))
    with resources.readers() as session:
        assert traces(session, valkey) == set()
        audience = session.scalars(select(Campaign.audience)).one()
        assert audience["student_numbers"] == [ERASED_NUMBER, "999"]


def test_an_earlier_number_and_cohort_of_hers_are_forgotten_too(
    resources: Resources, phones: Phones, valkey: Redis
) -> None:
    world = World(resources, phones)
    with resources.sessions.begin() as session:
        her = session.scalars(world.her()).one()
        moved = {"student_number": "N-of-another-day", "year": her.year + 1}
        record(session, world.origin(her), [Proposal(her.id, basics=moved)])
    with resources.sessions.begin() as session:
        her = session.scalars(select(Graduate).where(Graduate.name == HER["姓名"])).one()
        forget(session, her, Reason("command", "本人申请", resources.clock()))
    with resources.readers() as session:
        assert traces(session, valkey) == set()
        audience = session.scalars(select(Campaign.audience)).one()
        assert audience["student_numbers"] == [ERASED_NUMBER, "999"]


def test_a_number_that_is_anothers_in_the_year_of_a_list_stays_there(
    resources: Resources, phones: Phones
) -> None:
    world = World(resources, phones)
    with resources.sessions.begin() as session:
        her = session.scalars(world.her()).one()
        record(session, world.origin(her), [Proposal(her.id, basics={"year": her.year + 1})])
    world.bring_in(a_person(7) | {"学号": HER["学号"], "院校代码": "10425"})
    with resources.sessions.begin() as session:
        her = session.scalars(select(Graduate).where(Graduate.name == HER["姓名"])).one()
        forget(session, her, Reason("command", "本人申请", resources.clock()))
        audience = session.scalars(select(Campaign.audience)).one()
        assert audience["student_numbers"] == [HER["学号"], "999"]


def test_nobody_is_erased_while_a_file_that_may_name_her_is_made(
    resources: Resources, phones: Phones
) -> None:
    world = World(resources, phones)
    with resources.sessions.begin() as session:
        session.execute(update(Task).values(state=TaskState.RUNNING))
    with resources.sessions() as session:
        her = session.scalars(world.her()).one()
        with pytest.raises(RuleError, match="task_running"):
            forget(session, her, Reason("command", "本人申请", resources.clock()))
