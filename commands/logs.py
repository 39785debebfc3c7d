"""How every process writes its log: one line an event, and never an exception's own words."""

import logging
import re
import sys
import traceback
from typing import Any

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
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    output = logging.StreamHandler()
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


def _look_up_less() -> None:
    """Leave out what no line of ours says: of a page's time it was a twentieth.

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
