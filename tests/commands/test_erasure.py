"""`quxiang erase`: one person goes, with a reason, and everybody else stays."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.tables import AuditEntry
from registry.record.tables import Graduate
from tests.commands.conftest import Quxiang


def test_a_person_is_erased_by_school_and_number(
    command: Quxiang, sessions: sessionmaker[Session]
) -> None:
    made = command("population", "create", "--school", "99001", "--graduates", "3")
    assert made.status == 0, made.messages
    with sessions() as session:
        her = session.scalars(select(Graduate)).first()
        assert her is not None
    said = command("erase", f"99001/{her.student_number}", "--reason", "本人申请")
    assert (said.status, said.facts["graduate"]) == (0, her.key)
    assert her.name not in said.messages
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Graduate)) == 2
        assert session.get(Graduate, her.id) is None
        assert session.scalars(select(AuditEntry.action)).all() == ["graduate.erased"]


def test_nobody_is_erased_by_a_wrong_name_or_with_an_empty_reason(command: Quxiang) -> None:
    said = command("erase", "99001/1", "--reason", " ")
    assert (said.status, said.facts["refused"]) == (1, "reason_missing")
    said = command("erase", "99001/1")
    assert (said.status, said.facts["refused"]) == (1, "graduate_unknown")
