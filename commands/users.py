"""`quxiang user`: members of staff."""

import argparse
import getpass
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from commands.answers import Answer, Misused, Refused, Run, runs, verbs
from commands.opening import find_school, opened_resources
from registry.accounts import account_facts, audit, members, passwords, sessions
from registry.accounts.audit import AuditRecord
from registry.accounts.staff import PLACES, NewStaff, create_staff, find_department, normalised
from registry.accounts.tables import Role, Staff
from registry.second_factor import resets


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    nouns = verbs(parser)
    create = nouns.add_parser("create", help="add one; the password on standard input")
    create.add_argument("--role", required=True, choices=[role.value for role in Role])
    create.add_argument("--login", required=True, help="the name to sign in with")
    create.add_argument("--name", help="the person's name (the login)")
    create.add_argument("--school", metavar="CODE", help="for school and department")
    create.add_argument("--department", metavar="NAME", help="for department")
    create.add_argument("--province", metavar="CODE", help="for province: six digits")
    runs(create, _create)
    for verb, (run, about) in VERBS.items():
        each = nouns.add_parser(verb, help=about)
        each.add_argument("--login", required=True, help="the name they sign in with")
        runs(each, run).set_defaults(move=verb)
    out = nouns.add_parser("sign-out", help="end sessions: whoever it is has to sign in anew")
    whose = out.add_mutually_exclusive_group(required=True)
    whose.add_argument("--login", help="of one member of staff")
    whose.add_argument("--everybody", action="store_true", help="of staff and graduates")
    runs(out, _sign_out)


def _create(options: argparse.Namespace) -> Answer:
    role = Role(options.role)
    given = {name for name in ("school", "department", "province") if getattr(options, name)}
    if given != PLACES[role]:
        wanted = " and ".join(f"--{name}" for name in sorted(PLACES[role])) or "no place"
        raise Misused(f"the role {role} wants {wanted}")
    password = _password()
    with opened_resources() as resources, resources.sessions.begin() as session:
        at = resources.clock()
        staff = create_staff(session, _new(session, role, options), password, at)
        staff.first_password_until = at + passwords.GOOD_FOR
        _note(session, staff, "staff_create", at, {})
        facts = {"login": staff.login, "role": staff.role, "key": staff.key}
    return Answer(facts, _good_for_some_days(staff.login))


def _move(options: argparse.Namespace) -> Answer:
    move: str = options.move
    with opened_resources() as resources, resources.sessions.begin() as session:
        staff = _find(session, options.login)
        before = account_facts.of(session, staff)
        if members.MOVES[move](session, staff):
            _note(session, staff, f"staff_{move}", resources.clock(), before)
    return Answer({"login": staff.login, "active": staff.active}, f"{staff.login}: {move}d.")


def _give_password(options: argparse.Namespace) -> Answer:
    password = _password()
    with opened_resources() as resources, resources.sessions.begin() as session:
        staff, at = _find(session, options.login), resources.clock()
        before = account_facts.of(session, staff)
        passwords.give_first(session, staff, password, at)
        _note(session, staff, "password_give", at, before)
        facts = {"login": staff.login, "until": at + passwords.GOOD_FOR}
    return Answer(facts, _good_for_some_days(staff.login))


def _good_for_some_days(login: str) -> str:
    return f"{login} can sign in with it for {passwords.GOOD_FOR.days} days, to change it."


def _sign_out(options: argparse.Namespace) -> Answer:
    with opened_resources() as resources, resources.sessions.begin() as session:
        if options.everybody:
            ended = sessions.end_everybodys(session)
            audit.note(session, AuditRecord("command", "sessions_end", "", None), resources.clock())
        else:
            staff = _find(session, options.login)
            ended = sessions.end_all_of_staff(session, staff.id)
            _note(session, staff, "sessions_end", resources.clock())
    return Answer({"ended": ended}, f"{ended} sessions ended.")


def _reset_factor(options: argparse.Namespace) -> Answer:
    with opened_resources() as resources, resources.sessions.begin() as session:
        staff, at = _find(session, options.login), resources.clock()
        gone = resets.by_command(session, staff, at)
        if gone:
            _note(session, staff, "factor_reset", at)
    words = "can sign in by the password and set a phone up" if gone else "had no second factor"
    return Answer({"login": staff.login, "reset": gone}, f"{staff.login} {words}.")


def _find(session: Session, login: str) -> Staff:
    staff = session.scalar(select(Staff).where(Staff.login == normalised(login)))
    if staff is None:
        raise Refused("no_such_login", f"Nobody signs in as {login}.")
    return staff


def _note(
    session: Session,
    staff: Staff,
    action: str,
    at: datetime,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Keep what was done to an account; `before` is how it stood, where that changed."""
    said = {} if before is None else {"changes": account_facts.changes(session, before, staff)}
    audit.note(session, AuditRecord("command", action, staff.actor, staff.school_id, said), at)


def _new(session: Session, role: Role, options: argparse.Namespace) -> NewStaff:
    school = find_school(session, options.school) if options.school else None
    department = None
    if options.department and school:
        department = find_department(session, school.id, name=options.department)
    return NewStaff(
        login=options.login,
        name=options.name or options.login,
        role=role,
        school_id=school.id if school else None,
        department_id=department.id if department else None,
        province=options.province,
    )


def _password() -> str:
    """Read the password where nobody sees it: from a terminal without echo, or from a pipe."""
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\r\n")


VERBS: dict[str, tuple[Run, str]] = {
    "disable": (_move, "let an account sign in no more; whoever is signed in with it is out"),
    "enable": (_move, "let an account sign in again with the password it had"),
    "reset-factor": (_reset_factor, "take the second factor off, ending every session"),
    "password": (_give_password, "give a first password, on standard input; it must be changed"),
}
