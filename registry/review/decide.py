"""Deciding on applications, one or a thousand at a time, each one answered for.

Graduates are locked before their applications are moved, as everywhere; one whom somebody else is
writing about right now is passed over, so that a review waits for nobody and nobody for it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, insert, select, update
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.school_tables import School
from registry.base import moves
from registry.base.errors import RuleError
from registry.base.value_tables import rows_of
from registry.record import events, logged_changes, province_lock, registration, validation
from registry.record.registration import Origin, Proposal
from registry.record.scope import Scope, not_ended, within
from registry.record.tables import (
    OWN_REGISTRATION,
    SIGNED_ON_PAPER,
    SIGNED_ONLINE,
    Graduate,
    Source,
)
from registry.review import decisions as review_decisions
from registry.review import sent
from registry.review import states as review
from registry.review.decisions import DONE, Decision, Outcome, Reviewer, Verdict, Weighed
from registry.review.seasons import seasons
from registry.review.states import (
    APPLICATION,
    FINAL,
    ApplicationEvent,
    ApplicationState,
    Level,
    Purpose,
)
from registry.review.tables import Application, ReviewStep
from registry.review.void import void
from registry.signing import agreement_moves, employer_standing

CHUNK = 1000


@dataclass(frozen=True)
class _Sitting:
    """What all applications of one decision share."""

    scope: Scope
    who: Reviewer
    verdict: Verdict
    at: datetime

    def event(self, found: Weighed) -> ApplicationEvent:
        return review_decisions.event(found, self.who.level, self.verdict.decision)

    def target(self, found: Weighed) -> ApplicationState:
        return APPLICATION[found.purpose].moves[found.state, self.event(found)]


def decide(
    session: Session,
    scope: Scope,
    who: Reviewer,
    seen: Mapping[str, int],
    verdict: Verdict,
    at: datetime,
) -> dict[str, Outcome]:
    """Pass or return applications, given by key with the revision that was seen; answer for each.

    The last level's pass puts a new version in force, or nothing any more, in this transaction.
    Raises RuleError `reason_missing` or `reason_too_long`.
    """
    if scope.counsellor_id is not None:
        raise ValueError("a counsellor reviews nothing")
    if who.level is Level.DEPARTMENT and scope.department_id is None:
        raise ValueError("a department reviews within its own scope")
    if (who.level is Level.PROVINCE) != bool(scope.province):
        raise ValueError("a province reviews within its own scope, and nobody else does")
    sitting = _Sitting(scope, who, review_decisions.checked(verdict), at)
    # Not while the levels change: what passes must find somebody who decides next.
    session.get_one(School, scope.school_id, with_for_update={"read": True})
    outcomes: dict[str, Outcome] = {}
    keys = list(seen)
    for start in range(0, len(keys), CHUNK):
        part = {key: seen[key] for key in keys[start : start + CHUNK]}
        outcomes |= _decide_chunk(session, sitting, part)
    return outcomes


def _decide_chunk(
    session: Session, sitting: _Sitting, seen: Mapping[str, int]
) -> dict[str, Outcome]:
    graduates = _in_scope(session, sitting.scope, list(seen))
    locked = _lock(session, graduates)
    found = _weighed(session, sitting.scope, list(graduates), locked, sitting.at)
    level, decision = sitting.who.level, sitting.verdict.decision
    outcomes = dict.fromkeys(seen, Outcome.NOT_IN_SCOPE)
    outcomes |= dict.fromkeys(graduates, Outcome.CHANGED_MEANWHILE)
    outcomes |= {
        each.key: review_decisions.outcome(each, level, seen[each.key], decision) for each in found
    }
    moved = _move(session, sitting, [each for each in found if outcomes[each.key] in DONE])
    stayed = {each.key for each in found if outcomes[each.key] in DONE}
    stayed -= {each.key for each in moved}
    _keep(session, sitting, moved)
    ended = _bring_about(
        session,
        sitting,
        [each for each in moved if sitting.target(each) is ApplicationState.PASSED],
    )
    _tell(session, sitting, moved, ended)
    return outcomes | dict.fromkeys(stayed, Outcome.CHANGED_MEANWHILE)


def _in_scope(session: Session, scope: Scope, keys: Sequence[str]) -> dict[str, int]:
    """Return the graduates of those applications in scope that were ever sent, none ended."""
    rows = session.execute(
        select(Application.key, Application.graduate_id)
        .join(Graduate, Graduate.id == Application.graduate_id)
        .where(
            within(scope),
            not_ended(),
            Application.key.in_(keys),
            Application.submitted_at.is_not(None),
        )
    )
    return dict(rows.all())


def _lock(session: Session, graduates: Mapping[str, int]) -> list[int]:
    """Lock the graduates nobody else is writing about, and return them."""
    wanted = select(Graduate.id).where(Graduate.id.in_(set(graduates.values())))
    ordered = wanted.order_by(Graduate.id).with_for_update(skip_locked=True, key_share=True)
    return list(session.scalars(ordered))


def _weighed(
    session: Session,
    scope: Scope,
    keys: Sequence[str],
    graduate_ids: Sequence[int],
    at: datetime,
) -> list[Weighed]:
    """Read the applications of locked graduates as they stand now."""
    rows = session.execute(
        select(
            *(Application.id, Application.key, Application.revision, Application.purpose),
            *(Application.state, Application.based_on, Application.values, Application.year),
            *(Application.graduate_id, Graduate.key.label("graduate_key")),
            *(Graduate.registration_id, Application.passable_from),
        )
        .join(Graduate, Graduate.id == Application.graduate_id)
        .where(within(scope), not_ended(), Application.key.in_(keys))
        .where(Graduate.id.in_(graduate_ids))
    ).all()
    levels = {
        year: each.levels
        for year, each in seasons(session, scope.school_id, {row.year for row in rows}).items()
    }
    found = [_weigh(row, levels[row.year], at) for row in rows]
    locked = province_lock.locked_ids(session, graduate_ids)
    agreements = [each.id for each in found if each.purpose is Purpose.AGREEMENT]
    listed = employer_standing.listed(session, agreements, scope.school_id, at)
    return [
        replace(each, locked=each.graduate_id in locked, listed=each.id in listed) for each in found
    ]


def _weigh(row: Row[*tuple[Any, ...]], levels: tuple[Level, ...], at: datetime) -> Weighed:
    purpose = Purpose(row.purpose)
    return Weighed(
        id=row.id,
        key=row.key,
        revision=row.revision,
        year=row.year,
        purpose=purpose,
        state=ApplicationState(row.state),
        levels=levels,
        based_on=row.based_on,
        graduate_id=row.graduate_id,
        graduate_key=row.graduate_key,
        in_force=row.registration_id,
        registration={} if purpose is Purpose.VOID else _registration(row.values),
        too_early=row.passable_from is not None and at < row.passable_from,
    )


def _registration(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what would be recorded; None where today's tables no longer know what it says."""
    try:
        return validation.as_registration(values)
    except RuleError:
        return None


def _move(session: Session, sitting: _Sitting, going: Sequence[Weighed]) -> list[Weighed]:
    """Move the applications by guarded UPDATEs, one for each table and event."""
    moved: set[int] = set()
    for purpose, event in {(each.purpose, sitting.event(each)) for each in going}:
        part = [each for each in going if (each.purpose, sitting.event(each)) == (purpose, event)]
        seen = rows_of(
            session,
            "seen",
            {
                "id": (BigInteger(), [each.id for each in part]),
                "revision": (BigInteger(), [each.revision for each in part]),
            },
        )
        target = APPLICATION[purpose].target(event)
        moved.update(
            moves.move(
                session,
                APPLICATION[purpose],
                Application.state,
                event,
                Application.id == seen.c.id,
                Application.revision == seen.c.revision,
                revision=Application.revision + 1,
                reason=sitting.verdict.reason,
                updated_at=sitting.at,
                closed_at=sitting.at if target in FINAL else None,
                **_kept_elsewhere(purpose, target),
            )
        )
    return [each for each in going if each.id in moved]


def _kept_elsewhere(purpose: Purpose, target: ApplicationState) -> dict[str, Any]:
    """Let go of what was typed where it passed: the version says it (`registry.review.sent`)."""
    passed = purpose is Purpose.REGISTER and target is ApplicationState.PASSED
    return {"values": {}} if passed else {}


def _deed(decision: Decision, purpose: Purpose) -> str:
    """Return what the audit log calls a decision: a void is not returned, it is not agreed to."""
    not_agreed = purpose is Purpose.VOID and decision is Decision.RETURN
    return "void_not_agreed" if not_agreed else f"review_{decision}"


def _keep(session: Session, sitting: _Sitting, moved: Sequence[Weighed]) -> None:
    """Keep each decision as a step of the application, and in the audit log."""
    if not moved:
        return
    steps = [
        {
            "application_id": each.id,
            "revision": each.revision + 1,
            "event": sitting.event(each),
            "level": sitting.who.level,
            "reason": sitting.verdict.reason,
            "by": sitting.who.by,
            "at": sitting.at,
        }
        for each in moved
    ]
    session.execute(insert(ReviewStep), steps)
    changes = _changes(session, sitting, moved)
    records = [
        audit.AuditRecord(
            sitting.who.by,
            _deed(sitting.verdict.decision, each.purpose),
            f"graduate:{each.graduate_key}",
            sitting.scope.school_id,
            {
                "application": each.key,
                "level": sitting.who.level,
                "purpose": each.purpose,
                "reason": sitting.verdict.reason,
                "changes": changes.get(each.id, []),
            },
        )
        for each in moved
    ]
    audit.note_all(session, records, sitting.at)


def _changes(
    session: Session, sitting: _Sitting, moved: Sequence[Weighed]
) -> dict[int, list[dict[str, str]]]:
    """Return, of what was passed for good, what differs from what is in force, by application."""
    passed = [each for each in moved if sitting.target(each) is ApplicationState.PASSED]
    before = logged_changes.in_force(session, [each.in_force for each in passed])
    return {
        each.id: logged_changes.changes(before.get(each.in_force or 0, {}), each.registration or {})
        for each in passed
    }


def _bring_about(session: Session, sitting: _Sitting, passed: Sequence[Weighed]) -> set[int]:
    """Record what was passed for good: a new version in force, or none any more.

    Return the graduates whose authorization of a verification ended by it.
    """
    ended = set[int]()
    voiding = [each for each in passed if each.purpose is Purpose.VOID]
    for source_name, proposals in _proposed(session, passed).items():
        recorded = registration.record(session, _origin(sitting, source_name), proposals)
        ended |= recorded.authorizations_ended
    in_force = select(Graduate.registration_id).where(Graduate.id == Application.graduate_id)
    session.execute(
        update(Application)
        .where(Application.id.in_([each.id for each in passed]))
        .values(registration_id=in_force.scalar_subquery())
        .execution_options(synchronize_session=False)
    )
    sent.let_go(session, {each.id: each.registration or {} for each in passed if each.registration})
    if voiding:
        ended |= void(session, [each.graduate_id for each in voiding], sitting.at)
    return ended


def _proposed(session: Session, passed: Sequence[Weighed]) -> dict[str, list[Proposal]]:
    """Return what is to be recorded, by where it came from."""
    signed = [each.id for each in passed if each.purpose is Purpose.AGREEMENT]
    papers = agreement_moves.on_paper(session, signed)
    found = defaultdict[str, list[Proposal]](list)
    for each in passed:
        if each.purpose is not Purpose.VOID:
            name = OWN_REGISTRATION
            if each.purpose is Purpose.AGREEMENT:
                name = SIGNED_ON_PAPER if each.id in papers else SIGNED_ONLINE
            found[name].append(Proposal(each.graduate_id, each.registration or {}))
    return found


def _origin(sitting: _Sitting, source_name: str) -> Origin:
    return Origin(
        school_id=sitting.scope.school_id,
        source=Source.NATIONAL,
        source_name=source_name,
        by=events.OWN,
        recorded_by=sitting.who.by,
        at=sitting.at,
    )


def _tell(
    session: Session, sitting: _Sitting, moved: Sequence[Weighed], ended: Collection[int]
) -> None:
    if not moved:
        return
    afterwards = _confirmations(session, [each.graduate_id for each in moved])
    decisions = [
        events.Decided(
            application_id=each.id,
            graduate_id=each.graduate_id,
            revision=each.revision + 1,
            purpose=each.purpose,
            passed=sitting.verdict.decision is Decision.PASS,
            closed=sitting.target(each) in FINAL,
            next_level=review.level_of(sitting.target(each), each.levels) or "",
            year=each.year,
            confirmation=afterwards[each.graduate_id],
            authorization_ended=each.graduate_id in ended,
        )
        for each in moved
    ]
    agreement_moves.follow_review(session, decisions, sitting.verdict.reason, sitting.at)
    school, level = sitting.scope.school_id, sitting.who.level
    happened = events.ReviewDecided(school, level, decisions, sitting.verdict.reason, sitting.at)
    events.announce(session, happened)


def _confirmations(session: Session, graduate_ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(
        select(Graduate.id, Graduate.confirmation).where(Graduate.id.in_(graduate_ids))
    )
    return dict(rows.all())
