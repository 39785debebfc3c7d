"""The graduates whom an employer names: nobody is listed, searched or guessed.

Names that fit nobody are counted, of a form and of a file alike, and what a limit forbids is not
looked up: so a file of guesses learns no more than a form that is filled in by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from registry.accounts import attempts
from registry.accounts.attempts import Counted, Limit, Subject, WeighedAttempt
from registry.accounts.school_tables import School
from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.base.database import one_of_texts
from registry.base.errors import RuleError
from registry.base.text import compared_name, folded_number
from registry.record.scope import not_ended
from registry.record.tables import Graduate
from registry.signing import qualified
from registry.signing.tables import Qualification

PURPOSE, SLIPS = "invite", "invite_slip"
OF_EMPLOYER = Limit(free=10, longest=timedelta(minutes=30))
"""Graduates named wrongly by one employer: more than anybody mistypes."""
OF_NUMBER = Limit(free=5, longest=timedelta(minutes=15))
"""Wrong names for one student number, whoever asks."""
SLIP_EACH = 20
"""Of so many found in one file one may be named wrongly without being held against the employer."""
SLIPS_A_DAY = 300
"""Such slips of one employer in 24 hours, over all its files."""
DAY = timedelta(days=1)
MOST_AT_ONCE = 200
"""Names looked up in one transaction: for each, a turn is taken."""


@dataclass(frozen=True)
class Addressee:
    """The graduate as an employer names her: all three have to be right."""

    school: str
    """Key of a school that lets the employer invite."""
    name: str
    student_number: str

    @property
    def number(self) -> str:
        """Return the student number as it is kept."""
        return folded_number(self.student_number)


@dataclass
class Naming:
    """What is known of one employer's names while a form, or a file chunk by chunk, is read."""

    hits: int = 0
    slips: int = 0
    """Wrong names that were held against nobody."""


@dataclass
class _Budget:
    """How many wrong names are left before nothing more is looked up."""

    naming: Naming
    left: int
    slips_left: int
    missed: list[str] = field(default_factory=list)
    """Student numbers whose names were wrong."""
    held_against: int = 0

    @property
    def _may_slip(self) -> bool:
        return self.slips_left > 0 and self.naming.slips < self.naming.hits // SLIP_EACH

    @property
    def is_spent(self) -> bool:
        """Say whether another wrong name would be one too many."""
        return self.left <= 0 and not self._may_slip

    def miss(self, number: str) -> None:
        """Count a wrong name."""
        self.missed.append(number)
        if self._may_slip:
            self.naming.slips += 1
            self.slips_left -= 1
        else:
            self.held_against += 1
            self.left -= 1


def find_graduate(
    session: Session, vault: Vault, staff: Staff, named: Addressee, at: datetime
) -> Graduate | RuleError:
    """Return the graduate who is named, with school and department, or a refusal as a value.

    A refusal is a value since its count has to be kept: `graduate_not_found`, the same whatever was
    wrong, or `too_many_attempts`.
    """
    return find_graduates(session, vault, staff, [named], Naming(), at)[0]


def find_graduates(
    session: Session,
    vault: Vault,
    staff: Staff,
    named: Sequence[Addressee],
    naming: Naming,
    at: datetime,
) -> list[Graduate | RuleError]:
    """Return who is named, each as `find_graduate`; at most MOST_AT_ONCE of one school.

    `naming` goes on from one part of a file to the next. Besides, what comes after too many wrong
    names is refused with `not_looked_up`.
    """
    employer, numbers = _subjects(vault, staff, named)
    weighed = attempts.weigh(session, PURPOSE, [employer, *numbers.values()], at)
    if employer.index in weighed.waits:
        return [wait(weighed.waits[employer.index], at)] * len(named)
    budget = _budget(session, employer, weighed, naming, at)
    known = _by_number(session, staff, named, at)
    found = [_one(each, known, numbers, weighed, budget, at) for each in named]
    _count(session, employer, budget, numbers, at)
    return found


def _subjects(
    vault: Vault, staff: Staff, named: Sequence[Addressee]
) -> tuple[Subject, dict[str, Subject]]:
    employer = subject_of(vault, staff)
    numbers = {
        each.number: Subject(
            vault.index("attempt student number", f"{each.school}\0{each.number}"), OF_NUMBER
        )
        for each in named
    }
    return employer, numbers


def subject_of(vault: Vault, staff: Staff) -> Subject:
    """Return against whom the wrong names of an employer's people count."""
    return Subject(vault.index("attempt employer", str(staff.employer_id)), OF_EMPLOYER)


def _budget(
    session: Session, employer: Subject, weighed: WeighedAttempt, naming: Naming, at: datetime
) -> _Budget:
    failures = weighed.failures.get(employer.index, 0)
    counted = Counted(employer.index, DAY, SLIPS_A_DAY)
    tally = attempts.tallies(session, SLIPS, [counted], at).get(employer.index)
    slipped = tally.failures if tally else 0
    # Who has waited after too many may try once more.
    return _Budget(naming, max(OF_EMPLOYER.free - failures, 1), SLIPS_A_DAY - slipped)


def _by_number(
    session: Session, staff: Staff, named: Sequence[Addressee], at: datetime
) -> Mapping[tuple[str, str], list[Graduate]]:
    """Return the records of the numbers, newest first, at schools where the employer may invite."""
    rows = session.scalars(
        select(Graduate)
        .join(School, School.id == Graduate.school_id)
        .join(Qualification, Qualification.school_id == School.id)
        .where(
            School.key.in_({each.school for each in named}),
            Qualification.employer_id == staff.employer_id,
            qualified.may_sign(at),
            one_of_texts(session, Graduate.student_number, [each.number for each in named]),
            not_ended(),
        )
        .order_by(Graduate.year.desc())
        .options(joinedload(Graduate.school), joinedload(Graduate.department))
    )
    found: dict[tuple[str, str], list[Graduate]] = {}
    for each in rows:
        found.setdefault((each.school.key, each.student_number), []).append(each)
    return found


def _one(
    named: Addressee,
    known: Mapping[tuple[str, str], list[Graduate]],
    numbers: Mapping[str, Subject],
    weighed: WeighedAttempt,
    budget: _Budget,
    at: datetime,
) -> Graduate | RuleError:
    until = weighed.waits.get(numbers[named.number].index)
    if until is not None:
        return wait(until, at)
    if budget.is_spent:
        sentence = "未找到的毕业生过多，这一行没有核对。请与毕业生本人核对姓名和学号后再上传。"
        return RuleError("not_looked_up", sentence, "student_number")
    wanted = compared_name(named.name)
    records = known.get((named.school, named.number), [])
    found = next((each for each in records if compared_name(each.name) == wanted), None)
    if found is None:
        budget.miss(named.number)
        return not_found()
    budget.naming.hits += 1
    return found


def not_found() -> RuleError:
    """Return the refusal of who is not found, the same whatever was wrong."""
    sentence = "没有找到这位毕业生。请与本人核对学校、姓名和学号，三项须完全一致。"
    return RuleError("graduate_not_found", sentence, "student_number")


def _count(
    session: Session,
    employer: Subject,
    budget: _Budget,
    numbers: Mapping[str, Subject],
    at: datetime,
) -> None:
    """Count the wrong names: against their numbers, and against the employer but for slips."""
    missed = [numbers[each] for each in budget.missed]
    slips = len(missed) - budget.held_against
    if missed:
        against = [*missed, *[employer] * budget.held_against]
        attempts.count_failure(session, PURPOSE, against, at)
    if slips:
        attempts.count_failure(session, SLIPS, [employer] * slips, at)


def wait(until: datetime, at: datetime, field: str | None = None) -> RuleError:
    """Return the refusal of a name that may not be looked up yet."""
    seconds = ceil((until - at).total_seconds())
    return RuleError("too_many_attempts", f"查找次数过多，请 {seconds} 秒后再试。", field)
