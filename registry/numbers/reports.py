"""The report as a sheet that is printed, with the number and the QR code it is verified by.

Source: the guides' sample reports (figures 6 and 8), title, blocks and the four notes. A sheet
proves nothing by itself: only the online answer counts, and the sheet says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from registry.base import printed, typesetting
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.base.printed import Part, Proof, Sheet
from registry.numbers import link, report, service, shape
from registry.numbers.sealed_number import SealedNumber, sealed_number
from registry.numbers.shape import ISSUE_TITLES, KIND_TITLES, Issue, Kind
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import generate
from registry.numbers.verification import authorize
from registry.record import graduate_page
from registry.record.scope import Scope

TITLE = "全国普通高等学校毕业生去向登记信息"

_NAMES = {Issue.VERIFICATION: "核验报告", Issue.TRANSFER: "转递报告"}
_SERVICE = {
    Issue.VERIFICATION: "毕业生的毕业时间加六个月",
    Issue.TRANSFER: "毕业生的毕业时间的第二年3月31日",
}
_HINT = "扫码即可在线核验。报告是否有效、内容是否最新，只以在线查询的结果为准。"


@dataclass(frozen=True)
class Numbered:
    """What a report is made of: a number, still sealed, and what it shows."""

    issue: Issue
    kind: Kind
    sealed: SealedNumber
    snapshot: Mapping[str, str]
    ends_on: date


@dataclass(frozen=True)
class VerificationSite:
    """Where reports are verified, and by which keys their links are made."""

    vault: Vault
    base_url: str
    """The service's public address, `https://…` without a slash at its end."""


def verification_pdf(
    session: Session, place: VerificationSite, graduate_id: int, kind: Kind, at: datetime
) -> bytes:
    """Return a graduate's own report of a kind, in force; for nobody but herself.

    Raises RuleError `not_in_force`, or `unprintable` as `typeset` does.
    """
    row = authorize.own_in_force(session, graduate_id, kind, at)
    return pdf(place, _numbered(row), at)


def transfer_pdf(
    session: Session, place: VerificationSite, scope: Scope, key: str, kind: Kind, at: datetime
) -> bytes:
    """Return the school's report of a kind about a graduate (by key) within the scope.

    Raises NotFound outside the scope, RuleError `no_good_number` where none is good now, or
    `unprintable` as `typeset` does.
    """
    graduate = graduate_page.find(session, scope, key)
    row = generate.good(session, graduate.id, kind, at)
    if row is None:
        sentence = f"{graduate.name}现在没有有效的{KIND_TITLES[kind]}转递编号，请先生成。"
        raise RuleError("no_good_number", sentence)
    return pdf(place, _numbered(row), at)


def _numbered(row: IssuedNumber) -> Numbered:
    return Numbered(Issue(row.issue), Kind(row.kind), sealed_number(row), row.snapshot, row.ends_on)


def pdf(place: VerificationSite, numbered: Numbered, at: datetime) -> bytes:
    """Return the report of a number."""
    return typesetting.typeset(printed.TEMPLATE, sheet(place, numbered).content(), at)


def sheet(place: VerificationSite, numbered: Numbered) -> Sheet:
    """Return the sheet of a number."""
    issue, kind, shown = numbered.issue, numbered.kind, numbered.snapshot
    number, token = numbered.sealed.number(place.vault), numbered.sealed.token(place.vault)
    school, name = shown["school"], KIND_TITLES[kind]
    return Sheet(
        title=TITLE,
        subtitle=f"{name}信息{_NAMES[issue]}",
        issuer=school,
        blocks=blocks(shown, kind),
        notes=_notes(place.base_url, numbered),
        footer=f"{school} · {shown['name']} · {name}信息{_NAMES[issue]}",
        proof=Proof(
            title=ISSUE_TITLES[issue],
            number=shape.grouped(number),
            code=link.drawn(link.address(place.base_url, token)),
            hint=_HINT,
        ),
    )


def blocks(snapshot: Mapping[str, str], kind: Kind) -> list[Part]:
    """Return what a report shows, as it is printed."""
    return [
        Part(shown.title, [printed.line(each.title, each.value) for each in shown.lines])
        for shown in report.blocks(snapshot, kind)
    ]


def _notes(base_url: str, numbered: Numbered) -> list[str]:
    issue, kind = numbered.issue, numbered.kind
    last = service.last_day(issue, numbered.snapshot["graduation_month"])
    end = f"查询核验服务时间截止到{_SERVICE[issue]}，即{_day(last)}"
    if numbered.ends_on < last:
        end += f"；本次核验授权的有效期到{_day(numbered.ends_on)}"
    ways = (
        f"核验方式：①打开 {base_url}/verify/{kind}，正确输入毕业生姓名和{ISSUE_TITLES[issue]}；"
        f"②用手机扫描本报告的二维码，打开的网址应以 {base_url} 开头。"
    )
    return [
        f"登记信息由{numbered.snapshot['school']}通过毕业去向登记系统提供。",
        ways,
        "登记信息来自于毕业生离校时上报的信息，如有问题请联系毕业生核实。",
        f"{end}。",
    ]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
