"""A school's agreements as lines of a workbook."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from registry.base.clock import SHANGHAI
from registry.numbers import shape
from registry.signing.school_agreements import ListedAgreement
from registry.signing.states import AGREEMENT_TITLES

TITLES = (
    *(
        "学号",
        "姓名",
        "届",
        "院系",
        "单位名称",
        "统一社会信用代码",
        "岗位",
        "协议书编号",
        "签约方式",
        "协议状态",
    ),
    *("应约或核发时间", "生效时间", "结束时间", "办理截止", "原因", "提示"),
)


def lines(agreements: Iterable[ListedAgreement]) -> Iterator[Sequence[str]]:
    """Yield the heading and a line for each agreement."""
    yield TITLES
    for each in agreements:
        yield (
            *(each.student_number, each.name, str(each.cohort), each.department),
            *(each.unit_name, each.unit_code, each.post),
            shape.grouped(each.number) if each.number else "",
            "线下" if each.on_paper else "网上",
            AGREEMENT_TITLES[each.state],
            *map(_time, (each.accepted_at, each.signed_at, each.ended_at, each.due_by)),
            *(each.reason, "；".join(_hints(each))),
        )


def _hints(each: ListedAgreement) -> Iterator[str]:
    if each.asked:
        yield "作废待确认"
    if each.apart:
        yield "与登记去向不一致"


def _time(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment else ""
