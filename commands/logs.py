"""How every process writes its log: one line an event, and never an exception's own words."""

import logging
import re
import sys
import traceback
from contextlib import nullcontext
from functools import partial
from typing import Any, TextIO

import structlog

from runtime.settings import Settings

_FRAMES = 5
_FRAME = re.compile(r'^  File "(?:.*/)?([^"/]+)", line (\d+)', re.MULTILINE)


def write_logs(settings: Settings) -> None:
    """Send what structlog and the standard library log to standard error, in the wanted form."""
    before: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _name_error,
        _name_error_in_words,
    ]
    last: structlog.typing.Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if settings.log_format == "console":
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    output = logging.StreamHandler()
    structlog.configure(
        processors=[*before, last],
        logger_factory=partial(_Lines, output),
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=True,
    )
    output.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(level=settings.log_level, handlers=[output], force=True)
    logging.raiseExceptions = False  # or what cannot be written is spelled out with all it holds
    _look_up_less()
    for talkative in ("alembic", "urllib3"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


class _Lines:
    """Writes the lines of one of our loggers where the standard library's handler writes its own.

    Our lines are whole when they come here. As records of the standard library, each was made,
    handed on and formatted once more: a thirtieth of a page.
    """

    def __init__(self, output: logging.StreamHandler[TextIO], name: str) -> None:
        self.name = name
        self._output = output

    def msg(self, line: str) -> None:
        """Write a line; one that cannot be written is lost, as the handler's are."""
        try:
            with self._output.lock or nullcontext():
                self._output.stream.write(f"{line}\n")
                self._output.flush()
        except (OSError, ValueError):  # the log is full, gone or closed: no reason to answer nobody
            pass

    debug = info = warning = error = critical = msg


def _look_up_less() -> None:
    """Leave out what no line of the standard library's says.

    As the standard library's HOWTO says under "Optimization".
    """
    logging._srcfile = None  # noqa: SLF001 - the HOWTO's way
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def _name_error(_logger: Any, _method: str, event: structlog.typing.EventDict) -> Any:  # noqa: ANN401 - structlog's own signature
    """Put an error's class and place where its text would be: that may hold personal data."""
    error = _error_of(event.pop("exc_info", None), event.get("_record"))
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        event["error"] = type(error).__qualname__
        event["where"] = [f"{each.filename.rpartition('/')[2]}:{each.lineno}" for each in frames]
    return event


def _name_error_in_words(_logger: Any, _method: str, event: structlog.typing.EventDict) -> Any:  # noqa: ANN401 - structlog's own signature
    """Do the same with an error whose traceback is part of the words, as the web server logs it."""
    words, is_error, traced = str(event["event"]).partition(
        "\nTraceback (most recent call last):\n"
    )
    if is_error:
        last = [line for line in traced.splitlines() if not line.startswith(" ")][-1]
        event["event"] = words
        event["error"] = last.partition(":")[0]
        event["where"] = [":".join(found) for found in _FRAME.findall(traced)[-_FRAMES:]]
    return event


def _error_of(given: object, record: object) -> BaseException | None:
    if isinstance(record, logging.LogRecord):
        given, record.exc_info, record.exc_text = record.exc_info, None, None
    if given is True:
        given = sys.exc_info()
    if isinstance(given, tuple):
        given = given[1]
    return given if isinstance(given, BaseException) else None
