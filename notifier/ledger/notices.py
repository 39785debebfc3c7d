"""Events of the record become messages of the ledger, in the same transaction as the change."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from notifier.ledger import (
    contact_rows,
    joining,
    mini_users,
    person_messages,
    signing,
    states,
    tables,
    terminations,
    wording,
)
from notifier.ledger.sent import BREACH_ANSWERED
from notifier.ledger.wording import moment, written
from registry.accounts.school_tables import School
from registry.base import countdown
from registry.base.bulk_rows import insert_rows
from registry.record import events
from registry.record.confirmation import states as confirmation
from registry.record.contact_tables import ContactKind
from registry.record.events import (
    AgreementsMoved,
    BreachAnswered,
    Change,
    Decided,
    DestinationsReported,
    DestinationsVoided,
    InvitationsEnded,
    InvitationsSent,
    PaperAnswered,
    ProvinceReturned,
    RecordEvent,
    RegistrationsChanged,
    ReviewDecided,
    SupplementMoved,
    TerminationMoved,
    ToldEvent,
)
from registry.record.person_events import PeopleChanged, PhonesChanged
from registry.record.tables import Graduate
from registry.review.seasons import SeasonRules, seasons
from registry.review.states import LEVEL_TITLES, PURPOSE_TITLES, Level, Purpose
from runtime import jobs, tracing, wakeups

FEW = 50
"""So many are a second's work at the usual rate; more at once are told behind what few are."""
HEAD_START = timedelta(hours=1)
"""By how much what is told to few counts as due earlier: so long, the many have been waiting."""


def write(session: Session, happened: Sequence[RecordEvent]) -> None:
    """Write one message for each person an event concerns, and wake their delivery."""
    rows = [row for each in happened for row in _waiting_of(session, each)]
    _insert(session, rows)


def _waiting_of(session: Session, happened: RecordEvent) -> list[dict[str, Any]]:
    if isinstance(happened, events.HeardElsewhere):
        return []
    told = [{"school_id": happened.school_id, **row} for row in _rows(session, happened)]
    return _waiting(told, happened.at)


def join_what_is_left(session: Session, at: datetime) -> int:
    """Bind and tell of every record whose person has bound another of hers; return how many.

    For records that came while she was binding: neither of the two saw the other.
    """
    rows = person_messages.of_joined(joining.join(session, at), at)
    add(session, rows, at)
    return len(rows)


def add(session: Session, told: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Write messages that wait to be delivered, and wake their delivery."""
    _insert(session, _waiting(told, at))


def _waiting(told: Sequence[Mapping[str, Any]], at: datetime) -> list[dict[str, Any]]:
    trace = tracing.current()
    traced = {"trace": trace} if trace else {}
    return [
        {
            "graduate_id": None,
            "openid": None,
            **row,
            "client_msg_id": secrets.token_hex(16),
            "state": states.MessageState.WAITING,
            "next_at": at - HEAD_START if len(told) <= FEW else at,
            "created_at": at,
            **_ended(row.get("openid"), at),
            **traced,
        }
        for row in told
    ]


def _ended(openid: str | None, at: datetime) -> dict[str, Any]:
    """Return how a message to a WeChat of the mini program alone ends: it follows nothing.

    A one-time notice may come instead (`notifier.delivery.mini_notices`).
    """
    if openid is None or not mini_users.is_mini(openid):
        return {}
    return {"state": states.MessageState.SKIPPED, "reason": "not_following", "final_at": at}


def _insert(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write messages, those that say the same columns by one statement."""
    alike: dict[frozenset[str], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike.setdefault(frozenset(row), []).append(row)
    for part in alike.values():
        insert_rows(session, tables.Message, part)
    if rows:
        wakeups.ask(session, jobs.Job.DELIVER)


def _rows(session: Session, happened: ToldEvent) -> list[dict[str, Any]]:
    school_id, rows = happened.school_id, list[dict[str, Any]]()
    match happened:
        case (
            RegistrationsChanged(by=events.OWN | events.UNDONE)
            | DestinationsReported(by=events.OWN)
        ):
            # She asked for it: the result of the review tells her, and to confirm. Or it was undone
            # (`undone_imports`).
            pass
        case DestinationsReported():
            years = {each.year for each in happened.reports}
            rows = _to_confirm(happened, seasons(session, school_id, years))
        case RegistrationsChanged() | DestinationsVoided():
            rows = _registration_changed(happened)
        case ReviewDecided():
            years = {each.year for each in happened.decisions}
            rows = _review_result(session, happened, seasons(session, school_id, years))
        case (
            InvitationsSent()
            | InvitationsEnded()
            | AgreementsMoved()
            | PaperAnswered()
            | SupplementMoved()
            | TerminationMoved()
        ):
            rows = _of_signing(session, happened)
        case ProvinceReturned():
            rows = _returned(session, happened)
        case PeopleChanged() | PhonesChanged() | BreachAnswered():
            rows = _of_people(session, happened)
    return rows


def _of_signing(
    session: Session,
    happened: InvitationsSent
    | InvitationsEnded
    | AgreementsMoved
    | PaperAnswered
    | SupplementMoved
    | TerminationMoved,
) -> list[dict[str, Any]]:
    if not isinstance(happened, TerminationMoved):
        return signing.of_signing(happened)
    rules = seasons(session, happened.school_id, {happened.year})[happened.year]
    may_register = rules.refusal(happened.at) is None
    return terminations.of_termination(happened, may_register=may_register)


def _of_people(
    session: Session, happened: PeopleChanged | PhonesChanged | BreachAnswered
) -> list[dict[str, Any]]:
    if isinstance(happened, BreachAnswered):
        return [_answered(happened)]
    if isinstance(happened, PeopleChanged):
        return person_messages.of_people(session, happened)
    changed = contact_rows.of_phones(session, happened)
    return person_messages.of_contact(changed, ContactKind.PHONE, happened.at)


def tell_unbound(
    session: Session, unbound: Sequence[Graduate], openid: str, actor: str, at: datetime
) -> None:
    """Tell a person that staff ended the binding of her records of one school, and keep it."""
    rows = contact_rows.of_unbinding(session, unbound, openid, actor, at)
    school_id = unbound[0].school_id
    told = person_messages.of_contact(rows[:1], ContactKind.UNBOUND, at)
    add(session, [{"school_id": school_id, **each} for each in told], at)


def _to_confirm(
    happened: DestinationsReported, rules: Mapping[int, SeasonRules]
) -> list[dict[str, Any]]:
    facts = {year: _reported(happened, season) for year, season in rules.items()}
    return [
        {
            "business_key": f"reported:{each.graduate_id}:{each.version}",
            "kind": "confirmation_reminder",
            "graduate_id": each.graduate_id,
            "facts": facts[each.year],
        }
        for each in happened.reports
    ]


def _reported(happened: DestinationsReported, season: SeasonRules) -> str:
    """Return the text of a first report; after the season's end she has a fortnight."""
    over = countdown.days_left(season.closes_on, happened.at) < 0
    day = wording.proposed_day(happened.at) if over else season.closes_on
    return written(
        item=f"去向已由{happened.by}上报，请核对并确认",
        state=confirmation.ConfirmationState.UNCONFIRMED,
        deadline=wording.last_minute(day),
    )


def _registration_changed(
    happened: RegistrationsChanged | DestinationsVoided,
) -> list[dict[str, Any]]:
    if isinstance(happened, DestinationsVoided):
        return _voided(happened)
    alike = {_said(change): change for change in happened.changes}
    facts = {said: _facts(change, happened) for said, change in alike.items()}
    return [
        {
            "business_key": f"changed:{change.graduate_id}:{_moment_key(change, happened.at)}",
            "kind": "registration_changed",
            "graduate_id": change.graduate_id,
            "facts": facts[_said(change)],
        }
        for change in happened.changes
    ]


def _voided(happened: DestinationsVoided) -> list[dict[str, Any]]:
    return [
        {
            "business_key": f"voided:{each.graduate_id}:{each.registration_id}",
            "kind": "registration_changed",
            "graduate_id": each.graduate_id,
            "facts": written(
                blocks="毕业去向",
                by=happened.by,
                at=moment(happened.at),
                hint="去向已作废，核验授权失效，请到原系统登记"
                if each.authorization_ended
                else "原去向已作废，请到原系统重新登记",
            ),
        }
        for each in happened.voided
    ]


def _moment_key(change: Change, at: datetime) -> str:
    """Name the change: a version changes once, the person's own data at a moment."""
    return f"{change.version}:{int(at.timestamp() * 1000)}"


def _said(change: Change) -> tuple[tuple[str, ...], bool, bool]:
    """Return what a message says of a change: thousands of one import are told the same."""
    return change.blocks, change.reset, change.authorization_ended


def _facts(change: Change, happened: RegistrationsChanged) -> str:
    hint = "请核对后重新确认" if change.reset else "请核对，有误请联系学校"
    if change.authorization_ended:
        hint = f"核验授权已失效，请{'重新确认' if change.reset else '重新授权'}"
    return written(
        blocks="、".join(change.blocks), by=happened.by, at=moment(happened.at), hint=hint
    )


def _review_result(
    session: Session, happened: ReviewDecided, rules: Mapping[int, SeasonRules]
) -> list[dict[str, Any]]:
    """Write to each what was decided; of an agreement's end, what became of the agreement."""
    may_write = {year: season.refusal(happened.at) is None for year, season in rules.items()}
    units = signing.units(session, happened.decisions)
    rows = []
    for each in happened.decisions:
        hint = happened.reason or _what_follows(each, happened, may_write=may_write[each.year])
        if each.application_id in units:
            unit = units[each.application_id]
            rows.append(signing.decided(each, unit, hint, happened.at))
        else:
            rows.append(_of_review(each, happened, hint))
    return rows


def _of_review(decided: Decided, happened: ReviewDecided, hint: str) -> dict[str, Any]:
    item = (
        f"{PURPOSE_TITLES[Purpose(decided.purpose)]}（{LEVEL_TITLES[Level(happened.level)]}审核）"
    )
    return {
        "business_key": f"review:{decided.application_id}:{decided.revision}",
        "kind": "review_result",
        "graduate_id": decided.graduate_id,
        "facts": written(
            item=item,
            result="通过" if decided.passed else _NOT_PASSED[Purpose(decided.purpose)],
            reason=hint,
            at=moment(happened.at),
        ),
    }


def _returned(session: Session, happened: ProvinceReturned) -> list[dict[str, Any]]:
    """Write to each what she can do: change it here, where her school's go, or ask the school."""
    rules = seasons(session, happened.school_id, {each.year for each in happened.returns})
    elsewhere = session.get_one(School, happened.school_id).correction_system
    hints = {
        year: "到原系统更新"
        if elsewhere
        else "联系学校"
        if season.refusal(happened.at)
        else "更改登记"
        for year, season in rules.items()
    }
    return [
        {
            "business_key": f"province_returned:{happened.batch_id}:{each.graduate_id}",
            "kind": "province_returned",
            "graduate_id": each.graduate_id,
            "facts": written(
                at=moment(happened.at), hint=f"退回原因见详情，需修改请{hints[each.year]}"
            ),
        }
        for each in happened.returns
    ]


def _answered(happened: BreachAnswered) -> dict[str, Any]:
    """Return the message that her report was answered; what, the page says, and nobody else."""
    return {
        "business_key": f"breach:{happened.report_id}:{'final' if happened.final else 'first'}",
        "kind": BREACH_ANSWERED,
        "graduate_id": happened.graduate_id,
        "facts": written(result="已办结" if happened.final else "已答复", at=moment(happened.at)),
    }


_NOT_PASSED = {Purpose.REGISTER: "退回", Purpose.VOID: "未同意"}
"""What a review says that did not pass; an agreement's has words of its own."""
_AFTER_THE_LAST_PASS = {
    confirmation.ConfirmationState.UNCONFIRMED: "已上报，请核对并确认登记去向",
    confirmation.ConfirmationState.CONFIRMED: "已更新，原确认有效，无需操作",
    confirmation.ConfirmationState.DISPUTED: "已更新，请核对您反映的问题",
}
_AUTHORIZATION_ENDED = {
    confirmation.ConfirmationState.UNCONFIRMED: "核验授权已失效，请重新确认登记去向",
    confirmation.ConfirmationState.CONFIRMED: "已更新，核验授权已失效，请重新授权",
    confirmation.ConfirmationState.DISPUTED: "核验授权已失效，请核对您反映的问题",
}


def _what_follows(decided: Decided, happened: ReviewDecided, *, may_write: bool) -> str:
    """Return what a pass means for her, in the 20 characters that a line of a card has."""
    if decided.next_level:
        passed, waits_for = Level(happened.level), Level(decided.next_level)
        return f"{LEVEL_TITLES[passed]}已通过，待{LEVEL_TITLES[waits_for]}审核"
    if Purpose(decided.purpose) is Purpose.VOID:
        ended = "，核验授权失效" if decided.authorization_ended else ""
        return f"原去向已作废{ended}，请{'重新登记' if may_write else '联系学校'}"
    said = _AUTHORIZATION_ENDED if decided.authorization_ended else _AFTER_THE_LAST_PASS
    return said[confirmation.ConfirmationState(decided.confirmation)]
