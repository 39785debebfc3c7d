"""A graduate's own application: written over days, sent, taken back; one open at a time.

Every write says which revision it saw: two tabs never overwrite each other.
"""

from collections.abc import Mapping

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.base.crypto import Vault
from registry.base.database import BigId
from registry.base.detached import Detached
from registry.base.errors import RuleError
from registry.codes import identity
from registry.record import comparison, fields, province_lock, requirements, validation
from registry.record.registration import COLUMNS
from registry.record.tables import Graduate, Registration
from registry.record.validation import GraduateFacts, Problem, Refused
from registry.review import evidence, kept_evidence
from registry.review.application_moves import Writer, begin, changed_meanwhile, current, move
from registry.review.seasons import SeasonRules, season
from registry.review.states import ApplicationEvent, Purpose
from registry.review.tables import Application, ReviewStep
from registry.signing import agreement_moves

NEW = 0
"""The revision a writer saw who found no application open."""


_READ = Detached(ReviewStep)
_STEPS = (
    select(*_READ.columns)
    .where(ReviewStep.application_id == bindparam("application", type_=BigId))
    .order_by(ReviewStep.revision.desc())
)


def history(session: Session, application: Application) -> list[ReviewStep]:
    """Return the steps of an application, newest first."""
    return [step for (step,) in _READ.read(session, _STEPS, {"application": application.id})]


def first_values(session: Session, graduate: Graduate) -> dict[str, str]:
    """Return what the form begins with: the version in force, or nothing."""
    if graduate.registration_id is None:
        return {}
    return validation.cleaned(said(session.get_one(Registration, graduate.registration_id)))


def said(registration: Registration) -> dict[str, object]:
    """Return what a version says, by column."""
    return {name: getattr(registration, name) or "" for name in COLUMNS}


def refuse_writing(session: Session, writer: Writer) -> None:
    """Refuse a graduate who may change nothing here now.

    Raises RuleError `record_ended`, `registered_elsewhere` (a province with its own system),
    `not_open_yet`, `season_closed`, or `locked_by_province`.
    """
    graduate = writer.graduate
    school = session.get_one(School, graduate.school_id)
    refuse_by(writer, school, season(session, school.id, graduate.year))
    province_lock.refuse(session, [graduate.id])


def refuse_by(writer: Writer, school: School, rules: SeasonRules) -> None:
    """Refuse by her record, her school and its rules of her year, as they were read."""
    if writer.graduate.is_ended:
        raise RuleError("record_ended", "学校已停用您的这条毕业记录，如有疑问请联系学校。")
    province_lock.refuse_elsewhere_of(school)
    refusal = rules.refusal(writer.at)
    if refusal:
        raise refusal


def save(
    session: Session, writer: Writer, typed: Mapping[str, object], revision: int
) -> Application:
    """Keep what was typed as a draft, however incomplete; `revision` is 0 for the first time.

    Raises RuleError `changed_meanwhile`, or what `refuse_writing` raises.
    """
    refuse_writing(session, writer)
    values = validation.cleaned(typed)
    kept = {"values": values, **_sorted(values)}
    if revision == NEW:
        saved = begin(session, writer, Purpose.REGISTER, kept)
    else:
        saved = move(session, writer, Purpose.REGISTER, ApplicationEvent.SAVE, revision, kept)
    kept_evidence.follow(session, writer, saved)
    return saved


def _sorted(values: Mapping[str, str]) -> dict[str, str]:
    """Return what lists narrow by."""
    category = values.get("category", "")
    return {"category": category if category in requirements.OFFERED else ""}


def problems(
    session: Session, vault: Vault, writer: Writer, typed: Mapping[str, object]
) -> list[Problem]:
    """Return all that keeps this from being sent, and all that is odd, evidence included."""
    found = validation.problems(typed, person(vault, writer.graduate))
    open_one = current(session, writer.graduate.id)
    kinds = evidence.kinds(session, open_one.id) if open_one else frozenset[str]()
    missing = requirements.missing_evidence(validation.cleaned(typed).get("category", ""), kinds)
    if missing:
        sentence = f"请上传佐证材料：{requirements.in_words(missing)}。"
        found.append(Problem("evidence", "evidence_missing", sentence))
    return found


def person(vault: Vault, graduate: Graduate) -> GraduateFacts:
    """Return what of a graduate the rules look at."""
    sealed = graduate.phone_sealed
    return GraduateFacts(
        name=graduate.name,
        year=graduate.year,
        training_mode=graduate.training_mode,
        training_unit=graduate.training_unit,
        phone=vault.open(identity.PHONE, graduate.id, sealed) if sealed else "",
    )


def submit(session: Session, vault: Vault, writer: Writer, revision: int) -> Application:
    """Send the draft as it was last saved to the first level of review.

    Raises validation.Refused with every problem, RuleError `nothing_changed`, `changed_meanwhile`,
    `agreement_in_force`, or what `refuse_writing` raises.
    """
    refuse_writing(session, writer)
    draft = current(session, writer.graduate.id, lock=True)
    if draft is None or (draft.purpose, draft.revision) != (Purpose.REGISTER, revision):
        raise changed_meanwhile()
    found = problems(session, vault, writer, draft.values)
    if validation.refused(found):
        raise Refused(found)
    agreement_moves.refuse_another(session, writer.graduate.id, draft.values)
    return _send(session, writer, draft, validation.cleaned(draft.values))


def _send(
    session: Session, writer: Writer, draft: Application, values: dict[str, str]
) -> Application:
    graduate = session.get_one(Graduate, writer.graduate.id, populate_existing=True)
    based_on = graduate.registration_id
    in_force = session.get_one(Registration, based_on) if based_on else None
    if in_force and not comparison.differing(said(in_force), validation.as_registration(values)):
        sentence = "登记的内容与现在生效的完全一样，不需要提交。"
        raise RuleError("nothing_changed", sentence)
    shown = fields.form_fields(values["category"])
    sent = {name: text for name, text in values.items() if name in shown}
    kept = {"values": sent, "based_on": based_on, "submitted_at": writer.at, "reason": ""}
    return move(session, writer, Purpose.REGISTER, ApplicationEvent.SUBMIT, draft.revision, kept)


def withdraw(session: Session, writer: Writer, revision: int) -> Application:
    """Take back what waits for review: to write on, or to have nothing voided after all.

    An agreement is taken back by `registry.signing.answering` alone. Raises RuleError
    `agreement_in_review` or `changed_meanwhile`.
    """
    open_one = current(session, writer.graduate.id)
    if open_one and open_one.purpose == Purpose.AGREEMENT:
        sentence = "就业协议正在审核。如需撤销应约或撤回交回的协议书，请在签约页面办理。"
        raise RuleError("agreement_in_review", sentence)
    purpose = Purpose(open_one.purpose) if open_one else Purpose.REGISTER
    return move(session, writer, purpose, ApplicationEvent.WITHDRAW, revision, {})


def discard(session: Session, writer: Writer, revision: int) -> Application:
    """Give up a draft; its evidence is deleted unless it was once submitted."""
    given_up = move(session, writer, Purpose.REGISTER, ApplicationEvent.DISCARD, revision, {})
    if given_up.submitted_at is None:
        evidence.forget(session, given_up, writer.at)
    return given_up
