"""An employer's invitations as lines of a workbook, with what became of each."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from registry.base.clock import SHANGHAI
from registry.codes import categories
from registry.numbers import shape
from registry.signing.lists import ListedInvitation
from registry.signing.states import AGREEMENT_TITLES, INVITATION_TITLES, InvitationState

TITLES = (
    *("姓名", "学号", "学校", "院系", "专业", "学历", "岗位", "发出时间", "发出人", "应约截止"),
    *("邀请状态", "应约时间", "协议书编号", "协议状态", "解约状态", "原因"),
)
_ANSWERED = frozenset({InvitationState.ACCEPTED, InvitationState.REFUSED})


def lines(invitations: Iterable[ListedInvitation]) -> Iterator[Sequence[str]]:
    """Yield the heading and a line for each invitation."""
    yield TITLES
    for each in invitations:
        answered_at = each.ended_at if each.invitation in _ANSWERED else None
        yield (
            *(each.name, each.student_number, each.school, each.department, each.major),
            *(categories.level_and_ending(each.level), each.post, _time(each.sent_at)),
            *(each.sent_by, _time(each.answer_by), INVITATION_TITLES[each.invitation]),
            _time(answered_at) if answered_at else "",
            shape.grouped(each.number) if each.number else "",
            AGREEMENT_TITLES[each.agreement] if each.agreement else "",
            each.termination,
            each.reason,
        )


def _time(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
