"""`quxiang school`: schools that take part; all else about them comes by their own staff."""

import argparse
from dataclasses import asdict, fields

from commands.answers import Answer, Misused, Refused, runs, school_code, verbs
from commands.opening import find_school, opened_resources
from notifier.campaigns import merge
from notifier.campaigns.merge import Decision
from registry.accounts import audit, place_names
from registry.accounts.audit import AuditRecord
from registry.accounts.new_schools import JoiningSchool, create_school, is_web_address
from registry.codes import regions


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    nouns = verbs(parser)
    create = nouns.add_parser("create", help="add one")
    create.add_argument("--code", required=True, type=school_code, help="five digits (院校代码)")
    create.add_argument("--name", required=True)
    create.add_argument("--province", required=True, help="six digits, GB/T 2260, as 370000")
    create.add_argument("--helpline", default="", help="whom graduates may call")
    create.add_argument("--breach-url", help="where breaches of the four don'ts are reported")
    create.add_argument("--correction-system", help="the province's own system, if it has one")
    create.add_argument("--correction-url", help="its address")
    runs(create, _create)
    rename = nouns.add_parser("rename", help="give one another name")
    rename.add_argument("--code", required=True, help="five digits (院校代码)")
    rename.add_argument("--name", required=True, help="its new name")
    runs(rename, _rename)
    merged = nouns.add_parser("merge", help="merge one into another, for good")
    merged.add_argument("--code", required=True, help="of the school that ceases to exist")
    merged.add_argument("--into", required=True, help="code of the one that takes all of it")
    merged.add_argument("--reason", required=True, help="why, for the audit log")
    merged.add_argument("--dry-run", action="store_true", help="only say what it would do")
    runs(merged, _merge)


def _create(options: argparse.Namespace) -> Answer:
    if not regions.is_province(options.province):
        raise Misused(f"{options.province} is no province's code (GB/T 2260, as 370000)")
    for address in filter(None, (options.breach_url, options.correction_url)):
        if not is_web_address(address):
            raise Misused(f"{address} is no address that begins with https:// or http://")
    new = JoiningSchool(
        **{each.name: getattr(options, each.name) or "" for each in fields(JoiningSchool)}
    )
    with opened_resources() as resources, resources.sessions.begin() as session:
        school = create_school(session, new, "command", resources.clock())
        facts = {"school": school.code, "key": school.key}
    return Answer(facts, f"{options.name} takes part now; add its staff with `user create`.")


def _rename(options: argparse.Namespace) -> Answer:
    with opened_resources() as resources, resources.sessions.begin() as session:
        school = find_school(session, options.code)
        before = place_names.rename_school(session, school, options.name)
        said = {"before": before, "after": school.name}
        record = AuditRecord("command", "school_rename", f"school:{school.key}", school.id, said)
        audit.note(session, record, resources.clock())
        facts = {"school": school.code, **said}
    return Answer(facts, f"{before} is called {facts['after']} now.")


def _merge(options: argparse.Namespace) -> Answer:
    with opened_resources() as resources, resources.sessions.begin() as session:
        source, target = find_school(session, options.code), find_school(session, options.into)
        if found := merge.conflicts(session, source, target):
            named = [{"code": each.code, "number": each.number} for each in found]
            sentences = "\n".join(each.sentence for each in found)
            raise Refused("merge_conflicts", sentences, {"conflicts": named})
        if options.dry_run:
            moved = merge.foresee_schools(session, source, target, resources.clock())
        else:
            decided = Decision("command", options.reason, resources.clock())
            moved = merge.merge_schools(session, source, target, decided)
    facts = {"school": options.code, "into": options.into, **asdict(moved)}
    done = "would move" if options.dry_run else "moved"
    people = moved.people + moved.ended
    return Answer({**facts, "merged": not options.dry_run}, f"{people} records {done}.")
