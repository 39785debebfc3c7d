"""Erasing a person leaves nothing of her, whatever tables point to her now or later."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import JSON, Column, Date, LargeBinary, String, Table, func, insert, select
from sqlalchemy.orm import Session

from migrations.metadata import metadata
from notifier.binding.forget import forget
from notifier.ledger import states
from notifier.ledger.tables import Binding, Message
from registry.accounts import audit
from registry.accounts.tables import AuditEntry
from registry.base import retention
from registry.base.database import UtcDateTime
from registry.base.errors import RuleError
from registry.record.tables import Graduate
from registry.upkeep import erase
from registry.upkeep.erase import Reason
from tests.clock import StandingClock
from tests.registry.numbers.office import Case, a_case

AT = datetime(2026, 11, 22, tzinfo=UTC)
REASON = Reason("command", "本人书面申请", AT)
HERS = {"graduate", "application", "issued_number"}
"""Whoever points to one of these is about her."""


def _about_her() -> list[Table]:
    found = []
    for table in metadata.sorted_tables:
        points_to = {key.column.table.name for key in table.foreign_keys}
        if points_to & HERS and table.name not in retention.NOBODYS:
            HERS.add(table.name)
            found.append(table)
    return found


VALUES: list[tuple[type, object]] = [
    (UtcDateTime, AT),
    (Date, date(2026, 7, 1)),
    (JSON, {}),
    (LargeBinary, b"x"),
]


def _filled(session: Session, column: Column[Any], known: dict[str, int]) -> object:
    for key in column.foreign_keys:
        pointed_to = key.column.table
        if column.nullable:
            return known.get(pointed_to.name)
        return _id_of(session, pointed_to, known)
    if isinstance(column.type, String):
        return f"{column.table.name}.{column.name}"[: column.type.length or 99]
    return next((value for kind, value in VALUES if isinstance(column.type, kind)), 1)


def _counts_itself(column: Column[Any]) -> bool:
    return column.primary_key and not column.foreign_keys and not isinstance(column.type, String)


def _id_of(session: Session, table: Table, known: dict[str, int]) -> int:
    """Return the id of a row of the table, written where there is none yet."""
    if table.name not in known:
        values = {
            column.name: _filled(session, column, known)
            for column in table.columns
            if not _counts_itself(column)
        }
        session.execute(insert(table).values(values))
        known[table.name] = session.scalar(select(func.max(next(iter(table.primary_key))))) or 0
    return known[table.name]


def _rows(session: Session, case: Case) -> Iterator[Table]:
    """Write a row of every table about her, and a file of hers; yield those that must go."""
    graduate = case.graduate
    known = {
        "graduate": graduate.id,
        "school": graduate.school_id,
        "department": graduate.department_id,
    }
    for table in _about_her():
        _id_of(session, table, known)
        yield table
    evidence, files = metadata.tables["evidence"], metadata.tables["stored_file"]
    session.execute(evidence.update().values(file_id=_id_of(session, files, known)))
    yield files


@pytest.fixture
def case(session: Session, clock: StandingClock) -> Case:
    return a_case(session, clock)


def test_no_row_about_her_stays_in_any_table(session: Session, case: Case) -> None:
    neighbour = a_case(session, case.clock)
    tables = list(_rows(session, case))
    assert len(tables) > 12
    session.execute(metadata.tables["message"].update().values(state=states.MessageState.DELIVERED))
    erased = forget(session, case.graduate, REASON)
    for table in tables:
        assert session.scalar(select(func.count()).select_from(table)) == 0, table.name
        assert erased[table.name] == 1
    assert session.scalars(select(Graduate.id)).all() == [neighbour.graduate.id]


def _of_wechats() -> list[Table]:
    """Return the tables that name a WeChat and point to no graduate."""
    pointing = {each.name for each in _about_her()} | retention.OF_STAFF
    named = (each for each in metadata.sorted_tables if "openid" in each.columns)
    return [each for each in named if each.name not in pointing]


def _named(session: Session, table: Table, openid: str) -> dict[str, object]:
    """Return values of a row that names a WeChat."""
    values: dict[str, object] = {"openid": openid}
    for column in table.columns:
        if column.unique:
            values[column.name] = f"{column.name} of {openid}"
        elif column.name != "openid" and not _counts_itself(column):
            values[column.name] = _filled(session, column, {})
    return values


def test_her_wechat_identity_goes_and_anothers_stays(session: Session, case: Case) -> None:
    hers, anothers = "openid-of-hers", "openid-of-another"
    session.add(Binding(openid=hers, graduate_id=case.graduate.id, bound_at=AT, ended_at=AT))
    for table in _of_wechats():
        for openid in (hers, anothers):
            session.execute(insert(table).values(_named(session, table, openid)))
    session.flush()
    forget(session, case.graduate, REASON)
    for table in _of_wechats():
        assert session.scalars(select(table.c.openid)).all() == [anothers], table.name


FOUND_OTHERWISE = {
    # what is said of her in the log, and its chain, which names nobody
    *("audit_detail", "audit_entry", "audit_link", "merged_school"),
    # numbers in a list, sentences and files of tasks: `test_no_trace`
    *("campaign", "campaign_drive", "office_task", "roster_import", "stored_file", "file_piece"),
    # keyed hashes, and what names no graduate
    *("attempt", "one_time_state", "puzzle", "selection", "staff_device"),
}
"""Tables with a term that an erasure knows in a way of its own, or need not know."""


def test_every_table_with_a_term_is_known_to_an_erasure() -> None:
    known = {each.name for each in [*_about_her(), *_of_wechats()]} | {"graduate"}
    termed = {name for term in retention.TERMS for name in term.tables}
    assert termed - known == FOUND_OTHERWISE


def test_the_audit_log_says_that_it_was_done_and_not_whose(session: Session, case: Case) -> None:
    name, number = case.graduate.name, case.graduate.student_number
    forget(session, case.graduate, REASON)
    session.flush()
    entry = session.scalars(select(AuditEntry)).one()
    assert entry.action == "graduate.erased"
    assert audit.said_in(session, entry) == {"why": "本人书面申请"}
    assert name not in entry.subject
    assert number not in entry.subject


def test_nobody_is_erased_while_a_message_to_her_is_on_the_wire(
    session: Session, case: Case
) -> None:
    session.add(
        Message(
            client_msg_id="1",
            business_key="1",
            kind="review_result",
            school_id=case.school.id,
            graduate_id=case.graduate.id,
            state=states.MessageState.SENDING,
            next_at=AT,
            created_at=AT,
        )
    )
    session.flush()
    with pytest.raises(RuleError, match="being_sent"):
        forget(session, case.graduate, REASON)


def test_she_is_found_by_key_or_by_school_and_student_number(session: Session, case: Case) -> None:
    graduate = case.graduate
    for named in (graduate.key, f"{case.school.code}/{graduate.student_number}"):
        assert erase.find(session, named).id == graduate.id
    for named in ("", "nobody", "00000/20220101", f"{case.school.code}/1"):
        with pytest.raises(RuleError, match="graduate_unknown"):
            erase.find(session, named)
