"""Step 5: a reminder to all who have not confirmed: previewed, sent once to each, counted."""

import re
from collections import Counter

from commands.story import binding
from commands.story.stage import Stage, until
from commands.story.visitor import Visitor
from sandbox.control import MessageRecord

TITLE = "六月核对提醒"
CARD = "去向登记确认提醒"
PAGE = "/g/confirmation"


def play(stage: Stage) -> None:
    """Write a campaign, look at its card, send it, and watch it to its end."""
    heroine, other = stage.cast[0], stage.cast[2]
    binding.tap_once(stage, other)
    people = _write(stage)
    stage.staff.press(f"发送给 {people:,} 人")
    address = stage.staff.address
    stage.prove(
        "发送完毕，无人重复  sent to the end",
        until(lambda: "已完成" in stage.staff.open(address).text, 60),
    )
    sent = Counter(each["openid"] for each in stage.control.messages(unseen=True) if _ours(each))
    stage.prove(
        f"微信受理 {sum(sent.values())} 条，每人恰好一条  exactly one for each of {people}",
        len(sent) == people and set(sent.values()) == {1},
    )
    stage.prove(
        "已经确认无误的她没有收到  who had confirmed got none",
        stage.phones[heroine.student_number] not in sent,
    )
    phone = stage.phone_of(other)
    stage.prove("卡片出现在手机上  the card is on the phone", CARD in phone.text)
    stage.prove(
        f"回执经安全模式回到 /wechat/callback：已送达 {people}  receipts made them delivered",
        until(lambda: f"已送达 {people:,}" in stage.staff.open(address).text),
    )
    phone.follow("查看详情")
    stage.prove("点开卡片就是核对页  the card opens the very page", _is_confirmation(phone))


def _write(stage: Stage) -> int:
    """Write the draft; return how many it will reach."""
    stage.staff.open("/school/campaigns/new")
    stage.staff.press("下一步：核对", title=TITLE)
    reachable = re.search(r"可送达 ([\d,]+) 人", stage.staff.text)
    people = int(reachable[1].replace(",", "")) if reachable else 0
    unreachable = re.search(r"共 [\d,]+ 人 · 未绑定 [\d,]+ · 未关注 [\d,]+", stage.staff.text)
    stage.prove(
        f"消息预览是真实的一位：将收到“{CARD}”  a real card for a real person",
        CARD in stage.staff.text,
    )
    stage.prove(
        f"可送达 {people} 人；{unreachable and unreachable[0]}  reach is told before sending",
        people and unreachable,
    )
    return people


def _ours(message: MessageRecord) -> bool:
    return PAGE in message["url"]


def _is_confirmation(phone: Visitor) -> bool:
    return any(form.says("提交") for form in phone.page.forms) and PAGE in phone.address
