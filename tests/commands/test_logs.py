"""The log names an error and its place; its words, which may be about a person, stay out."""

import json
import subprocess
import sys

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
