"""Which of her records a graduate's page shows: the one in season, or the one chosen.

Forms and links name their record where she has several, so that two windows of one phone do not act
on each other's; the choice is remembered for addresses that name none. A message names itself: its
page is that of the record it is about.
"""

from collections.abc import Sequence
from datetime import datetime

from flask import request

from notifier.ledger import graduate_inbox
from registry.record.cohort import cohort_in_season
from registry.record.tables import Graduate
from wxapp.core.browser_session import browser
from wxapp.core.db import reading

FIELD = REMEMBERED = "record"
MESSAGE = "message"


def shown_record(records: Sequence[Graduate], at: datetime) -> Graduate:
    """Return the record to show, of those she has, newest first; remember a choice."""
    asked = _asked(records)
    if asked is None:
        return _by_key(records, browser().get(REMEMBERED)) or _in_season(records, at)
    if asked.key != browser().get(REMEMBERED):
        browser()[REMEMBERED] = asked.key
    return asked


def keep_message() -> None:
    """Remember, until she has signed in, which message the address came from."""
    if request.args.get(MESSAGE):
        browser()[MESSAGE] = request.args[MESSAGE]


def _asked(records: Sequence[Graduate]) -> Graduate | None:
    if len(records) < 2:
        return None
    named = _by_key(records, request.form.get(FIELD) or request.args.get(FIELD))
    message = request.args.get(MESSAGE) or browser().pop(MESSAGE, None)
    if named is not None or message is None:
        return named
    with reading() as session:
        whose = graduate_inbox.whose(session, message)
    return next((each for each in records if each.id == whose), None)


def _by_key(records: Sequence[Graduate], key: str | None) -> Graduate | None:
    return next((each for each in records if each.key == key), None)


def _in_season(records: Sequence[Graduate], at: datetime) -> Graduate:
    """Return the record of the cohort that registers now; where she has none, her newest."""
    cohort = cohort_in_season(at)
    return next((each for each in records if each.year == cohort), records[0])
