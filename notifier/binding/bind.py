"""A WeChat identity is proven to be a person's by a code sent to the phone a school registered.

The code binds every record of the person (`notifier.ledger.joining` says which those are); who is
bound already proves another of hers in the same way.

Name and identity number only select the record: classmates know them. Nobody can tell by an answer,
or by the time it takes, whether somebody matched, has a phone, or is bound already; only who holds
the phone learns more. A refusal is returned as a value, never raised: a rollback would forget what
was counted.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from notifier.binding import phone_codes, sms_after_commit
from notifier.binding.phone_codes import Asker, CodeVerdict, Holder
from notifier.ledger import bindings, joining, notices
from notifier.ledger.bindings import NewBinding
from notifier.ledger.tables import Binding
from notifier.providers.sms import CodeSender
from registry.accounts import addresses, attempts, audit, puzzles, sessions
from registry.accounts.attempts import Counted, Limit, Subject
from registry.accounts.audit import AuditRecord
from registry.base.clock import SHANGHAI
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.base.text import compared_name
from registry.codes import identity
from registry.record import contact_changes
from registry.record.scope import not_ended
from registry.record.tables import Graduate

PURPOSE = "bind"
SHARED = "bind_shared"
RESEND = phone_codes.APART
NO_PAUSE = Limit(free=10**9, longest=timedelta())

OF_OPENID = Limit(free=5, longest=timedelta(minutes=30))
OF_RECORD = Limit(free=10**9, longest=timedelta(), puzzle_from=5)
"""Codes and wrong tries for one record: strangers cause it, so it costs a puzzle and no pause."""
OF_ADDRESS = Limit(free=10**9, longest=timedelta(), in_turn_from=50, puzzle_from=100)
"""Wrong codes from one address (IPv6: /64, and /48), which a whole campus may share: who asks for a
code has not failed, and each right code makes up for a wrong one."""
SHARED_TRIES = 5
"""Wrong codes of one WeChat in a day, of those that others asked for: a lane of its own for each,
so that nobody uses up another's."""

_SENTENCES = {
    "name_missing": "请填写姓名。",
    "resend_too_soon": "验证码刚刚发送，请 {seconds} 秒后再获取。",
    "too_many_attempts": "操作太频繁，请 {seconds} 秒后再试。",
    "puzzle_needed": "请输入图中的数字，再获取验证码。",
    "puzzle_wrong": puzzles.WRONG,
    "code_expired": "验证码已失效，请重新获取。",
    "code_form": "请填写短信中的 6 位验证码。",
    "code_wrong": "验证码不对，请核对短信后再输入。",
    "code_spent": "验证码输错次数过多，已失效，请重新获取。",
    "openid_bound": "本微信已绑定一位毕业生。如需绑定其他人，请先在“我的”中解除绑定。",
    "bound_elsewhere": (
        "您的登记信息已绑定其他微信。如果那是您的旧微信，请先在旧微信中解除绑定，或联系学院就业老师"
        "解除后再绑定；如果不是您本人操作，请立即告诉学院。"
    ),
    "binding_waits": (
        "学校刚更改了您的手机号、证件号码或毕业记录，或解除了微信绑定，为保护您的信息，{when} "
        "之后才能绑定。急需办理请"
        "带身份证到学校，由另一位老师核实后即可绑定。"
    ),
    "binding_objected": (
        "您的身份或绑定变更有异议，学校核实之后才能绑定，请联系学校就业指导中心。"
    ),
}
_FIELDS = {
    "name_missing": "name",
    "code_expired": "code",
    "code_form": "code",
    "code_wrong": "code",
}


@dataclass(frozen=True)
class ClaimedIdentity:
    """Who somebody says to be, in which browser session and WeChat identity, and from where."""

    name: str
    identity_number: str
    openid: str
    session_hash: str
    address: str
    puzzle_answer: str = ""


@dataclass(frozen=True)
class Proof:
    """The code as it was typed, in which browser session and WeChat identity, and from where."""

    code: str
    openid: str
    session_hash: str
    address: str
    puzzle_answer: str = ""


def begin(
    session: Session, vault: Vault, sender: CodeSender, claimed: ClaimedIdentity, at: datetime
) -> RuleError | None:
    """Select the record; once the door has committed, a code goes to its phone, if anybody matched.

    None is sent to a phone that has had its codes of the day, or one within the last minute: the
    last of them proves it. The answer does not say so.

    Returns a refusal for what is no name or identity number, whoever that may be, and
    `openid_bound`, `resend_too_soon`, `too_many_attempts`, `puzzle_needed`, `puzzle_wrong`, which
    concern the asker alone.
    """
    refusal = no_such_claim(claimed) or not_now(session, vault, claimed, at, by_code=True)
    if refusal is None:
        send_code(session, vault, sender, claimed, at)
    return refusal


def send_code(
    session: Session, vault: Vault, sender: CodeSender, claimed: ClaimedIdentity, at: datetime
) -> None:
    """Have a code go to the phone of whom a claim names, which `begin` has let through."""
    number = identity.normalised(claimed.identity_number)
    graduate = _select_record(session, vault, claimed, number)
    holder, phone = _holder(vault, graduate)
    if not phone_codes.may_be_sent(session, _asker(claimed), holder, at):
        phone_codes.share(session, _asker(claimed), holder, at)
        return
    code = phone_codes.issue(session, vault, _asker(claimed), holder, at)
    if holder is not None:
        sms_after_commit.send_after_commit(session, sender, phone, code, phone_codes.MINUTES)


def _holder(vault: Vault, graduate: Graduate | None) -> tuple[Holder | None, str]:
    if graduate is None or graduate.phone_sealed is None:
        return None, ""
    phone = vault.open(identity.PHONE, graduate.id, graduate.phone_sealed)
    return Holder(graduate.id, identity.phone_index(vault, phone) or ""), phone


def finish(session: Session, vault: Vault, proof: Proof, at: datetime) -> Graduate | RuleError:
    """Bind, if the code is the one sent for this browser session and WeChat identity.

    Returns a refusal as a value: `code_form`, `puzzle_needed` and `puzzle_wrong`, which take none
    of the code's tries, `code_expired`, `code_wrong`, `code_spent`, and, only to who held the
    phone, `bound_elsewhere`, `openid_bound`, `binding_waits` or `binding_objected`.
    """
    if not phone_codes.is_code(proof.code):
        return _refuse("code_form")
    places = _places(vault, proof.address)
    if attempts.weigh(session, PURPOSE, places, at).puzzle and not _solved(session, proof, at):
        return _puzzle(proof)
    if _shared_tries_are_spent(session, vault, proof, at):
        return _refuse("code_spent")
    checked = phone_codes.check(session, vault, _asker(proof), proof.code, at)
    graduate = session.scalar(select(Graduate).where(Graduate.id == checked.graduate_id))
    selected = _selected(vault, proof.openid, graduate.identity_index if graduate else "")
    if checked.verdict is CodeVerdict.RIGHT and graduate is not None:
        for each in selected:
            attempts.forget(session, PURPOSE, each)
        attempts.count_success(session, PURPOSE, places, at)
        return bind_person(session, graduate, proof.openid, at)
    if checked.verdict is CodeVerdict.WRONG:
        attempts.count_failure(session, PURPOSE, [*selected, *places], at)
        if checked.shared:
            attempts.count_failure(session, SHARED, [_shared(vault, proof.openid)], at)
    return _refuse(f"code_{checked.verdict}")


def _shared(vault: Vault, openid: str) -> Subject:
    return Subject(vault.index("attempt shared code", openid), NO_PAUSE)


def _shared_tries_are_spent(session: Session, vault: Vault, proof: Proof, at: datetime) -> bool:
    """Say whether a WeChat has tried enough codes of the day that others asked for."""
    if not phone_codes.is_shared(session, _asker(proof)):
        return False
    subject = _shared(vault, proof.openid)
    attempts.take_turns(session, [subject.index])
    wanted = [Counted(subject.index, phone_codes.DAY, SHARED_TRIES)]
    return attempts.tallies(session, SHARED, wanted, at)[subject.index].failures >= SHARED_TRIES


def _solved(session: Session, who: ClaimedIdentity | Proof, at: datetime) -> bool:
    return puzzles.solve(session, who.session_hash, who.puzzle_answer, at)


def _puzzle(who: ClaimedIdentity | Proof) -> RuleError:
    return _refuse("puzzle_wrong" if who.puzzle_answer else "puzzle_needed")


def end(session: Session, graduate_id: int, *, reason: str, by: str, at: datetime) -> bool:
    """End the binding of a graduate's WeChat, for all her records; say whether there was one.

    The sessions opened by it end too. `by` is the actor of the audit log (`staff:<key>`,
    `graduate:<key>`, `system`); the log of another school does not name a member of staff.
    """
    school_id = session.scalars(select(Graduate.school_id).where(Graduate.id == graduate_id)).one()
    openid = session.scalar(select(Binding.openid).where(bindings.of_graduate(graduate_id)))
    if openid is None:
        return False
    ended = bindings.end(session, bindings.of_openid(openid), reason, at)
    sessions.end_all_of_graduates(session, ended)
    records = session.scalars(select(Graduate).where(Graduate.id.in_(ended))).all()
    for each in records:
        theirs = each.school_id == school_id or not by.startswith("staff:")
        _note(session, each, f"unbound_{reason}", by if theirs else "system", at)
    if by.startswith("staff:"):
        unbound = [each for each in records if each.school_id == school_id]
        notices.tell_unbound(session, unbound, openid, by, at)
    return True


def end_of_openid(session: Session, openid: str, reason: str, at: datetime) -> bool:
    """End the binding of a WeChat identity whose owner took WeChat's permission back."""
    hers = session.scalar(select(Binding.graduate_id).where(bindings.of_openid(openid)).limit(1))
    return hers is not None and end(session, hers, reason=reason, by="system", at=at)


def _refuse(code: str, seconds: int = 0) -> RuleError:
    return RuleError(code, _SENTENCES[code].format(seconds=seconds), _FIELDS.get(code))


def no_such_claim(claimed: ClaimedIdentity) -> RuleError | None:
    """Return the refusal of what is no name or no identity number, whoever that may be."""
    if not compared_name(claimed.name):
        return _refuse("name_missing")
    try:
        identity.check(identity.normalised(claimed.identity_number))
    except RuleError as error:
        return error
    return None


def not_now(
    session: Session, vault: Vault, claimed: ClaimedIdentity, at: datetime, *, by_code: bool
) -> RuleError | None:
    """Count this claim, unless the asker has to wait or is somebody already."""
    number = identity.normalised(claimed.identity_number)
    own = bindings.records_of(session, claimed.openid)
    if own and own[0].identity_index not in identity.identity_indexes(vault, number):
        return _refuse("openid_bound")
    selected = _selected(vault, claimed.openid, identity.identity_index(vault, number))
    subjects = [*selected, *_places(vault, claimed.address)]
    weighed = attempts.weigh(session, PURPOSE, subjects, at)  # first: it takes her turn
    sent_at = phone_codes.last_sent_at(session, _asker(claimed)) if by_code else None
    if sent_at is not None and sent_at + RESEND > at:
        return _refuse("resend_too_soon", _seconds(sent_at + RESEND, at))
    if weighed.until is not None:
        return _refuse("too_many_attempts", _seconds(weighed.until, at))
    if weighed.puzzle and not _solved(session, claimed, at):
        return _puzzle(claimed)
    attempts.count_failure(session, PURPOSE, selected, at)
    return None


def _seconds(until: datetime, at: datetime) -> int:
    return ceil((until - at).total_seconds())


def _asker(who: ClaimedIdentity | Proof) -> Asker:
    return Asker(PURPOSE, who.session_hash, who.openid)


def _selected(vault: Vault, openid: str, record: str) -> list[Subject]:
    """Return whose attempt it is and whose record it is about."""
    return [
        Subject(vault.index("attempt openid", openid), OF_OPENID),
        Subject(vault.index("attempt record", record), OF_RECORD),
    ]


def _places(vault: Vault, address: str) -> list[Subject]:
    found = addresses.counted(address)
    return [Subject(vault.index("attempt address", each), OF_ADDRESS) for each in found]


def _select_record(
    session: Session, vault: Vault, claimed: ClaimedIdentity, number: str
) -> Graduate | None:
    """Return the newest record of this number and name that has a phone to prove it by."""
    named = records_of(session, vault, claimed.name, number)
    return next((each for each in named if each.phone_sealed), None)


def records_of(session: Session, vault: Vault, name: str, number: str) -> list[Graduate]:
    """Return the records of a name and a normalised identity number, the newest first.

    One that is not bound yet comes before them: who is bound already proves another of hers, and a
    record that another school entered with a wrong phone, and somebody bound, does not shut her
    out.
    """
    is_bound = exists().where(bindings.of_graduate(Graduate.id))
    found = session.scalars(
        select(Graduate)
        .where(Graduate.identity_index.in_(identity.identity_indexes(vault, number)), not_ended())
        .order_by(is_bound, Graduate.year.desc(), Graduate.id.desc())
    ).all()
    wanted = compared_name(name).encode()
    return [
        each for each in found if hmac.compare_digest(compared_name(each.name).encode(), wanted)
    ]


def bind_person(
    session: Session, graduate: Graduate, openid: str, at: datetime, *, by_code: bool = True
) -> Graduate | RuleError:
    """Bind all records of the person; of two who race, the unique indexes let exactly one through.

    Refused while it waits (`registry.record.contact_changes`), and where another record of the same
    school is bound to another WeChat. What another school has of her and somebody else has bound,
    or what waits there, is left alone: no school can shut her out of another's.
    """
    own = bindings.records_of(session, openid)
    if own and own[0].identity_index != graduate.identity_index:
        return _refused(session, graduate, "openid_bound", at)
    everything = joining.same_person(session, graduate)
    waiting = contact_changes.waiting(session, [each.id for each in everything], at)
    if graduate.id in waiting:
        _note(session, graduate, "bind_refused", f"graduate:{graduate.key}", at)
        return _not_yet(waiting[graduate.id])
    hers = [each for each in everything if each.id not in waiting]
    phone = graduate.phone_index if by_code else None  # nothing but the code has proven it
    rows = [
        NewBinding(each.id, openid, bool(own) or each.id != graduate.id, phone) for each in hers
    ]
    added = bindings.add(session, rows, at)
    ids = [each.id for each in hers if each.school_id == graduate.school_id]
    holders = session.scalars(
        select(Binding.openid).where(Binding.graduate_id.in_(ids), Binding.ended_at.is_(None))
    ).all()
    if len(holders) < len(ids) or set(holders) != {openid}:
        bindings.take_back(session, list(added.values()))
        elsewhere = set(holders) - {openid}
        return _refused(session, graduate, "bound_elsewhere" if elsewhere else "openid_bound", at)
    for each in hers:
        if each.id in added:
            _note(session, each, "bound", f"graduate:{each.key}", at)
    return graduate


def _not_yet(until: datetime | None) -> RuleError:
    """Say until when no WeChat is bound after a change of phone or an unbinding."""
    if until is None:
        return _refuse("binding_objected")
    moment = until.astimezone(SHANGHAI)
    when = f"{moment.month}月{moment.day}日 {moment:%H:%M}"
    return RuleError("binding_waits", _SENTENCES["binding_waits"].format(when=when))


def _refused(session: Session, graduate: Graduate, code: str, at: datetime) -> RuleError:
    _note(session, graduate, "bind_refused", f"graduate:{graduate.key}", at)
    return _refuse(code)


def _note(session: Session, graduate: Graduate, action: str, by: str, at: datetime) -> None:
    subject = f"graduate:{graduate.key}"
    audit.note(session, AuditRecord(by, action, subject, graduate.school_id), at)
