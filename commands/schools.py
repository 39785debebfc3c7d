"""`quxiang school`: schools that take part; all else about them comes by their own staff."""

import argparse

from sqlalchemy import select

from commands.answers import Answer, Misused, Refused, runs, verbs
from commands.opening import opened_resources
from registry.accounts.school_tables import School
from registry.codes import regions

CODE_DIGITS = 5


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    create = verbs(parser).add_parser("create", help="add one")
    create.add_argument("--code", required=True, help="five digits (院校代码)")
    create.add_argument("--name", required=True)
    create.add_argument("--province", required=True, help="six digits, GB/T 2260, as 370000")
    create.add_argument("--helpline", default="", help="whom graduates may call")
    create.add_argument("--breach-url", help="where breaches of the four don'ts are reported")
    create.add_argument("--correction-system", help="the province's own system, if it has one")
    create.add_argument("--correction-url", help="its address")
    runs(create, _create)


def _create(options: argparse.Namespace) -> Answer:
    code = options.code
    if not (code.isascii() and code.isdecimal() and len(code) == CODE_DIGITS):
        raise Misused(f"{code} does not have {CODE_DIGITS} digits")
    if not regions.is_province(options.province):
        raise Misused(f"{options.province} is no province's code (GB/T 2260, as 370000)")
    with opened_resources() as resources, resources.sessions.begin() as session:
        if session.scalar(select(School.id).where(School.code == options.code)):
            raise Refused("school_exists", f"There is a school with the code {options.code}.")
        school = School(
            code=options.code,
            name=options.name,
            province=options.province,
            helpline=options.helpline,
            breach_url=options.breach_url,
            correction_system=options.correction_system,
            correction_url=options.correction_url,
            created_at=resources.clock(),
        )
        session.add(school)
        session.flush()
        facts = {"school": school.code, "key": school.key}
    return Answer(facts, f"{options.name} takes part now; add its staff with `user create`.")
