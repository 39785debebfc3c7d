"""What the demo says when it is up leads a newcomer to everything, without other documents."""

import os
from pathlib import Path

import pytest

from commands.trial import greeting
from commands.trial.first_steps import steps
from commands.trial.home import Home, write_settings
from commands.trial.people import Account, People, Person
from commands.trial.running import Trial

SANDBOX = "http://127.0.0.1:8001"
SCHOOL = Account("qinghe", "LlcydCAVSLhL", "青禾大学 · 学校")
PERSON = Person("o-1", "沈明书", "140105200310039731", "16011331705", "202301", "青禾大学")


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    monkeypatch.setenv("QUXIANG_ENV_FILE", os.environ.get("QUXIANG_ENV_FILE", ""))
    home = Home(tmp_path)
    settings, _ = write_settings(home, 8000, "redis://127.0.0.1:6379")
    return Trial(home, settings, SANDBOX, People([SCHOOL], [PERSON]), ())


def test_it_names_three_things_to_try_with_what_each_asks_for(trial: Trial) -> None:
    said = greeting.words(trial)
    places = [said.index(words) for words in ("试试这三步", "1. ", "2. ", "3. ")]
    assert places == sorted(places)
    for words in (
        f"{SANDBOX}/phone/o-1  沈明书 140105200310039731",
        "http://127.0.0.1:8000/verify",
        "http://127.0.0.1:8000/login",
        "LlcydCAVSLhL",
    ):
        assert words in said


def test_commands_are_named_as_they_can_be_typed(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "quxiang"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setattr("sys.argv", [str(program), "demo"])
    assert f"   {program} tour\n" in greeting.words(trial)
    monkeypatch.setattr("sys.argv", ["quxiang.py", "demo"])
    assert "   quxiang tour\n" in greeting.words(trial)


def test_the_page_of_the_phones_tells_all_that_the_three_steps_ask_for() -> None:
    said = "".join(steps("http://127.0.0.1:8000", SCHOOL))
    for words in ("http://127.0.0.1:8000/verify", "http://127.0.0.1:8000/login", "qinghe"):
        assert words in said
    assert SCHOOL.password in said
    assert "终端" not in said
