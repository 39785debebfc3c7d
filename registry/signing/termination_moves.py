"""The guarded writes of terminations: each move keeps a step, a line of the log, and is told of."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.staff_notices import NoticeKind
from registry.base.errors import RuleError
from registry.base.moves import move
from registry.record import events
from registry.record.events import TerminationMoved
from registry.record.tables import Graduate
from registry.signing import employer_news
from registry.signing.tables import Agreement
from registry.signing.termination_sides import Side, read
from registry.signing.termination_states import (
    LIVE,
    TERMINATION,
    TERMINATION_TITLES,
    Party,
    TerminationEvent,
    TerminationState,
)
from registry.signing.termination_tables import Termination, TerminationStep

ASK = "ask"
"""The first step of every termination."""
SCHOOL = "school"


@dataclass(frozen=True)
class TerminationDeed:
    """Who does something about a termination, what is said with it, and when."""

    party: str
    """A `Party`, `school`; empty for the clock."""
    actor: str
    at: datetime
    text: str = ""
    settlement: str = ""
    voided: bool = False
    """Whether the destination is void with it."""
    authorization_ended: bool = False


def deed(side: Side, text: str = "", settlement: str = "") -> TerminationDeed:
    """Return what a side does."""
    return TerminationDeed(side.party, side.actor, side.at, text, settlement)


def make(
    session: Session,
    found: Termination,
    event: TerminationEvent,
    by: TerminationDeed,
    *guards: ColumnElement[bool],
) -> Termination:
    """Move a termination that was just read; return it as it stands afterwards.

    Raises RuleError `termination_moved` where it stands otherwise by now.
    """
    target = TERMINATION.target(event)
    closed_at = None if target in LIVE else by.at
    those = (Termination.id == found.id, *guards)
    values = {"updated_at": by.at, "closed_at": closed_at}
    if not move(session, TERMINATION, Termination.state, event, *those, **values):
        raise moved(session, found.id)
    return keep_step(session, found.id, event, by)


def keep_step(
    session: Session, ident: int, event: TerminationEvent | str, by: TerminationDeed
) -> Termination:
    """Keep what was done about one termination, and return it as it stands now."""
    keep_steps(session, [ident], event, by)
    return read(session, Termination.id == ident)


def keep_steps(
    session: Session, idents: Collection[int], event: TerminationEvent | str, by: TerminationDeed
) -> None:
    """Keep what was done about terminations that have moved, in the log too, and say so."""
    if not idents:
        return
    said = {"event": event, "party": by.party, "text": by.text, "settlement": by.settlement}
    steps = [{"termination_id": each, **said, "by": by.actor, "at": by.at} for each in idents]
    session.execute(insert(TerminationStep), steps)
    about = _about(session, idents)
    audit.note_all(session, [_noted(*each, event, by) for each in about], by.at)
    for now, graduate, unit in about:
        events.announce(session, _told(now, graduate, unit, by))
    _tell_employers(session, [now for now, _, _ in about], by)


def _tell_employers(session: Session, moved: Collection[Termination], by: TerminationDeed) -> None:
    """Tell who sent the invitations what others did, but where the agreement's end says it."""
    if by.party == Party.EMPLOYER:
        return
    about = defaultdict[NoticeKind, list[int]](list)
    for each in moved:
        if each.state != TerminationState.OVERTAKEN:
            about[_news(each, by)].append(each.agreement_id)
    for kind, ids in about.items():
        employer_news.tell_of(session, Agreement.id.in_(ids), kind, by.at)


def _news(now: Termination, by: TerminationDeed) -> NoticeKind:
    if now.state == TerminationState.ASKED:
        return NoticeKind.TERMINATION_ASKED
    decided = by.party == SCHOOL
    return NoticeKind.TERMINATION_DECIDED if decided else NoticeKind.TERMINATION_MOVED


_About = tuple[Termination, Graduate, str]


def _about(session: Session, idents: Collection[int]) -> list[_About]:
    """Return terminations as they stand now, each with its graduate and its employer's name."""
    rows = session.execute(
        select(Termination, Graduate, Agreement.terms)
        .join(Agreement, Agreement.id == Termination.agreement_id)
        .join(Graduate, Graduate.id == Termination.graduate_id)
        .where(Termination.id.in_(idents))
        .order_by(Termination.id)
        .execution_options(populate_existing=True)
    )
    return [(now, graduate, terms["unit_name"]) for now, graduate, terms in rows]


def _noted(
    now: Termination,
    graduate: Graduate,
    unit: str,
    event: TerminationEvent | str,
    by: TerminationDeed,
) -> AuditRecord:
    details = {"termination": now.key, "employer": unit, "reason": by.text}
    subject = f"{audit.GRADUATE}{graduate.key}"
    return AuditRecord(by.actor, f"termination_{event}", subject, graduate.school_id, details)


def _told(now: Termination, graduate: Graduate, unit: str, by: TerminationDeed) -> TerminationMoved:
    return TerminationMoved(
        school_id=graduate.school_id,
        graduate_id=graduate.id,
        termination_id=now.id,
        unit=unit,
        year=graduate.cohort,
        state=now.state,
        asked_by=now.party,
        done_by=by.party,
        text=by.text,
        answer_by=now.answer_by,
        voided=by.voided,
        authorization_ended=by.authorization_ended,
        at=by.at,
    )


def moved(session: Session, ident: int) -> RuleError:
    """Return the refusal of what does not happen to a termination as it stands now."""
    state = session.scalar(select(Termination.state).where(Termination.id == ident))
    title = TERMINATION_TITLES[TerminationState(state)] if state else "不存在"
    sentence = f"解约申请目前为“{title}”，请核对最新情况。"
    return RuleError("termination_moved", sentence)
