"""A WeChat is proven to be a person's by the phone that WeChat knows of it, from the mini program.

WeChat has checked that the number is its owner's, as a code does. A number that one person alone
has registered signs her in. Where several have, or who has the number is not the one, name and
identity number select as they do for a code, and the number proves without one. What waits after a
change of phone or an unbinding waits here, too: all of it is `bind.bind_person`'s.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.binding import bind, phone_codes
from notifier.binding.bind import ClaimedIdentity
from notifier.providers.sms import CodeSender
from registry.accounts import attempts, audit
from registry.accounts.attempts import Counted
from registry.accounts.audit import AuditRecord
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.base.text import compared_name
from registry.codes import identity
from registry.record import contact_changes
from registry.record.cohort import cohort_in_season
from registry.record.scope import not_ended
from registry.record.tables import Graduate

PURPOSE = "mini_phone"
A_DAY = 10
"""Numbers that WeChat gives of one person in 24 hours: each costs a fee."""
MOST_RECORDS = 20
"""That one person has; a number of more is not one person's."""
COHORTS_BACK = 1
"""How old a cohort may be whose number alone signs in: telephone networks give numbers that were
given up to somebody else."""


def count_number(
    session: Session, vault: Vault, mini_openid: str, at: datetime
) -> RuleError | None:
    """Count a number that WeChat is to be asked for; return `phone_spent` where it was enough."""
    whose = Counted(vault.index("attempt mini phone", mini_openid), phone_codes.DAY, A_DAY)
    if attempts.spend(session, PURPOSE, whose, at) is None:
        return None
    return RuleError(
        "phone_spent", f"今天已经获取过 {A_DAY} 次手机号，请用姓名和证件号码登录，或明天再试。"
    )


def sign_in(
    session: Session, vault: Vault, phone: str, openid: str, at: datetime
) -> Graduate | RuleError | None:
    """Bind the one person who registered a normalised phone; None for nobody, or for several.

    Returns refusals as `bind.finish` does after a right code.
    """
    graduate = _only_person(session, vault, phone, at)
    return None if graduate is None else _bind(session, graduate, openid, at)


def _only_person(session: Session, vault: Vault, phone: str, at: datetime) -> Graduate | None:
    """Return the record to begin with: the newest that does not wait after a change."""
    indexes = identity.phone_indexes(vault, phone)
    found = session.scalars(
        select(Graduate)
        .where(Graduate.phone_index.in_(indexes), not_ended())
        .order_by(Graduate.year.desc(), Graduate.id.desc())
        .limit(MOST_RECORDS + 1)
    ).all()
    people = {(each.identity_index, compared_name(each.name)) for each in found}
    if len(people) != 1 or len(found) > MOST_RECORDS or not found[0].identity_index:
        return None
    if found[0].year < cohort_in_season(at) - COHORTS_BACK:
        return None
    waiting = contact_changes.waiting(session, [each.id for each in found], at)
    return next((each for each in found if each.id not in waiting), found[0])


def begin(
    session: Session,
    vault: Vault,
    sender: CodeSender,
    claimed: ClaimedIdentity,
    phone: str,
    at: datetime,
) -> Graduate | RuleError | None:
    """Bind whom a claim names if the phone is theirs; None, and a code is sent, for all others.

    Returns what `bind.begin` does, and refusals as `bind.finish` after a right code.
    """
    refusal = bind.no_such_claim(claimed) or bind.not_now(session, vault, claimed, at, by_code=True)
    if refusal is not None:
        return refusal
    indexes = identity.phone_indexes(vault, phone)
    number = identity.normalised(claimed.identity_number)
    named = bind.records_of(session, vault, claimed.name, number)
    hers = [each for each in named if each.phone_index in indexes]
    if hers:
        return _bind(session, hers[0], claimed.openid, at)
    bind.send_code(session, vault, sender, claimed, at)
    return None


def _bind(session: Session, graduate: Graduate, openid: str, at: datetime) -> Graduate | RuleError:
    found = bind.bind_person(session, graduate, openid, at)
    if isinstance(found, Graduate):
        key = f"graduate:{found.key}"
        audit.note(session, AuditRecord(key, "phone_proven", key, found.school_id), at)
    return found
