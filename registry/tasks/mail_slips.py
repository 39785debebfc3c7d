"""Posting slips (高等学校毕业生档案转递单): the slip that goes with a file, and its receipt.

Source: the slips that schools fill in by hand or by script, and their fields. A slip is one page:
above what is sent, below the receipt (回执) that comes back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import IO

from sqlalchemy import select

from registry.accounts.school_tables import School
from registry.base import typesetting
from registry.base.printed import PrintedValue
from registry.codes import identity, transfer_types
from registry.numbers import shape
from registry.numbers.transfer.states import TransferState
from registry.record.official_titles import POSTING_SLIP
from registry.tasks import printed_parts
from registry.tasks.people import Building, GraduateWithNumber, number_of
from registry.tasks.printed_parts import Drawn, PrintedPages
from registry.tasks.report_files import NO_NUMBER

TEMPLATE = "posting_slips"
TITLE = "高等学校毕业生档案转递单"
STEP = 100
UNKNOWN_RECEIVER = "档案接收单位"
STAYS = "档案留在学校，不用寄送"
NO_SLIPS = "没有一份可以打印的档案转递单：这些毕业生的档案留在学校，或没有有效的转递编号。"


@dataclass(frozen=True)
class Slip:
    """One slip, as the template takes it."""

    reference: str
    """转档字号: the school's own, year and student number."""
    receiver: str
    said: str
    lines: list[PrintedValue]
    answer: str
    back: str


def write_slips(building: Building, file: IO[bytes]) -> None:
    """Write the slips of all; raises as `printed_parts.write` does."""
    school = building.session.scalars(
        select(School.name).where(School.id == building.task.scope.school_id)
    ).one()

    def typeset(slips: Sequence[Slip]) -> bytes:
        return _typeset(building, school, slips)

    pages = PrintedPages(TITLE, typeset, NO_SLIPS)
    printed_parts.write(building, file, pages, _drawn(building, school))


def _drawn(building: Building, school: str) -> Iterator[Drawn[Slip]]:
    """Yield the slips of those whose file is posted under a good number."""
    for person in building.everyone(STEP):
        kind = transfer_types.file_type(person.about.file_type)
        if kind is not None and kind.stays:
            building.leave_out(person, STAYS)
        elif person.state is not TransferState.VALID:
            building.leave_out(person, NO_NUMBER)
        else:
            yield Drawn(person, _slip(building, school, person))


def reference_of(person: GraduateWithNumber) -> str:
    """Return by what the slip and its receipt name a file (转档字号)."""
    return f"{person.about.year}-{person.about.student_number}"


def _slip(building: Building, school: str, person: GraduateWithNumber) -> Slip:
    reference = reference_of(person)
    who = f"{person.about.year} 届毕业生{person.about.name}（学号 {person.about.student_number}）"
    return Slip(
        reference=reference,
        receiver=person.about.file_unit or UNKNOWN_RECEIVER,
        said=f"兹将我校 {who}的档案材料转去，请按所列项目清点查收，并将回执退回我校。",
        lines=list(_lines(building, person)),
        answer=f"你校档转字 {reference} 号转来 {who}的档案材料已经收到，经清点无误，现退回回执。",
        back=f"{school}{person.about.department}",
    )


def _lines(building: Building, person: GraduateWithNumber) -> Iterator[PrintedValue]:
    vault, about = building.vault, person.about
    phone = vault.open(identity.PHONE, about.id, about.phone_sealed) if about.phone_sealed else ""
    yield PrintedValue("姓名", person.about.name, wide=False)
    yield PrintedValue("班级", person.about.class_name, wide=False)
    number = vault.open(identity.IDENTITY, about.id, about.identity_sealed)
    yield PrintedValue("身份证号", number, wide=False)
    yield PrintedValue("手机号码", phone, wide=False)
    yield PrintedValue(POSTING_SLIP["origin"], person.about.origin, wide=False)
    yield PrintedValue("档案转递类型", person.about.file_type, wide=False)
    yield PrintedValue(POSTING_SLIP["unit_name"], person.about.unit_name, wide=True)
    yield PrintedValue(
        "就业单位地址", person.about.unit_address or person.about.unit_location, wide=True
    )
    yield PrintedValue(POSTING_SLIP["file_unit"], person.about.file_unit, wide=True)
    yield PrintedValue(
        "收档单位地址", person.about.file_address or person.about.file_location, wide=True
    )
    yield PrintedValue(POSTING_SLIP["file_contact"], person.about.file_contact, wide=False)
    yield PrintedValue(POSTING_SLIP["file_phone"], person.about.file_phone, wide=False)
    yield PrintedValue(POSTING_SLIP["file_postcode"], person.about.file_postcode, wide=False)
    yield PrintedValue("转递编号", shape.grouped(number_of(vault, person)), wide=False)


def _typeset(building: Building, school: str, slips: Sequence[Slip]) -> bytes:
    content = {
        "title": TITLE,
        "issuer": school,
        "hint": f"收档单位可凭姓名和转递编号在线核验：{building.place.base_url}/verify/file",
        "slips": [asdict(each) for each in slips],
    }
    return typesetting.typeset(TEMPLATE, content, building.at)
