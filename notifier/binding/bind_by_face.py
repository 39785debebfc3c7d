"""A WeChat identity is proven to be a person's by her face, where a provider is set up.

Beside the code to her phone, and stronger: it needs no phone that the school knows. Who passed is
told by the provider, so nothing is kept of her meanwhile, and a stranger's claim says no more than
that of a code does. What waits after a change of phone or an unbinding waits here, too.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from notifier.binding import bind, phone_codes
from notifier.binding.bind import ClaimedIdentity
from notifier.providers.face import Person
from registry.accounts import attempts
from registry.accounts.attempts import Counted
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.codes import identity
from registry.record.tables import Graduate

PURPOSE = "bind_face"
CHECK = "bind_face_check"
"""Of a check: that it began, and that somebody came back from it."""
A_DAY = 5
"""Face checks of one WeChat in 24 hours before it is bound: each costs."""


def begin(
    session: Session, vault: Vault, claimed: ClaimedIdentity, at: datetime
) -> RuleError | None:
    """Count a face check that is to begin; whether anybody is of that name is not looked at.

    Returns what `bind.begin` does but for codes, `face_foreign` or `face_spent`.
    """
    refusal = bind.no_such_claim(claimed)
    if refusal is not None:
        return refusal
    if not identity.is_resident(identity.normalised(claimed.identity_number)):
        sentence = "人脸核身只适用于居民身份证，其他证件请用短信验证码。"
        return RuleError("face_foreign", sentence, "identity_number")
    refusal = bind.not_now(session, vault, claimed, at, by_code=False)
    if refusal is not None:
        return refusal
    whose = Counted(vault.index("attempt bind face", claimed.openid), phone_codes.DAY, A_DAY)
    if attempts.spend(session, PURPOSE, whose, at) is not None:
        sentence = f"今天已经做过 {A_DAY} 次人脸核身，请明天再试，或用短信验证码绑定。"
        return RuleError("face_spent", sentence)
    return None


def begun(session: Session, vault: Vault, token: str, at: datetime) -> None:
    """Keep that a check began, for `use_up`."""
    attempts.spend(session, CHECK, _check(vault, token), at)


def use_up(session: Session, vault: Vault, token: str, at: datetime) -> bool:
    """Use a check up; say whether it had begun and nobody had come back from it before.

    Whoever has another pass a check that he began is late: she comes back from it before he asks,
    and not with his browser.
    """
    check = _check(vault, token)
    if not attempts.tallies(session, CHECK, [check], at)[check.index].failures:
        return False
    return attempts.spend(session, CHECK, check, at) is None


def _check(vault: Vault, token: str) -> Counted:
    return Counted(vault.index("attempt bind face check", token), phone_codes.DAY, 2)


def finish(
    session: Session, vault: Vault, passed: Person, openid: str, at: datetime
) -> Graduate | RuleError:
    """Bind the records of who passed a check.

    Returns `nobody_registered`, or as `bind.finish` does after a right code.
    """
    hers = bind.records_of(session, vault, passed.name, passed.identity_number)
    if not hers:
        sentence = (
            "人脸核身已通过，但没有找到您的学籍信息。请核对姓名和证件号码，或联系学院就业老师。"
        )
        return RuleError("nobody_registered", sentence)
    return bind.bind_person(session, hers[0], openid, at, by_code=False)
