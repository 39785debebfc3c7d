"""`quxiang department`: a school's departments are renamed and merged."""

import argparse

from commands.answers import Answer, runs, verbs
from commands.opening import find_school, opened_resources
from notifier.campaigns import merge
from notifier.campaigns.merge import Decision
from registry.accounts import audit, place_names
from registry.accounts.audit import AuditRecord
from registry.accounts.staff import find_department


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    nouns = verbs(parser)
    rename = nouns.add_parser("rename", help="give one another name")
    merged = nouns.add_parser("merge", help="merge one into another of its school, for good")
    for each in (rename, merged):
        each.add_argument("--school", required=True, metavar="CODE", help="five digits (院校代码)")
        each.add_argument("--department", required=True, metavar="NAME", help="its name now")
    rename.add_argument("--name", required=True, help="its new name")
    merged.add_argument("--into", required=True, metavar="NAME", help="the one that takes all")
    merged.add_argument("--reason", required=True, help="why, for the audit log")
    runs(rename, _rename)
    runs(merged, _merge)


def _rename(options: argparse.Namespace) -> Answer:
    with opened_resources() as resources, resources.sessions.begin() as session:
        school = find_school(session, options.school)
        found = find_department(session, school.id, name=options.department)
        before = place_names.rename_department(session, found, options.name)
        said = {"before": before, "after": found.name}
        subject = f"department:{found.key}"
        record = AuditRecord("command", "department_rename", subject, school.id, said)
        audit.note(session, record, resources.clock())
    return Answer({"school": options.school, **said}, f"{before} is called {said['after']} now.")


def _merge(options: argparse.Namespace) -> Answer:
    with opened_resources() as resources, resources.sessions.begin() as session:
        school = find_school(session, options.school)
        source = find_department(session, school.id, name=options.department)
        target = find_department(session, school.id, name=options.into)
        decided = Decision("command", options.reason, resources.clock())
        moved = merge.merge_departments(session, source, target, decided)
    facts = {"school": options.school, "department": options.department, "into": options.into}
    people = moved.people + moved.ended
    return Answer({**facts, **merge.numbers(moved)}, f"{people} records moved.")
