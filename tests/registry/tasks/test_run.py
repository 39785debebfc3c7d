"""A task goes on behind what was done when its worker is lost, and nobody writes behind another."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from registry.base import files, large_files
from registry.base.crypto import UnreadableValue, Vault
from registry.base.file_tables import FilePiece, StoredFile
from registry.numbers.shape import Kind
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import generate as transferring
from registry.numbers.transfer.generate import Generated, IssuingSchool
from registry.tasks import claims, file_making, report_files, run
from registry.tasks.claims import Overtaken
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task, TaskPerson
from tests.registry.tasks.conftest import BASE, Bureau, reported


class Killed(BaseException):
    """What a worker feels of kill -9: nothing of ours runs any more."""


def end_leases(bureau: Bureau) -> None:
    """Let the time of a lost worker pass."""
    with bureau.desk.sessions.begin() as session:
        long_ago = bureau.clock() - timedelta(days=30)
        session.execute(update(Task).values(lease_until=long_ago))


def issued(bureau: Bureau) -> int:
    with bureau.desk.readers.begin() as session:
        return session.scalars(select(func.count()).select_from(IssuedNumber)).one()


def test_numbers_made_before_a_worker_was_killed_stay_and_the_next_goes_on(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.add(lambda campus: [reported(campus) for _ in range(5)])
    task = bureau.ask(TaskKind.NUMBERS)
    generate = transferring.generate
    calls: list[Sequence[int]] = []

    def two_then_death(
        session: Session, vault: Vault, office: IssuingSchool, ids: Sequence[int], kind: Kind
    ) -> Generated:
        calls.append(ids)
        if len(calls) == 3:
            raise Killed
        return generate(session, vault, office, ids, kind)

    monkeypatch.setattr(file_making, "CHUNK", 2)
    monkeypatch.setattr(transferring, "generate", two_then_death)
    with pytest.raises(Killed):
        bureau.work()
    assert issued(bureau) == 4
    assert not run.run_next(bureau.desk, BASE), "the lease still runs"
    end_leases(bureau)
    bureau.work()
    task = bureau.now(task)
    assert (task.state, task.done, task.counts) == (
        TaskState.FINISHED,
        5,
        {"created": 5, "renewed": 0},
    )
    assert issued(bureau) == 5


def test_a_file_half_built_is_built_anew_and_nothing_is_renewed_twice(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.add(lambda campus: [reported(campus) for _ in range(3)])
    task = bureau.ask(TaskKind.REPORTS)
    with monkeypatch.context() as patched:
        patched.setattr(report_files, "file_name", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            bureau.work()
    assert issued(bureau) == 3
    end_leases(bureau)
    bureau.work()
    task = bureau.now(task)
    assert (task.state, task.done, task.counts["created"]) == (TaskState.FINISHED, 3, 3)
    assert issued(bureau) == 3
    assert bureau.file(task)[1].startswith(b"PK")


def test_who_was_overtaken_writes_nothing_more(bureau: Bureau) -> None:
    bureau.add(reported)
    task = bureau.ask(TaskKind.NUMBERS)
    with bureau.desk.sessions.begin() as session:
        slow = claims.claim(session)
    end_leases(bureau)
    bureau.work()
    assert slow is not None
    with pytest.raises(Overtaken), bureau.desk.sessions.begin() as session:
        claims.write(session, slow, done=99)
    assert bureau.now(task).done == 1


def test_what_fails_again_and_again_is_given_up_with_a_sentence(bureau: Bureau) -> None:
    bureau.add(reported)
    task = bureau.ask(TaskKind.NUMBERS)
    with bureau.desk.sessions.begin() as session:
        session.execute(update(Task).values(attempts=run.MAX_ATTEMPTS))
    bureau.work()
    assert bureau.now(task).state == TaskState.REFUSED
    assert "多次尝试" in bureau.now(task).message


def test_whom_a_task_was_for_is_forgotten_when_it_is_done(bureau: Bureau) -> None:
    bureau.add(reported)
    bureau.done(TaskKind.TABLE)
    with bureau.desk.readers.begin() as session:
        assert session.scalars(select(TaskPerson)).all() == []


def test_a_file_is_kept_for_a_day_in_sealed_pieces(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_files, "PIECE_BYTES", 500)
    bureau.add(lambda campus: [reported(campus) for _ in range(3)])
    task = bureau.done(TaskKind.TABLE)
    with bureau.desk.readers.begin() as session:
        sealed = session.scalars(select(FilePiece.sealed)).all()
    _, content = bureau.file(task)
    assert len(sealed) > large_files.PIECES_AT_ONCE
    assert not any(content[at : at + 30] in b"".join(sealed) for at in range(0, 3000, 100))
    with bureau.desk.sessions.begin() as session:
        assert files.sweep_expired(session, bureau.clock()) == 0
        assert files.sweep_expired(session, bureau.clock() + file_making.KEPT_FOR) == 1
    with bureau.desk.readers.begin() as session:
        assert session.scalars(select(FilePiece.id)).all() == []
    assert bureau.now(task).file_id is None


@pytest.mark.parametrize("harm", ["lost", "swapped"])
def test_a_file_with_a_piece_lost_or_swapped_is_not_given_out(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    monkeypatch.setattr(large_files, "PIECE_BYTES", 500)
    bureau.add(reported)
    task = bureau.done(TaskKind.TABLE)
    with bureau.desk.sessions.begin() as session:
        first, second = session.scalars(select(FilePiece).order_by(FilePiece.place).limit(2))
        if harm == "lost":
            session.delete(second)
        else:
            first.sealed, second.sealed = second.sealed, first.sealed
    with bureau.desk.readers.begin() as session:
        stored = session.get_one(StoredFile, task.file_id)
    with pytest.raises(UnreadableValue):
        list(large_files.pieces(bureau.desk.readers, bureau.desk.vault, stored))
