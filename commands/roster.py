"""`quxiang roster`: bring in a roster from a file, as the console does."""

import argparse
from pathlib import Path

from commands.answers import Answer, Refused, runs, verbs
from commands.opening import find_school, opened_resources
from registry.record.scope import Scope
from registry.roster.problems import Policy
from registry.tasks import roster_import
from registry.tasks.states import TaskState

SHOWN = 20


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    take = verbs(parser).add_parser("import", help="from xlsx or csv, matched by its headers")
    take.add_argument("file", type=Path)
    take.add_argument("--school", required=True, metavar="CODE")
    take.add_argument("--dry-run", action="store_true", help="only say what would happen")
    take.add_argument(
        "--all-or-nothing", action="store_true", help="bring in nothing if any row is refused"
    )
    runs(take, _import)


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
        choice = roster_import.ImportChoice(policy, dry_run=options.dry_run)
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
    return "\n".join([f"{report.state.value}: {report.message} {counts}".strip(), *problems])
