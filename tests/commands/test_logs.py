"""The log names an error and its place; its words, which may be about a person, stay out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PRIVATE = "110101199003070134"
PROGRAM = f"""
import logging, traceback
from commands.logs import write_logs
from tests.configuration import settings_for
import structlog

write_logs(settings_for("sqlite://", "redis://127.0.0.1:1/0", log_format="json"))
try:
    raise ValueError("{PRIVATE}")
except ValueError:
    SAY
"""


@pytest.mark.parametrize(
    "say",
    [
        'structlog.get_logger("ours").exception("it failed")',
        'logging.getLogger("theirs").exception("it failed")',
        'logging.getLogger("the web server").error("it failed\\n" + traceback.format_exc())',
    ],
)
def test_an_error_is_named_without_its_words(say: str) -> None:
    program = PROGRAM.replace("SAY", say)
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert PRIVATE not in said.stderr
    found = json.loads(said.stderr)
    assert (found["event"], found["error"]) == ("it failed", "ValueError")
    assert found["where"] == ["<string>:9"]


@pytest.mark.parametrize(("level", "lines"), [("INFO", ["said", "so"]), ("WARNING", ["so"])])
def test_our_lines_are_written_from_the_level_on(level: str, lines: list[str]) -> None:
    program = f"""
from commands.logs import write_logs
from tests.configuration import settings_for
import structlog

write_logs(settings_for("sqlite://", "redis://127.0.0.1:1/0", log_level="{level}"))
log = structlog.get_logger("ours")
log.info("said")
log.warning("so")
"""
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    found = [json.loads(each) for each in said.stderr.splitlines()]
    assert [each["event"] for each in found] == lines
    assert {each["logger"] for each in found} == {"ours"}


def test_a_log_that_cannot_be_written_ends_nothing() -> None:
    program = """
from commands.logs import write_logs
from tests.configuration import settings_for
import structlog

write_logs(settings_for("sqlite://", "redis://127.0.0.1:1/0"))
structlog.get_logger("ours").info("said")
print("went on")
"""
    with Path("/dev/full").open("w") as full:
        said = subprocess.run(
            [sys.executable, "-c", program],
            check=False,  # the interpreter itself says at its end that it could not write
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
        )
    assert said.stdout == "went on\n"
