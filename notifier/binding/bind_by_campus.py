"""A WeChat is proven to be a person's by her campus (统一身份认证), where her school has one.

Beside the code to her phone. The campus proves a student number (学号) of its school; name and
identity number select the record as they do for a code, and all of it has to be of one record. What
waits after a change of phone or an unbinding waits here, too.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from notifier.binding import bind
from notifier.binding.bind import ClaimedIdentity
from registry.accounts import audit, schools
from registry.accounts.audit import AuditRecord
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.codes import identity
from registry.record import number_changes
from registry.record.tables import Graduate

OTHER = RuleError(
    "campus_other_record",
    "统一身份认证返回的学号，与您填写的姓名和证件号码不是同一位毕业生。请核对后重试，或用短信验证码绑定。",
)

NUMBER_IS_NEW = RuleError(
    "campus_number_changed", "您的学号在 30 天内由学校录入或更改过，请用短信验证码绑定。"
)


@dataclass(frozen=True)
class ProvenStudent:
    """Who somebody says to be, and the number that the campus of a school has proven."""

    name: str = field(repr=False)
    identity_number: str = field(repr=False)
    school_code: str
    student_number: str = field(repr=False)


def begin(
    session: Session, vault: Vault, claimed: ClaimedIdentity, at: datetime
) -> RuleError | None:
    """Count a claim that is to be proven; whether anybody is of that name is not looked at.

    Returns what `bind.begin` does but for codes.
    """
    refusal = bind.no_such_claim(claimed)
    return refusal or bind.not_now(session, vault, claimed, at, by_code=False)


def finish(
    session: Session, vault: Vault, proven: ProvenStudent, openid: str, at: datetime
) -> Graduate | RuleError:
    """Bind the records of whom a campus has proven.

    Returns `campus_other_record`, `campus_number_changed`, or as `bind.finish` does after a right
    code.
    """
    school = schools.find_by_code(session, proven.school_code)
    number = identity.normalised(proven.identity_number)
    hers = [
        each
        for each in bind.records_of(session, vault, proven.name, number)
        if school and each.school_id == school.id and each.student_number == proven.student_number
    ]
    if not hers:
        return OTHER
    if number_changes.is_new(session, hers[0], at):
        return NUMBER_IS_NEW
    found = bind.bind_person(session, hers[0], openid, at, by_code=False)
    if isinstance(found, Graduate):
        key = f"graduate:{found.key}"
        audit.note(session, AuditRecord(key, "campus_proven", key, found.school_id), at)
    return found
