"""What the sheet of an agreement on paper says otherwise: its blanks, and how it came about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from registry.base.clock import SHANGHAI
from registry.base.printed import PrintedValue
from registry.review.tables import Application
from registry.signing.states import AgreementState
from registry.signing.tables import Agreement, OfflineRequest

SUBTITLE = "线下签约 · 双方签字盖章并经学校鉴证后生效"
NOTE = (
    "本协议由甲乙双方在纸质协议书上签字、盖章，由学校核对交回的协议书后在系统中鉴证。"
    "涂改无效，条款以学校核发的内容为准。"
)


@dataclass(frozen=True)
class PaperBlank:
    """A blank that is signed by hand."""

    title: str
    lines: tuple[str, ...]


SIGNATURES = (
    PaperBlank("甲方（用人单位盖章）", ("经办人签字：", "日期：　　　　年　　月　　日")),
    PaperBlank("乙方（毕业生本人签字）", ("签字：", "日期：　　　　年　　月　　日")),
)


def is_to_sign(agreement: Agreement) -> bool:
    """Say whether the sheet is the one that both parties sign."""
    return agreement.state == AgreementState.ISSUED


def acts(session: Session, agreement: Agreement) -> Iterator[PrintedValue]:
    """Yield what was done before the review, Shanghai's time."""
    request = session.get_one(OfflineRequest, agreement.request_id)
    yield act("乙方申请", request.asked_at, "登录系统填写条款，申请线下签约")
    yield act("学校核发", agreement.accepted_at, "核发纸质协议书")
    if agreement.application_id is None or is_to_sign(agreement):
        return
    review = session.get_one(Application, agreement.application_id)
    day = date.fromisoformat(review.values["signed_on"])
    yield PrintedValue("双方签字盖章", f"{day.year}年{day.month}月{day.day}日", wide=True)
    if review.submitted_at is not None:
        yield act("乙方交回", review.submitted_at, "上传签字盖章的协议书")


def act(title: str, at: datetime, said: str) -> PrintedValue:
    """Return what was done at a moment, as a sheet says it."""
    moment = at.astimezone(SHANGHAI).strftime("%Y年%-m月%-d日 %H:%M")
    return PrintedValue(title, f"{moment}　{said}".strip(), wide=True)
