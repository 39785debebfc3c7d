"""What the account answers to whoever follows it, writes to it, or presses a button of its menu.

What staff set stands before what is said by default. What a person wrote is forgotten at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from notifier.ledger.tables import AutoReply
from notifier.wechat import posters
from notifier.wechat.callback import OpenedPush
from notifier.wechat.menu import LOGIN_PATH
from registry.base.database import is_sqlite
from registry.base.errors import RuleError
from registry.base.text import clean, compared

TEXT_LENGTH, WORD_LENGTH, MOST = 300, 10, 30
"""Characters of an answer and of a word, and how many words there may be."""


class Occasion(StrEnum):
    """When the account answers."""

    FOLLOWED = "followed"
    WORD = "word"
    OTHER = "other"


PAGES = {
    "home": "进入去向登记",
    "confirmation": "核对确认",
    "authorization": "核验授权",
    "messages": "查看消息",
    "help": "帮助",
}
"""The pages of graduates that an answer may lead to, with the words of the link."""


@dataclass(frozen=True)
class ChatReply:
    """An answer: its text, and the page it leads to; an empty text is no answer."""

    occasion: Occasion
    word: str
    text: str
    page: str = ""
    by_default: bool = True


_WORDS = (
    ("登记", "登记、修改毕业去向，查看审核进度：", "home"),
    ("确认", "核对去向登记信息，确认无误或反映有误：", "confirmation"),
    ("核验", "授权接收单位核验档案、户口去向，查看核验编号：", "authorization"),
    (
        "编号",
        "核验编号在“核验授权”里查看；转递编号由学校掌握，寄送档案时告知接收单位。",
        "authorization",
    ),
    ("消息", "学校的提醒和登记信息的变更：", "messages"),
    ("人工", "请联系学校就业指导中心，咨询电话见“帮助”：", "help"),
)
DEFAULTS = (
    ChatReply(
        Occasion.FOLLOWED,
        "",
        "欢迎关注。在这里登记、核对毕业去向，授权接收单位核验档案和户口。",
        "home",
    ),
    *(ChatReply(Occasion.WORD, *each) for each in _WORDS),
    ChatReply(Occasion.OTHER, "", "请回复“登记”“确认”“核验”“编号”或“人工”，也可以使用下方菜单。"),
)


def in_force(session: Session) -> list[ChatReply]:
    """Return every answer as it is given now: welcome, words in their order, anything else."""
    kept = [
        ChatReply(Occasion(row.occasion), row.word, row.text, row.page, by_default=False)
        for row in session.scalars(select(AutoReply).order_by(AutoReply.id))
    ]
    found = {(each.occasion, each.word): each for each in (*DEFAULTS, *kept)}
    return sorted(found.values(), key=lambda each: list(Occasion).index(each.occasion))


def is_answered(push: OpenedPush) -> bool:
    """Say whether a person may wait for an answer: receipts and the like ask for none."""
    return _occasion(push) is not None or bool(posters.scene_of(push.event))


def answer(session: Session, push: OpenedPush, public_url: str) -> str:
    """Return what is said to a push, with a link to its page; "" where nothing is.

    To the scan of a class's poster, what belongs to that.
    """
    if said := posters.answer(session, push.event, public_url):
        return said
    occasion = _occasion(push)
    if occasion is None:
        return ""
    reply = _fitting(in_force(session), occasion, compared(push.said))
    if reply is None or not reply.text:
        return ""
    if not reply.page:
        return reply.text
    address = f"{public_url}{LOGIN_PATH}?to={reply.page}"
    return f'{reply.text}\n<a href="{address}">{PAGES[reply.page]}</a>'


def _occasion(push: OpenedPush) -> Occasion | None:
    """Return the occasion of a push; None for what a person does not see answered."""
    if push.event.event == "subscribe":
        return Occasion.FOLLOWED
    if push.event.event == "CLICK" or push.event.event.startswith("message:"):
        return Occasion.WORD
    return None


def _fitting(replies: Iterable[ChatReply], occasion: Occasion, said: str) -> ChatReply | None:
    """Return the answer of the longest word in what was said, or the one to anything else."""
    those = [each for each in replies if each.occasion is occasion]
    if occasion is Occasion.FOLLOWED:
        return those[0]
    named = [each for each in those if each.text and compared(each.word) in said]
    if named:
        return max(named, key=lambda each: len(each.word))
    return next((each for each in replies if each.occasion is Occasion.OTHER), None)


def write(session: Session, reply: ChatReply, at: datetime) -> ChatReply:
    """Set an answer; raise RuleError `word_bad`, `text_bad`, `page_bad` or `too_many`."""
    checked = _checked(reply)
    present = in_force(session)
    is_new = (checked.occasion, checked.word) not in {
        (each.occasion, each.word) for each in present
    }
    if is_new and (checked.occasion is not Occasion.WORD or len(present) >= MOST):
        raise RuleError("too_many", f"最多设置 {MOST} 条。", "word")
    row = {"text": checked.text, "page": checked.page, "updated_at": at}
    insert = sqlite_insert if is_sqlite(session) else postgres_insert
    made = insert(AutoReply).values(occasion=checked.occasion, word=checked.word, **row)
    session.execute(made.on_conflict_do_update(index_elements=["occasion", "word"], set_=row))
    return checked


def _checked(reply: ChatReply) -> ChatReply:
    word, text = clean(reply.word), reply.text.strip()
    if reply.occasion is Occasion.WORD and not 0 < len(word) <= WORD_LENGTH:
        raise RuleError("word_bad", f"请填写关键词，{WORD_LENGTH} 字以内。", "word")
    if len(text) > TEXT_LENGTH or "]]>" in text:
        raise RuleError(
            "text_bad", f"回复内容请控制在 {TEXT_LENGTH} 字以内，不能含有 ]]>。", "text"
        )
    if reply.page and reply.page not in PAGES:
        raise RuleError("page_bad", "请选择列出的页面。", "page")
    return ChatReply(reply.occasion, word, text, reply.page, by_default=False)


def restore(session: Session, occasion: Occasion, word: str) -> None:
    """Say what is said by default again; a word that has no default is answered no more."""
    those = (AutoReply.occasion == occasion, AutoReply.word == word)
    session.execute(delete(AutoReply).where(*those))
