"""The information sheet (去向登记信息表) a graduate may view and download once she confirmed.

Source: the registration notice of 2023, clause 1.3; the blocks are those of the official report.
"""

from collections.abc import Iterator, Mapping

from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.base.printed import Part, PrintedValue, Sheet, line
from registry.codes import categories
from registry.codes.code_tables import SEX
from registry.record import comparison, own_record
from registry.record.confirmation.states import ConfirmationState
from registry.record.important_fields import BLOCK_TITLES, Block
from registry.record.own_record import OwnRecord
from registry.record.tables import Graduate, Registration

TITLE = "高校毕业生去向登记信息表"

_DESTINATION = {
    "category": "毕业去向",
    "unit_name": "单位名称",
    "unit_location": "单位所在地",
    "study_country": "留学国家或地区",
    "study_school": "院校名称",
    "study_major": "专业",
}
_FILE = {
    "file_type": "档案转递类型",
    "file_unit": "单位名称",
    "file_location": "单位所在地",
    "file_postcode": "单位邮编",
    "file_contact": "联系人/联系部门",
    "file_phone": "联系电话",
}
_HOUSEHOLD = {"household_type": "户口迁移类型", "household_location": "户口迁移所在地"}


def refuse_unconfirmed(own: OwnRecord) -> None:
    """Raise RuleError `not_confirmed`: the sheet is for what she said is right."""
    if own.state is not ConfirmationState.CONFIRMED:
        sentence = "确认登记去向无误之后，才能查看和下载去向登记信息表。"
        raise RuleError("not_confirmed", sentence)


def sheet(own: OwnRecord) -> Sheet:
    """Return the sheet of a confirmed record; raise RuleError `not_confirmed`."""
    refuse_unconfirmed(own)
    registration = own.registration
    assert registration is not None, "what is confirmed was reported"
    school = own.graduate.school.name
    return Sheet(
        title=TITLE,
        subtitle=f"{own.graduate.year} 届 · {school}",
        issuer=school,
        blocks=[each for each in _blocks(own.graduate, registration) if each.lines],
        notes=_notes(own, registration),
        footer=f"{school} · {own.graduate.name} · 第 {own.version} 版登记信息",
    )


def _blocks(graduate: Graduate, registration: Registration) -> Iterator[Part]:
    yield Part(BLOCK_TITLES[Block.BASIC], [line(*each) for each in _basics(graduate) if each[1]])
    for block, titles in (
        (Block.DESTINATION, _DESTINATION),
        (Block.FILE, _FILE),
        (Block.HOUSEHOLD, _HOUSEHOLD),
    ):
        yield Part(BLOCK_TITLES[block], _lines(registration, titles))


def _basics(graduate: Graduate) -> list[tuple[str, str]]:
    return [
        ("姓名", graduate.name),
        ("性别", SEX.title_of(graduate.sex)),
        ("毕业院校", graduate.school.name),
        ("学历", own_record.read_out("level", graduate.level)),
        ("专业", graduate.major),
        ("毕业时间", own_record.read_out("graduation_month", graduate.graduation_month)),
        ("学制", categories.programme_length_title(graduate.programme_length)),
        ("生源所在地", graduate.origin),
    ]


def _lines(registration: Registration, titles: Mapping[str, str]) -> list[PrintedValue]:
    values = {name: getattr(registration, name) for name in titles}
    if values.get("unit_name") and values.get("unit_name") == values.get("study_school"):
        del values["unit_name"]  # abroad the institution is the unit: said once
    found = ((titles[name], comparison.read_out(name, value)) for name, value in values.items())
    return [line(title, text) for title, text in found if text]


def _notes(own: OwnRecord, registration: Registration) -> list[str]:
    reported = registration.reported_at.astimezone(SHANGHAI)
    notes = [f"以上信息由{own.reported_through}于{reported:%Y年%m月%d日}上报"]
    if own.graduate.answered_at:
        answered = own.graduate.answered_at.astimezone(SHANGHAI)
        notes[0] += f"，毕业生本人于{answered:%Y年%m月%d日 %H:%M} 确认无误"
    return [notes[0] + "。", "登记信息以系统中的最新内容为准；信息变更并重新确认后，请重新下载。"]
