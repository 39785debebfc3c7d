"""The information sheet (去向登记信息表) a graduate may view and download once she confirmed.

Source: the registration notice of 2023, clause 1.3; the blocks are those of the official report.
"""

from collections.abc import Iterator, Sequence

from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.base.printed import Part, PrintedValue, Sheet, line
from registry.record import official_titles
from registry.record.confirmation.states import ConfirmationState
from registry.record.field_values import said
from registry.record.fields import ALL, BLOCK_TITLES, IMPORTANT, Block
from registry.record.own_record import OwnRecord
from registry.record.tables import Graduate, Registration

TITLE = "高校毕业生去向登记信息表"

_SHOWN: dict[Block, tuple[str, ...]] = {
    Block.BASIC: ("level", "major", "graduation_month", "programme_length", "origin"),
    Block.DESTINATION: (
        *("category", "unit_name", "unit_location"),
        *("study_country", "study_school", "study_major"),
    ),
    Block.FILE: tuple(name for name, each in IMPORTANT.items() if each.block is Block.FILE),
    Block.HOUSEHOLD: ("household_type", "household_location"),
}


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
    for block in (Block.DESTINATION, Block.FILE, Block.HOUSEHOLD):
        yield Part(BLOCK_TITLES[block], _lines(registration, _SHOWN[block]))


def _basics(graduate: Graduate) -> list[tuple[str, str]]:
    return [
        (ALL["name"].title, graduate.name),
        (ALL["sex"].title, said("sex", graduate.sex)),
        ("毕业院校", graduate.school.name),
        *((ALL[name].title, said(name, getattr(graduate, name))) for name in _SHOWN[Block.BASIC]),
    ]


def _lines(registration: Registration, shown: Sequence[str]) -> list[PrintedValue]:
    values = {name: getattr(registration, name) for name in shown}
    if values.get("unit_name") and values.get("unit_name") == values.get("study_school"):
        del values["unit_name"]  # abroad the institution is the unit: said once
    found = ((official_titles.of_report(name), said(name, value)) for name, value in values.items())
    return [line(title, text) for title, text in found if text]


def _notes(own: OwnRecord, registration: Registration) -> list[str]:
    reported = registration.reported_at.astimezone(SHANGHAI)
    notes = [f"以上信息{own.provenance(f'{reported:%Y年%m月%d日}')}"]
    if own.graduate.answered_at:
        answered = own.graduate.answered_at.astimezone(SHANGHAI)
        notes[0] += f"，毕业生本人于{answered:%Y年%m月%d日 %H:%M} 确认无误"
    return [notes[0] + "。", "登记信息以系统中的最新内容为准；信息变更并重新确认后，请重新下载。"]
