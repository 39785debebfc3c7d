"""`quxiang campaign`: reminders to many, made and watched from the command line."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from commands.answers import Answer, Misused, Verbs, runs, verbs
from commands.opening import find_school, opened_resources
from notifier.campaigns import campaigns
from notifier.campaigns.audience import Audience
from notifier.campaigns.progress import progress
from notifier.ledger import kinds, mark, states, wording
from notifier.ledger.tables import Campaign
from registry.accounts.school_tables import Department
from registry.base.clock import SHANGHAI
from registry.base.errors import NotFound
from registry.base.iso_dates import moment_of
from registry.record.cohort import cohort_in_season
from registry.record.confirmation.states import ConfirmationState
from registry.record.scope import Scope
from runtime.resources import Resources

COUNTS = (
    *("recipients", "waiting", "sending", "accepted", "delivered", "failed", "unknown", "skipped"),
)
LISTS = {
    "confirmation": "confirmation",
    "level": "levels",
    "major": "majors",
    "class": "classes",
    "student_number": "student_numbers",
    "authorization": "authorization",
}
"""Fields of --where that may be given again, for one more value, and their names in Audience."""
YES_OR_NO = {"yes": True, "no": False}
SWITCHES = ("missing_file", "bound")
"""Fields of --where that are yes or no."""


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = verbs(parser)
    _describe_create(commands)
    for name, move, purpose in MOVES:
        runs(_with_id(commands.add_parser(name, help=purpose)), _moving(move))
    runs(_with_id(commands.add_parser("show", help="its state and counts")), _show)


def _with_id(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("id", help="as `create` printed it")
    return parser


def _describe_create(commands: Verbs) -> None:
    create = commands.add_parser("create", help="write a draft; `start` sends it")
    create.add_argument("--school", required=True, metavar="CODE")
    create.add_argument("--kind", required=True, help="such as confirmation_reminder")
    create.add_argument("--title", help="as the console lists it")
    create.add_argument(
        *("--where",),
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="year, confirmation, department, level, major, class, student_number, "
        "authorization (file:expired), missing_file, bound; may be repeated",
    )
    create.add_argument(
        "--text", action="append", default=[], metavar="NAME=TEXT", help="an input of the kind"
    )
    create.add_argument("--start-at", type=_moment, metavar="TIME", help="not before (Shanghai)")
    create.add_argument("--not-after", type=_moment, metavar="TIME", help="never later (Shanghai)")
    create.add_argument("--prefers", choices=campaigns.PREFERS, default="no_duplicate")
    runs(create, _create)


def _moment(text: str) -> datetime:
    moment = moment_of(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _pairs(given: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [each.partition("=") for each in given]
    if not all(name and equals for name, equals, _ in pairs):
        raise Misused("write FIELD=VALUE")
    return [(name, value) for name, _, value in pairs]


def _create(options: argparse.Namespace) -> Answer:
    where, given = _pairs(options.where), dict(_pairs(options.text))
    with opened_resources() as resources, resources.sessions.begin() as session:
        school = find_school(session, options.school)
        at = resources.clock()
        draft = campaigns.Draft(
            title=options.title or options.kind,
            kind=options.kind,
            texts=_texts(options.kind, given, at),
            audience=_audience(session, school.id, where, at),
            start_at=options.start_at,
            not_after=options.not_after,
            prefers=options.prefers,
        )
        campaign = campaigns.create(session, Scope(school.id), draft, by="command", at=at)
        facts = {"campaign": campaign.key, "state": campaign.state}
    return Answer(facts, f"Campaign {facts['campaign']} is a draft; `start` sends it.")


def _texts(kind: str, given: Mapping[str, str], at: datetime) -> dict[str, str]:
    """Return the inputs of a kind: as given, else as the console would propose them."""
    found = kinds.kinds().get(kind)
    asked = {each.name: each for each in found.inputs} if found else {}
    if found and not set(given) <= set(asked):
        raise Misused(f"--text of {kind} knows {', '.join(asked) or 'nothing'}")
    return {name: wording.proposed(each, at) for name, each in asked.items()} | dict(given)


def _audience(
    session: Session, school_id: int, where: Sequence[tuple[str, str]], at: datetime
) -> Audience:
    found: dict[str, Any] = {"year": cohort_in_season(at)}
    for name, value in where:
        if name == "year":
            found["year"] = _year(value)
        elif name in SWITCHES:
            found[name] = _yes_or_no(name, value)
        elif name == "department":
            key = _department_key(session, school_id, value)
            found["departments"] = (*found.get("departments", ()), key)
        elif name in LISTS:
            wanted = _state(value) if name == "confirmation" else value
            found[LISTS[name]] = (*found.get(LISTS[name], ()), wanted)
        else:
            raise Misused(f"--where knows no {name}")
    return Audience(**found)


def _year(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise Misused("write year=2026")
    return int(text)


def _yes_or_no(name: str, text: str) -> bool:
    if text not in YES_OR_NO:
        raise Misused(f"write {name}=yes or {name}=no")
    return YES_OR_NO[text]


def _state(text: str) -> str:
    """Take a state by its name, in either case."""
    known: Mapping[str, str] = {state.name.casefold(): state.value for state in ConfirmationState}
    return known.get(text.casefold(), text)


def _department_key(session: Session, school_id: int, name: str) -> str:
    key = session.scalar(
        select(Department.key).where(Department.school_id == school_id, Department.name == name)
    )
    if key is None:
        raise NotFound("院系")
    return key


Move = Callable[[Session, Scope, str, datetime], Campaign]
MOVES: tuple[tuple[str, Move, str], ...] = (
    (
        *("start", lambda s, scope, key, at: campaigns.start(s, scope, key, at=at, by="command")),
        "send it",
    ),
    ("pause", lambda s, scope, key, _: campaigns.pause(s, scope, key), "hold it"),
    ("resume", lambda s, scope, key, at: campaigns.resume(s, scope, key, at=at), "go on with it"),
    (
        *("cancel", lambda s, scope, key, at: campaigns.cancel(s, scope, key, at=at)),
        "end it; what was sent stays sent",
    ),
)


def _moving(move: Move) -> Callable[[argparse.Namespace], Answer]:
    def run(options: argparse.Namespace) -> Answer:
        with opened_resources() as resources:
            with mark.deciding(resources) as session:
                scope = campaigns.scope_of_key(session, options.id)
                move(session, scope, options.id, resources.clock())
            return _shown(resources, options.id)

    return run


def _show(options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        return _shown(resources, options.id)


def _shown(resources: Resources, key: str) -> Answer:
    at = resources.clock()
    with resources.readers() as session:
        campaign = campaigns.find(session, campaigns.scope_of_key(session, key), key)
        now = progress(session, campaign, at=at)
        start_at = campaign.start_at if now.state is states.CampaignState.SCHEDULED else None
    counts = {name: now.counts[name] for name in COUNTS}
    facts = {
        "campaign": key,
        "state": now.state.value,
        "reason": now.reason or None,
        "wait_until": _when(now.wait_until or start_at),
        **counts,
        "by_reason": dict(now.by_reason),
        "waiting_for": dict(now.waiting_for),
    }
    counted = ", ".join(f"{name} {number}" for name, number in counts.items())
    until = f", until {facts['wait_until']}" if facts["wait_until"] else ""
    reason = f" ({now.reason_sentence}{until})" if now.reason else ""
    return Answer(facts, f"{now.state.value}{reason}: {counted}")


def _when(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
