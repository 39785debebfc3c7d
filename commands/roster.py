"""`quxiang roster`: bring in a roster from a file, as the console does."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from commands.answers import Answer, Refused, runs, verbs
from commands.opening import find_school, opened_resources
from notifier.campaigns.recipient_lists import PROCEDURES
from notifier.ledger import undone_imports
from registry.base.errors import NotFound, RuleError
from registry.record.scope import Scope
from registry.roster.problems import Policy
from registry.tasks import claims, roster_import, roster_undo, run, undo_obstacles
from registry.tasks.procedure import Running
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task

SHOWN = 20


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    kinds = verbs(parser)
    take = kinds.add_parser("import", help="from xlsx or csv, matched by its headers")
    take.add_argument("file", type=Path)
    take.add_argument("--school", required=True, metavar="CODE")
    take.add_argument("--dry-run", action="store_true", help="only say what would happen")
    take.add_argument(
        "--all-or-nothing", action="store_true", help="bring in nothing if any row is refused"
    )
    take.add_argument(
        "--new-departments", action="store_true", help="make departments that the school has not"
    )
    runs(take, _import)
    undo = kinds.add_parser("undo", help="an import as a whole, while nothing was built on it")
    undo.add_argument("key", metavar="IMPORT", help="the key that `roster import` prints")
    undo.add_argument("--school", required=True, metavar="CODE")
    undo.add_argument("--reason", required=True, help="why, for the audit log")
    runs(undo, _undo)


def _undo(options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        with resources.sessions.begin() as session:
            scope = Scope(find_school(session, options.school).id)
            who = "command", options.reason
            ident = _asked(session, scope, options.key, who, resources.clock()).id
            claimed = claims.claim(session, only=ident)
        assert claimed is not None  # asked for in the same transaction
        run.run_claimed(Running(resources, "", PROCEDURES[TaskKind.ROSTER_IMPORT], claimed))
        with resources.readers.begin() as session:
            found = roster_import.find(session, scope, options.key)
            if found.state != TaskState.UNDONE:
                raise Refused("undo_blocked", found.message, _blocking(session, found))
    counts = {name: found.counts[name] for name in ("removed", "put_back")}
    words = "undone: " + ", ".join(f"{name} {number}" for name, number in counts.items())
    return Answer({"import": found.key, "state": found.state, **counts}, words)


def _asked(session: Session, scope: Scope, key: str, who: tuple[str, str], at: datetime) -> Task:
    try:
        return roster_undo.ask(session, scope, key, who, at)
    except (RuleError, NotFound) as refusal:
        raise Refused(refusal.code, refusal.sentence) from None


def _blocking(session: Session, found: Task) -> dict[str, Any]:
    """Return who is in the way, the first of them by name."""
    blocking = undo_obstacles.obstacles(session, found, undone_imports.in_the_way)
    people = undo_obstacles.named(session, blocking, 0, SHOWN)
    named = [{"student_number": each.student_number, "reasons": each.reasons} for each in people]
    return {"people": blocking.people, "first": named}


def _import(options: argparse.Namespace) -> Answer:
    try:
        content = options.file.read_bytes()
    except OSError as error:
        raise Refused("no_such_file", f"{options.file}: {error.strerror}") from None
    policy = Policy.ALL_OR_NOTHING if options.all_or_nothing else Policy.VALID_ROWS
    with opened_resources() as resources:
        with resources.readers() as session:
            school_id = find_school(session, options.school).id
        upload = roster_import.Upload(school_id, None, options.file.name, content)
        choice = roster_import.ImportChoice(policy, options.dry_run, options.new_departments)
        report = roster_import.import_now(resources, upload, choice)
        if report.state is TaskState.PLANNED:
            with resources.sessions.begin() as session:
                roster_import.abandon(session, Scope(school_id), report.key)
    facts, words = report.as_json(), _words(report)
    if report.state not in {TaskState.FINISHED, TaskState.PLANNED}:
        raise Refused("import_refused", words, facts)
    return Answer(facts, words)


def _words(report: roster_import.Report) -> str:
    counts = ", ".join(f"{name} {number}" for name, number in report.counts.items())
    problems = [
        f"{each['sheet']} row {each['row']} {each['column']}: {each['sentence']}".strip()
        for each in report.problems[:SHOWN]
    ]
    return "\n".join(
        [f"{report.state.value} {report.key}: {report.message} {counts}".strip(), *problems]
    )
