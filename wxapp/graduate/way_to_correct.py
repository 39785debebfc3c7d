"""Where what a graduate says is wrong can be corrected: by her, by the school, or elsewhere."""

import re
from dataclasses import dataclass

from flask import url_for

from registry.record.fields import Block
from registry.record.own_record import OwnRecord
from registry.review.own_application import OwnApplication
from wxapp.graduate import register_form
from wxapp.graduate.register_door import address
from wxapp.graduate.register_form import Step

_PHONE = re.compile(r"\d[\d -]{5,}\d")
OFFICE = "学校就业指导中心或您的院系"
NOTED = f"您反映的问题已提交学校，请联系{OFFICE}核实更正，更正后会通知您重新确认。"
BASICS = f"姓名、学历、专业等个人信息由学校更正。{NOTED}"
FILED = f"去向已由省级就业工作部门备案，由学校请省级退回后更正。{NOTED}"
ELSEWHERE = (
    "请在{}更新信息，不要在其他系统修改。审核和同步一般需要 1–2 天，更新后会通知您重新确认。"
)
HERE = "请更改登记并提交审核，审核通过后会通知您重新确认。"
ALSO_BASICS = f"姓名、学历、专业等个人信息请联系{OFFICE}更正。"


@dataclass(frozen=True)
class WayToCorrect:
    """What she does next, in words, and the page's button for it."""

    words: str
    button: str = ""
    """Empty where there is nothing to press: she goes to the school."""
    address: str = ""
    is_here: bool = False
    """Whether the button leads to a page of ours."""
    is_elsewhere: bool = False
    """Whether another system corrects it, and this one hears of it by a synchronisation."""


def way_to_correct(own: OwnRecord, situation: OwnApplication) -> WayToCorrect:
    """Return what follows from 信息有误; what only the school may correct leads to the school."""
    disputed = set(own.last.items) if own.last else set[str]()
    refusal = situation.refusal
    if disputed == {Block.BASIC}:
        return _ask_school(own, BASICS)
    also = ALSO_BASICS if Block.BASIC in disputed else ""
    if refusal is None:
        return WayToCorrect(
            HERE + also, _title(situation), _place(own, situation, disputed), is_here=True
        )
    if refusal.code == "registered_elsewhere":
        school = own.graduate.school
        words = ELSEWHERE.format(school.correction_system) + also
        button = f"去{school.correction_system}" if school.correction_url else ""
        return WayToCorrect(words, button, school.correction_url or "", is_elsewhere=True)
    filed = refusal.code == "locked_by_province"
    return _ask_school(own, FILED if filed else refusal.sentence + NOTED)


def _place(own: OwnRecord, situation: OwnApplication, disputed: set[str]) -> str:
    """Return where she mends what she said is wrong, and goes back to the review screen from."""
    if situation.open:
        return url_for("registering.page")
    parts = disputed - {Block.BASIC}
    if parts and parts <= {Block.FILE, Block.HOUSEHOLD}:
        return address(Step.TRANSFER, check=True)
    if parts != {Block.DESTINATION}:
        return address(Step.REVIEW)
    category = own.registration.category if own.registration else ""
    asks = Step.DESTINATION in register_form.steps_of(category)
    return address(Step.DESTINATION if asks else Step.CATEGORY, check=True)


def _title(situation: OwnApplication) -> str:
    if situation.returned:
        return "去修改"
    if situation.draft:
        return "继续填写登记"
    return "查看审核进度" if situation.waiting else "更改登记"


def _ask_school(own: OwnRecord, words: str) -> WayToCorrect:
    found = _PHONE.search(own.graduate.school.helpline)
    if found is None:
        return WayToCorrect(words)
    number = found[0].replace(" ", "")
    return WayToCorrect(words, f"拨打学校咨询电话 {found[0]}", f"tel:{number}")
