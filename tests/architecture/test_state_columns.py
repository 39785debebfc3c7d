"""No state is written but by its table, and no life is missing from the list of them."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrations.metadata import metadata
from registry.base.state_table import StateTable
from tests.architecture.state_writes import states_move_by_their_tables
from tests.state_columns import DERIVED, LIVES

PRODUCT = ("registry", "runtime", "notifier", "workers", "wxapp", "commands")
MOVES = Path("registry/base/moves.py")
CARRIED_OVER = Path("registry/tasks/carry_over.py")
"""Rows of two tables of the version before become rows of one, and keep their state."""
OF_THE_VERSION_BEFORE = {"office_task.state", "roster_import.state"}
COUNTED = {"application_count.state"}
"""How many are in a state: written by triggers alone."""


def test_no_state_is_written_but_by_its_table(repository: Path) -> None:
    paths = [path for top in PRODUCT for path in (repository / top).rglob("*.py")]
    complaints = [
        f"{path.relative_to(repository)}:{complaint}"
        for path in paths
        if path.relative_to(repository) not in {MOVES, CARRIED_OVER}
        for complaint in states_move_by_their_tables(str(path), path.read_text(encoding="utf-8"))
    ]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    "source",
    [
        "graduate.confirmation = state",
        "row.batch.state = 'filed'",
        "setattr(batch, 'state', 'filed')",
        "session.execute(update(Application).where(mine).values(state=target))",
        "session.execute(update(Application).values({'state': target}))",
        "session.execute(update(Application).values({Application.state: target}))",
        "session.execute(update(Graduate.__table__).values(confirmation='confirmed'))",
        "statement(Graduate).values(confirmation='confirmed'); Graduate",
        "rows = [{'id': 1, 'confirmation': state}]; session.execute(update(Graduate), rows)",
        "session.execute(insert(Message).values(state=MessageState.SENDING))",
        "session.execute(insert_new(session, Message).values(state='sending'))",
        "row = {'school_id': 1, 'state': CampaignState.FINISHED}; insert(Campaign)",
        "row = {'id': 1, 'state': case((reached, MessageState.WAITING), else_=x)}; Message",
        "Campaign(state=CampaignState.SENDING)",
        "Task(state=TaskState.WAITING if checked else TaskState.RUNNING)",
        "text('UPDATE message SET state = 1')",
        "session.bulk_update_mappings(Graduate, rows)",
    ],
)
def test_another_write_is_seen(source: str) -> None:
    assert len(list(states_move_by_their_tables("a.py", source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "move(session, BATCH, ProvinceBatch.state, BatchEvent.FILE, mine, revision=2)",
        "self.state = state",
        "session.execute(update(Application).values(department_id=theirs))",
        "session.execute(update(ProvinceEntry).values(standing=False)); IssuedNumber",
        "Campaign(state=CAMPAIGN.start)",
        "Task(state=TaskState.WAITING if checked else TaskState.APPROVED)",
        "insert(Message).values(state=states.MessageState.WAITING)",
        "row = {'id': 1, 'state': APPLICATION[purpose].start}; Application",
        "row = {'id': 1, 'state': case((is_reached, MessageState.WAITING), else_=MESSAGE.start)}",
        "shown = {'state': campaign.state, 'link': link}; Campaign",
        "counts = {Graduate.confirmation: 'confirmation'}",
        "select(Application).where(Application.state == 'draft')",
    ],
)
def test_a_move_and_a_beginning_are_let_be(source: str) -> None:
    assert list(states_move_by_their_tables("a.py", source)) == []


def test_every_state_table_is_in_the_list_of_lives() -> None:
    listed = {id(each.table) for each in LIVES} | {id(table) for table in DERIVED}
    unlisted = [
        f"{module}.{name}" for module, name, table in _state_tables() if id(table) not in listed
    ]
    assert not unlisted


def test_every_column_of_states_is_in_the_list_of_lives() -> None:
    listed = {f"{each.column.class_.__tablename__}.{each.column.key}" for each in LIVES}
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name == "state"
    }
    assert found - OF_THE_VERSION_BEFORE - COUNTED <= listed


def _state_tables() -> Iterator[tuple[str, str, object]]:
    for top in PRODUCT:
        package = importlib.import_module(top)
        for found in pkgutil.walk_packages(package.__path__, f"{top}."):
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                if isinstance(value, StateTable):
                    yield found.name, name, value
