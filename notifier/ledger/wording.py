"""What a message says to one person: the kind's text with the campaign's and her own values."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from notifier.ledger.kinds import Input, Kind
from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.base.iso_dates import moment_of
from registry.record.confirmation import states as confirmation

TEXT_LENGTH = 100
TIME_TO_ACT = timedelta(days=14)
"""The date that is proposed: so long from now."""
LAST_MINUTE = time(23, 59)
_SHOWN_DAY = re.compile(r"(\d+)年(\d+)月(\d+)日")


def values(school: str, texts: Mapping[str, str], facts: str) -> dict[str, str]:
    """Return every name a kind's text may use. `facts` is the ledger's JSON of this recipient.

    A text `item.disputed` is said instead of `item` to those who are in that state.
    """
    own: dict[str, str] = json.loads(facts)
    state = own.get("state")
    said = texts_for(state, texts)
    if state is not None:
        own["state"] = confirmation.TITLES[confirmation.ConfirmationState(state)]
    return {"school": school, **said, **own}


def page_of(kind: Kind, client_msg_id: str) -> str:
    """Return where a message leads: its kind's page, of the record the message is about."""
    return f"{kind.page}?message={client_msg_id}"


def texts_for(state: str | None, texts: Mapping[str, str]) -> dict[str, str]:
    """Return a campaign's texts as they are said to people in a state."""
    return {name: texts.get(f"{name}.{state}", text) for name, text in texts.items()}


def proposed(asked: Input, at: datetime) -> str:
    """Return what an input says until somebody writes something else."""
    return proposed_day(at).isoformat() if asked.date else asked.default


def proposed_day(at: datetime) -> date:
    """Return the last day to act on what is said now, where no rule sets one."""
    return (at + TIME_TO_ACT).astimezone(SHANGHAI).date()


def last_minute(day: date) -> str:
    """Return the end of a day as a message shows it: 2026年6月30日 23:59."""
    return _moment(datetime.combine(day, LAST_MINUTE))


def campaign_texts(kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of a campaign, checked and written as the message shows them.

    A date is given as YYYY-MM-DD, or with T17:00 behind it, and shown as 2026年6月30日 17:00
    (a time field wants the hour; a day ends at 23:59). `item.disputed` may be given besides `item`
    for those in that state. Raises RuleError `text_missing`, `text_too_long` or `text_no_date`,
    naming the input.
    """
    asked = {each.name: each for each in kind.inputs}
    by_state = {
        f"{name}.{state}": asked[name] for name in asked for state in confirmation.ConfirmationState
    }
    asked |= {name: each for name, each in by_state.items() if given.get(name)}
    return {name: _text(each, given.get(name, "").strip()) for name, each in asked.items()}


def given(kind: Kind, texts: Mapping[str, str]) -> dict[str, str]:
    """Return what was given for a campaign's texts: the other way round, dates as YYYY-MM-DD."""
    return {
        each.name: _day_given(texts.get(each.name, "")) if each.date else texts.get(each.name, "")
        for each in kind.inputs
    }


def _text(asked: Input, given: str) -> str:
    text = given or asked.default
    if not text:
        raise RuleError("text_missing", f"请填写“{asked.title}”。", asked.name)
    if len(text) > TEXT_LENGTH:
        raise RuleError(
            "text_too_long", f"“{asked.title}”请控制在 {TEXT_LENGTH} 字以内。", asked.name
        )
    return _day(asked, text) if asked.date else text


def _day(asked: Input, text: str) -> str:
    try:
        moment = moment_of(text if "T" in text else f"{text}T{LAST_MINUTE}")
    except ValueError:
        raise RuleError(
            "text_no_date", f"“{asked.title}”请写成日期，例如 2026-06-30。", asked.name
        ) from None
    return _moment(moment)


def _day_given(shown: str) -> str:
    found = _SHOWN_DAY.match(shown)
    return date(*map(int, found.groups())).isoformat() if found else ""


def _moment(local: datetime) -> str:
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def moment(at: datetime) -> str:
    """Return a moment as a message says it."""
    return at.astimezone(SHANGHAI).strftime("%Y年%m月%d日 %H:%M")


def written(**facts: str) -> str:
    """Return the facts of a message as the ledger keeps them."""
    return json.dumps(facts, ensure_ascii=False)
