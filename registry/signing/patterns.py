"""Patterns among employers that are worth a look (异常提示): counted, listed, and never a refusal.

Each rule is one query over the last twelve months, grouped by the credit code of the employer,
which a paper names too. Source of the rules: sham
agreements as the press and the Ministry have described them (挂靠、实习变就业、培训贷).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    cast,
    func,
    null,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.base.database import is_sqlite
from registry.record.tables import Graduate
from registry.signing import terms
from registry.signing.agreement_sources import term
from registry.signing.employer_papers import Certification, ProvinceSigning
from registry.signing.states import AGREED, AgreementState, OfflineRequestState
from registry.signing.tables import Agreement, Invitation, OfflineRequest, Qualification

WINDOW = timedelta(days=365)
MOST_CASES = 200
_NO_SCHOOL = cast(null(), BigInteger)
MANY_GRADUATES, MANY_FIRMS, MANY_EQUAL, MANY_SWIFT = 20, 3, 10, 5
SWIFT = timedelta(minutes=1)
_INTERNSHIP = ("实习", "见习")
_MONEY = ("押金", "保证金", "培训费", "培训贷", "贷款", "报名费", "服装费")


@dataclass(frozen=True)
class PatternScope:
    """Whose graduates are looked at: a school's, a province's, or all."""

    school_id: int | None = None
    province: str | None = None

    def schools(self) -> ColumnElement[bool]:
        """Return the condition of the schools."""
        if self.school_id is not None:
            return School.id == self.school_id
        if self.province is not None:
            return School.province == self.province
        return School.id.is_not(None)


Cases = Select[*tuple[Any, ...]]
Finding = Callable[[Session, PatternScope, datetime], Cases]
"""Returns the query of a rule's cases: `unit_code`, `unit_name`, `school_id` or NULL, `number`."""


@dataclass(frozen=True)
class Pattern:
    """A rule: what it finds, and what its number counts."""

    key: str
    title: str
    unit: str
    """What the number of a case counts."""
    find: Finding


@dataclass(frozen=True)
class PatternCase:
    """An employer that a rule found; `school` where the rule counts school by school."""

    employer_key: str | None
    """None where it is known by its papers only."""
    unit_name: str
    unit_code: str
    school: str | None
    number: int


def counts(session: Session, scope: PatternScope, at: datetime) -> Mapping[str, int]:
    """Return how many cases each rule finds."""
    found = dict[str, int]()
    for each in PATTERNS.values():
        cases = each.find(session, scope, at).subquery()
        found[each.key] = session.scalar(select(func.count()).select_from(cases)) or 0
    return found


def cases(
    session: Session, scope: PatternScope, pattern: Pattern, at: datetime
) -> Sequence[PatternCase]:
    """Return a rule's cases, the largest first, `MOST_CASES` at most."""
    found = pattern.find(session, scope, at).subquery()
    rows = session.execute(
        select(
            *(Employer.key, func.coalesce(Employer.unit_name, found.c.unit_name)),
            *(found.c.unit_code, School.name, found.c.number),
        )
        .select_from(found)
        .outerjoin(Employer, (Employer.unit_code == found.c.unit_code) & _known(scope))
        .outerjoin(School, School.id == found.c.school_id)
        .order_by(found.c.number.desc(), found.c.unit_code, School.id)
        .limit(MOST_CASES)
    )
    return [PatternCase(*row) for row in rows]


def _said(
    terms_of: ColumnElement[Any] | InstrumentedAttribute[dict[str, Any]], name: str
) -> ColumnElement[str]:
    value: ColumnElement[str] = terms_of[name].as_string()
    return value


_ISSUED = OfflineRequest.state == OfflineRequestState.ISSUED
_OFFERED = union_all(
    select(Invitation.graduate_id, Invitation.sent_at.label("at"), Invitation.terms),
    select(
        OfflineRequest.graduate_id, OfflineRequest.ended_at.label("at"), OfflineRequest.terms
    ).where(_ISSUED),
).subquery("offered")
"""What employers have offered: by an invitation, or on a paper that a school has issued."""
_OF_A_FIRM = ("unit_code", "unit_name", "unit_phone", "unit_location_code", "unit_address")
_REGISTERED: Cases = select(*(getattr(Employer, name) for name in _OF_A_FIRM))
_NAMED_ON_PAPER: Cases = select(
    *(func.coalesce(_said(OfflineRequest.terms, name), "").label(name) for name in _OF_A_FIRM)
).where(_ISSUED)
_FIRMS = union(_REGISTERED, _NAMED_ON_PAPER).subquery("firms")
"""What employers say of themselves here, and what papers say of theirs."""


def _term(name: str) -> ColumnElement[str]:
    return _said(_OFFERED.c.terms, name)


def _amount(name: str) -> ColumnElement[int]:
    """Return a term of money as a number; NULL where it is not given."""
    return cast(func.nullif(_term(name), ""), Integer)


def _sent(scope: PatternScope, at: datetime, *those: ColumnElement[bool], least: int = 1) -> Cases:
    """Return the employers with offers of a kind, and how many."""
    return (
        select(
            _term("unit_code").label("unit_code"),
            func.max(_term("unit_name")).label("unit_name"),
            _NO_SCHOOL.label("school_id"),
            func.count().label("number"),
        )
        .select_from(_OFFERED)
        .join(Graduate, Graduate.id == _OFFERED.c.graduate_id)
        .join(School, School.id == Graduate.school_id)
        .where(scope.schools(), _OFFERED.c.at > at - WINDOW, *those)
        .group_by("unit_code")
        .having(func.count() >= least)
    )


def _agreed(
    scope: PatternScope,
    at: datetime,
    school: ColumnElement[int] | InstrumentedAttribute[int],
    *those: ColumnElement[bool],
) -> Cases:
    """Return the employers with agreements of a kind, and how many."""
    return (
        select(
            term("unit_code").label("unit_code"),
            func.max(term("unit_name")).label("unit_name"),
            school.label("school_id"),
            func.count().label("number"),
        )
        .select_from(Agreement)
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .join(School, School.id == Graduate.school_id)
        .where(scope.schools(), Agreement.accepted_at > at - WINDOW, *those)
        .group_by("unit_code")
    )


def _accepted(scope: PatternScope, at: datetime, *those: ColumnElement[bool]) -> Cases:
    """Return the employers with acceptances of a kind, and how many."""
    found = _agreed(scope, at, _NO_SCHOOL, *those)
    return found.join(Invitation, Invitation.id == Agreement.invitation_id)


def _at_one_firm(_session: Session, scope: PatternScope, at: datetime) -> Cases:
    holding = Agreement.state.in_(sorted({*AGREED, AgreementState.FULFILLED}))
    found = _agreed(scope, at, School.id, holding).group_by(School.id)
    return found.having(func.count() >= MANY_GRADUATES)


def _known(scope: PatternScope) -> ColumnElement[bool]:
    """Return the condition of the employers that sign, or have asked to, in a scope."""
    if scope == PatternScope():
        return Employer.id.is_not(None)
    here = select(Qualification.employer_id).join(School, School.id == Qualification.school_id)
    return Employer.id.in_(here.where(scope.schools()))


def _on_paper(scope: PatternScope) -> Select[str]:
    """Return the codes of the employers that have papers in a scope."""
    return (
        select(_said(OfflineRequest.terms, "unit_code"))
        .join(Graduate, Graduate.id == OfflineRequest.graduate_id)
        .join(School, School.id == Graduate.school_id)
        .where(_ISSUED, scope.schools())
    )


def _sharing(*names: str) -> Finding:
    """Return what finds the employers that share some of what is said of them."""

    def find(_session: Session, scope: PatternScope, _at: datetime) -> Cases:
        firms = func.count(_FIRMS.c.unit_code.distinct())
        shared = (
            select(*(_FIRMS.c[name] for name in names), firms.label("number"))
            .where(*(_FIRMS.c[name] != "" for name in names))
            .group_by(*(_FIRMS.c[name] for name in names))
            .having(firms >= MANY_FIRMS)
            .subquery()
        )
        same = and_(*(shared.c[name] == _FIRMS.c[name] for name in names))
        code, registered = _FIRMS.c.unit_code, select(Employer.unit_code).where(_known(scope))
        return (
            select(
                code,
                func.max(_FIRMS.c.unit_name).label("unit_name"),
                _NO_SCHOOL.label("school_id"),
                func.max(shared.c.number).label("number"),
            )
            .join(shared, same)
            .where(or_(code.in_(registered), code.in_(_on_paper(scope))))
            .group_by(code)
        )

    return find


def _one_handler(_session: Session, scope: PatternScope, _at: datetime) -> Cases:
    firms = func.count(Certification.employer_id.distinct())
    shared = (
        select(Certification.handler_phone_index, firms.label("number"))
        .group_by(Certification.handler_phone_index)
        .having(firms >= MANY_FIRMS)
        .subquery()
    )
    same = shared.c.handler_phone_index == Certification.handler_phone_index
    return (
        select(
            *(Employer.unit_code, Employer.unit_name, _NO_SCHOOL.label("school_id")),
            func.max(shared.c.number).label("number"),
        )
        .join(Certification, Certification.employer_id == Employer.id)
        .join(shared, same)
        .where(_known(scope))
        .group_by(Employer.id, Employer.unit_code, Employer.unit_name)
    )


def _saying(words: Sequence[str], *names: str) -> Finding:
    """Return what finds the offers with one of some words in their texts."""

    def find(_session: Session, scope: PatternScope, at: datetime) -> Cases:
        said = or_(*(_term(name).contains(word) for name in names for word in words))
        return _sent(scope, at, said)

    return find


def _equal_pay(_session: Session, scope: PatternScope, at: datetime) -> Cases:
    one = func.min(_amount("pay")) == func.max(_amount("pay"))
    return _sent(scope, at, least=MANY_EQUAL).having(one)


def _low_pay(_session: Session, scope: PatternScope, at: datetime) -> Cases:
    there = func.substr(_term("work_location_code"), 1, 2).concat("0000")
    below = _amount("pay") < ProvinceSigning.minimum_pay
    return _sent(scope, at, below).join(ProvinceSigning, ProvinceSigning.province == there)


def _much_breach(_session: Session, scope: PatternScope, at: datetime) -> Cases:
    return _sent(scope, at, _amount("breach") > terms.MUCH_BREACH)


def _one_address(_session: Session, scope: PatternScope, at: datetime) -> Cases:
    return _accepted(scope, at, Agreement.accepted_from == Invitation.sent_from)


def _swift(session: Session, scope: PatternScope, at: datetime) -> Cases:
    seconds: ColumnElement[Any] = func.extract("epoch", Agreement.accepted_at - Invitation.sent_at)
    if is_sqlite(session):
        days = func.julianday(Agreement.accepted_at) - func.julianday(Invitation.sent_at)
        seconds = days * 86400
    found = _accepted(scope, at, seconds < SWIFT.total_seconds())
    return found.having(func.count() >= MANY_SWIFT)


_ALL = (
    Pattern("one_firm", f"同校签约 {MANY_GRADUATES} 人以上", "份协议", _at_one_firm),
    Pattern("one_phone", f"{MANY_FIRMS} 家以上单位联系电话相同", "家单位", _sharing("unit_phone")),
    Pattern(
        *("one_place", f"{MANY_FIRMS} 家以上单位地址相同", "家单位"),
        _sharing("unit_location_code", "unit_address"),
    ),
    Pattern("one_handler", f"{MANY_FIRMS} 家以上单位经办人手机号相同", "家单位", _one_handler),
    Pattern(
        *("internship", "岗位、待遇或约定含“实习”“见习”", "份邀请或线下协议"),
        _saying(_INTERNSHIP, "post", "benefits", "remarks"),
    ),
    Pattern(
        "equal_pay",
        f"{MANY_EQUAL} 份以上邀请或线下协议月薪全部相同",
        "份邀请或线下协议",
        _equal_pay,
    ),
    Pattern("low_pay", "月薪低于工作所在省最低工资标准", "份邀请或线下协议", _low_pay),
    Pattern("breach", f"违约金超过 {terms.MUCH_BREACH:,} 元", "份邀请或线下协议", _much_breach),
    Pattern(
        *("money", "约定含押金、培训费、贷款等收费", "份邀请或线下协议"),
        _saying(_MONEY, "benefits", "remarks"),
    ),
    Pattern("one_address", "发出邀请和应约来自同一网络地址", "份协议", _one_address),
    Pattern("swift", f"{MANY_SWIFT} 份以上邀请 1 分钟内应约", "份协议", _swift),
)
PATTERNS = {each.key: each for each in _ALL}
"""Every rule, in the order of the page."""
