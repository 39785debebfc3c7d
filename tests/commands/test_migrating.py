"""`quxiang db`: where the tables stand, what waits, forward and back."""

from alembic.script import ScriptDirectory

from runtime import schema
from tests.commands.conftest import Quxiang


def test_it_says_where_the_tables_stand_and_what_waits(command: Quxiang) -> None:
    newest = ScriptDirectory(str(schema.FOLDER)).get_current_head()
    assert command("db", "current").facts == {"current": newest, "state": "ok", "waiting": 0}
    down = command("db", "downgrade", "0069", "--yes")
    assert (down.status, down.facts["current"]) == (0, "0069")
    now = command("db", "current").facts
    assert (now["current"], now["state"]) == ("0069", "not migrated")
    waiting = [each for each in command("db", "history").facts["migrations"] if not each["applied"]]
    assert len(waiting) == now["waiting"] > 0
    assert waiting[-1]["number"] == newest
    told = command("db", "sql").facts["statements"]
    assert any("CREATE TABLE" in each for each in told)
    assert command("db", "current").facts == now  # it was undone
    assert command("db", "upgrade").facts["changed"]
    assert command("db", "current").facts["waiting"] == 0


def test_nothing_is_undone_without_a_word_and_no_number_is_made_up(command: Quxiang) -> None:
    assert command("db", "downgrade", "0069").facts["refused"] == "no_backup"
    for verb in (("downgrade", "9999", "--yes"), ("upgrade", "9999"), ("sql", "9999")):
        command("db", "downgrade", "0069", "--yes")
        said = command("db", *verb)
        assert (said.status, said.facts["refused"]) == (1, "no_such_migration"), said.messages
