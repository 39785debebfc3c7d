"""Migrations that move rows move the right ones, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, insert, select, text
from sqlalchemy.exc import IntegrityError

from registry.base.database import open_engine
from runtime import schema

AT = datetime(2026, 11, 1, tzinfo=UTC)
BLANK: dict[type, Any] = {int: 1, str: "", bytes: b"", datetime: AT, bool: False}


class Before:
    """The tables as they were at a revision, and rows of them by what matters."""

    def __init__(self, engine: Engine, revision: str) -> None:
        schema.upgrade(engine, revision)
        self.engine = engine
        self.tables = MetaData()
        self.tables.reflect(engine)

    def add(self, table: str, **values: object) -> None:
        """Add a row; every other column that must say something says as good as nothing."""
        columns = self.tables.tables[table].columns
        wanted = (each for each in columns if not each.nullable and each.name not in values)
        blank = {each.name: BLANK.get(each.type.python_type, {}) for each in wanted}
        with self.engine.begin() as connection:
            connection.execute(insert(self.tables.tables[table]), {**blank, **values})

    def read(self, table: str, column: str) -> list[Any]:
        """Return a column of all rows, by their numbers."""
        found = self.tables.tables[table].columns
        with self.engine.connect() as connection:
            return list(connection.scalars(select(found[column]).order_by(found.id)))

    def years(self, table: str) -> dict[int, int]:
        """Return the year of each row, by its number."""
        found = self.tables.tables[table].columns
        with self.engine.connect() as connection:
            return dict(connection.execute(select(found.id, found.year)).all())


@pytest.fixture
def autumn(empty_database_url: str) -> Iterator[Before]:
    engine = open_engine(empty_database_url)
    try:
        yield _with_autumn(Before(engine, "0016"))
    finally:
        engine.dispose()


def _with_autumn(before: Before) -> Before:
    """Add graduates of summer and autumn, some of whose numbers the next cohort has already."""
    before.add("school", id=1, key="s", code="10001")
    before.add("department", id=1, key="d", name="计算机学院")
    for number, (year, month, student, candidate) in enumerate(
        (
            (2026, "202606", "A", None),
            (2026, "202609", "B", None),
            (2026, "202612", "C", "c"),
            (2026, "202612", "taken", None),
            (2027, "202706", "taken", None),
            (2026, "202610", "D", "also taken"),
            (2027, "202706", "E", "also taken"),
        ),
        start=1,
    ):
        about = {"student_number": student, "candidate_number": candidate}
        dated = {"year": year, "graduation_month": month, "confirmation": "none"}
        before.add("graduate", id=number, key=str(number), **about, **dated)
    for graduate in (1, 2):
        before.add("application", id=graduate, key=str(graduate), graduate_id=graduate, year=2026)
    return before


def test_autumn_comes_into_the_next_cohort_unless_its_numbers_are_taken(autumn: Before) -> None:
    before = autumn.years("graduate")
    schema.upgrade(autumn.engine, "0017")
    moved = {**before, 2: 2027, 3: 2027}
    assert autumn.years("graduate") == moved
    assert autumn.years("application") == {1: 2026, 2: 2027}
    schema.downgrade(autumn.engine, "0016")
    assert autumn.years("graduate") == before
    assert autumn.years("application") == {1: 2026, 2: 2026}


def test_what_is_held_as_the_column_comes_stays_held(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    try:
        held, others = _with_messages(Before(engine, "0018"))
        schema.upgrade(engine, "0019")
        with engine.connect() as connection:
            found = text("SELECT id FROM message WHERE held_at IS NOT NULL")
            assert set(connection.scalars(found)) == held
        schema.downgrade(engine, "0018")
        with engine.connect() as connection:
            assert set(connection.scalars(text("SELECT id FROM message"))) == held | others
    finally:
        engine.dispose()


def _with_messages(before: Before) -> tuple[set[int], set[int]]:
    """Add messages; return those of a restored backup that the operator has not decided about."""
    rows = {
        1: ("waiting", "maybe_before_restore"),
        2: ("waiting", ""),
        3: ("unknown", "maybe_before_restore"),
    }
    for number, (state, reason) in rows.items():
        names = {"client_msg_id": str(number), "business_key": str(number)}
        before.add("message", id=number, state=state, reason=reason, **names)
    return {1}, {2, 3}


@pytest.fixture
def reported(empty_database_url: str) -> Iterator[Before]:
    engine = open_engine(empty_database_url)
    try:
        yield _with_registrations(Before(engine, "0020"))
    finally:
        engine.dispose()


def _with_registrations(before: Before) -> Before:
    """Add registrations: one passed here, one corrected here, two that came from elsewhere."""
    before.add("school", id=1, key="s", code="10001")
    before.add("department", id=1, key="d", name="计算机学院")
    before.add("graduate", id=1, key="g", year=2026, student_number="A", confirmation="none")
    for number, (source, by) in enumerate(
        (
            ("全国登记系统", "staff:a"),
            ("全国登记系统", "staff:a"),
            ("全国登记系统", "system"),
            ("山东省高校毕业生就业信息网", "staff:a"),
        ),
        start=1,
    ):
        where = {"source": "national", "source_name": source, "recorded_by": by}
        before.add("registration", id=number, graduate_id=1, version=number, **where)
    about = {"graduate_id": 1, "year": 2026, "registration_id": 1}
    before.add("application", id=1, key="a", **about)
    return before


def test_what_came_about_here_says_so(reported: Before) -> None:
    schema.upgrade(reported.engine, "0021")
    assert _source_names(reported) == [
        *("本人登记", "学校更正", "全国登记系统", "山东省高校毕业生就业信息网")
    ]
    schema.downgrade(reported.engine, "0020")
    assert _source_names(reported) == ["全国登记系统"] * 3 + ["山东省高校毕业生就业信息网"]


def _source_names(reported: Before) -> list[str]:
    found = reported.tables.tables["registration"].columns
    with reported.engine.connect() as connection:
        return list(connection.scalars(select(found.source_name).order_by(found.id)))


def test_what_leads_to_tasks_and_files_stays_when_they_may_be_of_no_school(
    empty_database_url: str,
) -> None:
    engine = open_engine(empty_database_url)
    try:
        before = Before(engine, "0043")
        before.add("school", id=1, key="s", code="10001")
        before.add("department", id=1, key="d", school_id=1, name="计算机学院")
        before.add("stored_file", id=1, key="f", school_id=1)
        before.add("file_piece", id=1, file_id=1)
        before.add("graduate", id=1, key="g", school_id=1, department_id=1, year=2026)
        before.add("task", id=1, key="t", school_id=1, file_id=1)
        before.add("task_person", task_id=1, graduate_id=1)
        for to, number in (("0052", 2), ("0043", 1)):
            (schema.upgrade if to == "0052" else schema.downgrade)(engine, to)
            with engine.begin() as connection:
                if to == "0052":
                    keys = "key, name, media_type, size, sha256, sealed, created_at, expires_at"
                    wanted = f"INSERT INTO stored_file (id, {keys}) SELECT 2, 'x', "
                    wanted += f"{keys.removeprefix('key, ')} FROM stored_file"
                    connection.execute(text(wanted))
                for table in ("file_piece", "task_person", "task"):
                    assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 1  # noqa: S608 - the names stand here
                assert connection.scalar(text("SELECT count(*) FROM stored_file")) == number
                assert connection.scalar(text("SELECT file_id FROM task")) == 1
    finally:
        engine.dispose()


ABOUT_AGREEMENTS = (
    *("invitation", "application", "agreement", "terms_version", "agreement_paper"),
    *("voiding", "termination", "termination_step"),
)


def _with_agreements(before: Before) -> Before:
    """Add three agreements with all that leads to them: reviewed, signed, and terminated."""
    before.add("school", id=1, key="s", code="10001")
    before.add("department", id=1, key="d", school_id=1, name="计算机学院")
    before.add("employer", id=1, key="e", unit_code="91370200MA3C0TUX7D")
    before.add("staff", id=1, key="t", login="t")
    for number, state in enumerate(("in_review", "signed", "terminated"), start=1):
        named = {"id": number, "key": str(number), "graduate_id": number}
        before.add("graduate", id=number, key=str(number), year=2026, student_number=str(number))
        before.add("invitation", **named, employer_id=1, sent_by=1)
        before.add("application", **named)
        begun = {"invitation_id": number, "application_id": number}
        before.add("agreement", **named, **begun, state=state, terms={"unit_name": "海纳"})
        about = {"id": number, "agreement_id": number}
        before.add("terms_version", **about, number=1)
        before.add("agreement_paper", **about, number=f"{number:016}", link=str(number))
        before.add("voiding", **about, key=str(number), state="refused", asked_by_id=1)
        before.add("termination", **about, key=str(number), graduate_id=number, employer_id=1)
        before.add("termination_step", id=number, termination_id=number)
    return before


def _rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Return all that is about agreements, table by table, but for what is on paper."""
    tables, found = MetaData(), dict[str, list[dict[str, Any]]]()
    tables.reflect(engine)
    with engine.connect() as connection:
        for name in ABOUT_AGREEMENTS:
            wanted = select(tables.tables[name]).order_by(tables.tables[name].c.id)
            found[name] = [dict(each) for each in connection.execute(wanted).mappings()]
    for each in found["agreement"]:
        each.pop("request_id", None)
    return found


def _add_paper(before: Before) -> None:
    """Add a paper with all that it may lack: an invitation, a review, an employer's account."""
    before.add("graduate", id=4, key="4", year=2026, student_number="4")
    before.add("offline_request", id=1, key="o", graduate_id=4)
    named = {"id": 4, "key": "4", "graduate_id": 4}
    begun = {"request_id": 1, "invitation_id": None, "application_id": None}
    before.add("agreement", **named, **begun, state="issued", terms={})
    before.add("agreement_paper", id=4, agreement_id=4, number="4" * 16, link="4")
    before.add("terms_version", id=4, agreement_id=4, number=1)
    before.add("termination", **named, agreement_id=4, employer_id=None)
    before.add("termination_step", id=4, termination_id=4)
    before.add("graduate", id=5, key="5", year=2026, student_number="5")
    before.add("offline_request", id=2, key="p", graduate_id=5)
    reviewed = {"id": 5, "key": "5", "graduate_id": 5}
    before.add("application", **reviewed, state="submitted")
    before.add("agreement", **reviewed, **(begun | {"request_id": 2, "application_id": 5}))
    of_nothing = {**begun, "request_id": None}
    with pytest.raises(IntegrityError):
        before.add("agreement", **{**named, "id": 6, "key": "6"}, **of_nothing, ended_at=AT)


def _is_whole(engine: Engine) -> None:
    """Have SQLite look at its own file: what is written otherwise in its schema is still true."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_agreements_stay_when_there_come_some_on_paper(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    try:
        _with_agreements(Before(engine, "0051"))
        before = _rows(engine)
        schema.upgrade(engine, "0050")
        assert _rows(engine) == before
        _add_paper(Before(engine, "0050"))
        _is_whole(engine)
        schema.downgrade(engine, "0051")
        after = _rows(engine)
        assert after["application"].pop()["state"] == "discarded"  # nobody reviews what is gone
        assert after == before
        _is_whole(engine)
    finally:
        engine.dispose()


def test_what_was_signed_on_paper_says_so(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    try:
        signed = _with_destinations_signed(Before(engine, "0066"))
        schema.upgrade(engine, "0059")
        assert _source_names(signed) == ["网上签约", "线下签约", "本人登记"]
        schema.downgrade(engine, "0066")
        assert _source_names(signed) == ["网上签约", "网上签约", "本人登记"]
    finally:
        engine.dispose()


def _with_destinations_signed(before: Before) -> Before:
    """Add destinations: one signed online, one on paper, one that is no agreement's."""
    before.add("school", id=1, key="s", code="10001")
    before.add("department", id=1, key="d", school_id=1, name="计算机学院")
    before.add("employer", id=1, key="e", unit_code="91370200MA3C0TUX7D")
    before.add("staff", id=1, key="t", login="t")
    for number, name in enumerate(("网上签约", "网上签约", "本人登记"), start=1):
        named = {"id": number, "key": str(number), "graduate_id": number}
        before.add("graduate", id=number, key=str(number), year=2026, student_number=str(number))
        by = {"source": "national", "source_name": name}
        before.add("registration", id=number, graduate_id=number, version=1, **by)
        before.add("application", **named)
    before.add("invitation", id=1, key="1", graduate_id=1, employer_id=1, sent_by=1)
    before.add("offline_request", id=1, key="1", graduate_id=2)
    for number, begun in ((1, {"invitation_id": 1}), (2, {"request_id": 1})):
        about = {"id": number, "key": str(number), "graduate_id": number, "state": "signed"}
        wrote = {"application_id": number, "registration_id": number}
        before.add("agreement", **about, **wrote, **begun, terms={})
    return before


def test_second_records_wait_as_changed_phones_where_code_knows_no_more(
    empty_database_url: str,
) -> None:
    engine = open_engine(empty_database_url)
    try:
        before = Before(engine, "0086")
        before.add("school", id=1, key="s", code="10001")
        before.add("department", id=1, key="d", name="计算机学院", school_id=1)
        before.add("graduate", id=1, key="g", school_id=1, department_id=1, year=2026)
        for number, kind in enumerate(("phone", "unbound", "identity", "record"), start=1):
            about = {"graduate_id": 1, "school_id": 1, "kind": kind}
            before.add("contact_change", id=number, key=str(number), **about)
        schema.downgrade(engine, "0101")
        with engine.connect() as connection:
            kinds = connection.scalars(text("SELECT kind FROM contact_change ORDER BY id"))
            assert kinds.all() == ["phone", "unbound", "phone", "phone"]
    finally:
        engine.dispose()


def test_notices_stay_with_their_messages_as_those_are_made_lighter(
    empty_database_url: str,
) -> None:
    engine = open_engine(empty_database_url)
    try:
        before = Before(engine, "0123")
        before.add("school", id=1, key="s", code="10001")
        before.add("department", id=1, key="d", name="计算机学院")
        before.add("graduate", id=3, key="g", year=2026)
        before.add("campaign", id=2, key="c", state="finished")
        before.add("message", id=1, campaign_id=2, graduate_id=3)
        before.add("mini_notice", id=1, message_id=1)
        schema.upgrade(engine, "0121")
        schema.downgrade(engine, "0123")
        with engine.connect() as connection:
            assert connection.scalars(text("SELECT message_id FROM mini_notice")).all() == [1]
    finally:
        engine.dispose()


def test_what_a_version_says_is_written_out_again_where_code_reads_nothing_else(
    empty_database_url: str,
) -> None:
    engine = open_engine(empty_database_url)
    try:
        before = Before(engine, "0118")
        before.add("school", id=1, key="s", code="10001")
        before.add("department", id=1, key="d", school_id=1, name="计算机学院")
        before.add("graduate", id=1, key="g", year=2026)
        says = {"category": "10", "unit_name": "甲公司", "signed_on": date(2026, 5, 4)}
        before.add("registration", id=1, graduate_id=1, version=1, **says)
        kept = {"id": 1, "graduate_id": 1, "registration_id": 1, "sequence": 1}
        before.add("confirmation", **kept, snapshot={"source": "学校导入"})
        before.add("application", id=1, key="a", graduate_id=1, registration_id=1)
        before.add("review_step", id=1, application_id=1, revision=1, event="submit")
        earlier = {"id": 2, "revision": 2, "event": "submit", "values": {"unit_name": "乙公司"}}
        before.add("review_step", application_id=1, **earlier)
        before.add("review_step", id=3, application_id=1, revision=3, event="pass")
        schema.downgrade(engine, "0121")
        answer, *_ = before.read("confirmation", "snapshot")
        assert answer.items() >= {"source": "学校导入", "unit_name": "甲公司"}.items()
        sent, as_before, passed = before.read("review_step", "values")
        assert (sent["unit_name"], sent["signed_on"]) == ("甲公司", "2026-05-04")
        assert sent["study_school"] == ""
        assert (as_before, passed) == ({"unit_name": "乙公司"}, None)
    finally:
        engine.dispose()
