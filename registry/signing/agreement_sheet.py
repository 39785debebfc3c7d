"""The agreement as PDF (就业协议书): set for whoever asks from what was frozen, never kept.

Each of the three parties gets the same sheet by its own door. Source of its blocks: the usual form
of the agreement. What it proves by itself is said on it: the answer online counts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.tables import Staff
from registry.base import printed, typesetting
from registry.base.errors import NotFound
from registry.base.printed import Part, PrintedValue, Proof
from registry.codes import identity
from registry.numbers import link, shape
from registry.numbers.reports import VerificationSite
from registry.record.scope import Scope, within
from registry.record.tables import Graduate
from registry.review.states import LEVEL_TITLES, ApplicationEvent, Level
from registry.review.tables import Application, ReviewStep
from registry.signing import agreement_papers, agreement_text, offline_sheet, terms, versions
from registry.signing.agreement_sources import called
from registry.signing.agreement_text import SCHOOL
from registry.signing.offline_sheet import PaperBlank, act
from registry.signing.paper_tables import AgreementPaper
from registry.signing.standing import STANDING_TITLES, Standing, standing_of, watermark
from registry.signing.states import AgreementState
from registry.signing.tables import Agreement, Invitation, TermsVersion
from registry.signing.terms import TermLine

TEMPLATE = "agreement"
TITLE = "高等学校毕业生就业协议书"
ONLINE = (
    "本协议由甲乙双方登录系统分别确认，由学校在系统中鉴证。系统确认不是电子签章，"
    "也不是《中华人民共和国电子签名法》规定的可靠的电子签名。"
)
SUBMIT = ApplicationEvent.SUBMIT
_PASSES = (
    ApplicationEvent.PASS_DEPARTMENT,
    ApplicationEvent.PASS_SCHOOL,
    ApplicationEvent.PASS_LAST,
)


@dataclass(frozen=True)
class AgreementSheet:
    """The whole sheet, as `templates/reports/agreement.typ` takes it."""

    title: str
    subtitle: str
    issuer: str
    watermark: str
    proof: Proof
    parties: list[Part]
    terms: Part
    clauses: list[str]
    acts: Part
    signatures: list[PaperBlank]
    """The blanks of a paper that both parties have yet to sign."""
    notes: list[str]
    footer: str


def of_graduate(session: Session, graduate: Graduate, key: str) -> Agreement:
    """Return what an invitation of hers became, or a request for a paper; raise NotFound."""
    return _one(session, Agreement.graduate_id == graduate.id, called(key))


def of_employer(session: Session, employer_id: int, key: str) -> Agreement:
    """Return what one of an employer's invitations became; raise NotFound otherwise."""
    return _one(session, Invitation.employer_id == employer_id, called(key))


def of_school(session: Session, scope: Scope, key: str) -> Agreement:
    """Return an agreement of a graduate in scope, by its own key; raise NotFound otherwise."""
    return _one(session, within(scope), Agreement.key == key)


def of_scope(session: Session, scope: Scope, application_key: str) -> Agreement:
    """Return the agreement that an application in scope reviews; raise NotFound otherwise."""
    return _one(session, within(scope), Application.key == application_key)


def signer_of(session: Session, agreement: Agreement) -> Graduate:
    """Return whose agreement it is."""
    return session.get_one(Graduate, agreement.graduate_id)


def _one(session: Session, *conditions: ColumnElement[bool]) -> Agreement:
    found = session.scalar(_found().where(*conditions))
    if found is None:
        raise NotFound("协议")
    return found


def _found() -> Select[Agreement]:
    return (
        select(Agreement)
        .outerjoin(Invitation, Invitation.id == Agreement.invitation_id)
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .outerjoin(Application, Application.id == Agreement.application_id)
        .execution_options(populate_existing=True)
    )


def download(
    session: Session, site: VerificationSite, agreement: Agreement, by: AuditRecord, at: datetime
) -> bytes:
    """Return the sheet, and keep in the log who took it; raise as `pdf` does."""
    found = pdf(session, site, agreement, at)
    audit.note(session, by, at)
    return found


def file_name(agreement: Agreement) -> str:
    """Return by which name the sheet is saved; the school knows her by it, so does the employer."""
    return f"就业协议书-{agreement.terms['unit_name']}.pdf"


def pdf(session: Session, site: VerificationSite, agreement: Agreement, at: datetime) -> bytes:
    """Return the sheet of an agreement.

    Raises RuleError `no_paper_yet`, or `unprintable` as `typeset` does.
    """
    return typesetting.typeset(TEMPLATE, asdict(sheet(session, site, agreement)), at)


def sheet(session: Session, site: VerificationSite, agreement: Agreement) -> AgreementSheet:
    """Return the sheet of an agreement.

    Raises RuleError `no_paper_yet`, or RuntimeError where its text is not what was agreed to.
    """
    paper, said = agreement_papers.of(session, agreement), agreement.terms
    text = agreement_papers.text_digest(session, agreement)
    head = agreement_text.head_digest(paper.number, paper.edition, paper.signer)
    if agreement_text.text_digest(head, versions.digest(said)) != text:
        raise RuntimeError(f"the text of agreement {agreement.key} is not what was agreed to")
    standing = standing_of(AgreementState(agreement.state))
    to_sign, on_paper = offline_sheet.is_to_sign(agreement), agreement.request_id is not None
    return AgreementSheet(
        title=TITLE,
        subtitle=offline_sheet.SUBTITLE if on_paper else "网上签约 · 经学校鉴证后生效",
        issuer=paper.signer[SCHOOL],
        watermark="" if to_sign else watermark(standing),
        proof=_proof(site, paper),
        parties=[_unit(said), _signer(session, site, paper)],
        terms=Part("三、协议条款", _printed(terms.lines(said))),
        clauses=list(agreement_text.CLAUSES[paper.edition]),
        acts=Part("五、签订经过", list(_acts(session, agreement, standing))),
        signatures=list(offline_sheet.SIGNATURES) if to_sign else [],
        notes=_notes(site, text, offline_sheet.NOTE if on_paper else ONLINE),
        footer=f"{paper.signer[SCHOOL]} · {paper.signer['name']} · {shape.grouped(paper.number)}",
    )


def _proof(site: VerificationSite, paper: AgreementPaper) -> Proof:
    return Proof(
        title=shape.AGREEMENT_TITLE,
        number=shape.grouped(paper.number),
        code=link.drawn(link.address(site.base_url, paper.link)),
        hint="扫码即可在线核验。协议是否生效、是否已经解约，只以在线核验的结果为准。",
    )


def _unit(said: Mapping[str, str]) -> Part:
    return Part("一、甲方（用人单位）", _printed(terms.unit_lines(said)))


def _signer(session: Session, site: VerificationSite, paper: AgreementPaper) -> Part:
    lines = _printed(agreement_text.signer_lines(paper.signer))
    graduate = session.get_one(Graduate, paper.graduate_id)
    sealed = graduate.identity_sealed
    number = site.vault.open(identity.IDENTITY, graduate.id, sealed) if sealed else ""
    shown = printed.line("证件号码", identity.masked(number))
    return Part("二、乙方（毕业生）", [*lines[:2], shown, *lines[2:]])


def _printed(lines: list[TermLine]) -> list[PrintedValue]:
    return [printed.line(each.title, each.value) for each in lines]


def _acts(session: Session, agreement: Agreement, standing: Standing) -> Iterator[PrintedValue]:
    """Yield what was done when, Shanghai's time."""
    agreed = [each for each in reversed(versions.of(session, agreement)) if each.agreed_at]
    later = [each for each in agreed if versions.is_supplement(agreement, each)]
    if agreement.request_id is not None:
        yield from offline_sheet.acts(session, agreement)
    else:
        for version in agreed[: len(agreed) - len(later)]:
            yield from _agreed(session, version)
    for level, at in session.execute(_passes(agreement)):
        yield act(f"{LEVEL_TITLES[Level(level)]}审核", at, "通过")
    if agreement.signed_at is not None:
        yield act("学校鉴证", agreement.signed_at, "协议生效，毕业去向已登记")
    for version in later:
        yield from _agreed(session, version, supplement=True)
    if agreement.ended_at is not None:
        yield act(STANDING_TITLES[standing], agreement.ended_at, agreement.reason)


def _agreed(
    session: Session, version: TermsVersion, *, supplement: bool = False
) -> Iterator[PrintedValue]:
    """Yield how terms were proposed and agreed to."""
    by = session.scalar(select(Staff.name).where(_is_actor(version.proposed_by))) or "已停用的账号"
    first = version.number == 1
    proposed, agreed = ("甲方发出邀请", "乙方应约") if first else ("甲方修改条款", "乙方同意修改")
    if supplement:
        proposed, agreed = "甲方提出补充协议", "乙方同意补充协议"
    assert version.agreed_at is not None, "others are left out"
    yield act(proposed, version.proposed_at, f"经办人 {by} 登录单位账号办理")
    yield act(agreed, version.agreed_at, "本人在微信中经身份核验后确认")


def _is_actor(actor: str) -> ColumnElement[bool]:
    return Staff.key == actor.partition(":")[2]


def _passes(agreement: Agreement) -> Select[str, datetime]:
    """Return the query of what passed since it was sent to review the last time."""
    of = ReviewStep.application_id == agreement.application_id
    sent = select(func.max(ReviewStep.revision)).where(of, ReviewStep.event == SUBMIT)
    passed = (ReviewStep.event.in_(_PASSES), ReviewStep.revision > sent.scalar_subquery())
    wanted = select(ReviewStep.level, ReviewStep.at).where(of, *passed)
    return wanted.order_by(ReviewStep.revision)


def _notes(site: VerificationSite, text: str, how: str) -> list[str]:
    return [
        how,
        (
            f"核验方式：①打开 {site.base_url}/verify/agreement，输入毕业生姓名和协议书编号；"
            f"②用手机扫描二维码，打开的网址应以 {site.base_url} 开头。"
        ),
        f"协议文本校验值（SHA-256）：{text}",
        "本协议可以随时重新打印，编号不变；单位、毕业生、学校各执一份，内容相同。",
    ]
