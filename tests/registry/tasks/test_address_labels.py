"""Labels and envelopes: the receiver's address, the school's below, and who has none is said."""

import io
from zipfile import ZipFile

import pypdfium2
import pytest

from registry.accounts import schools
from registry.accounts.school_tables import School
from registry.base.text import clean
from registry.tasks.states import TaskKind, TaskState
from tests import pdf_reading
from tests.registry.tasks.conftest import Bureau, reported
from tests.wxapp.school.records import Campus

ADDRESS = "山东省青岛市市南区福州南路8号"
TO = {"file_address": ADDRESS, "file_postcode": "266071", "file_contact": "档案科"}
POINTS = 72 / 25.4
"""Points of a millimetre."""


def with_sender(campus: Campus) -> None:
    school = campus.session.get_one(School, campus.school.id)
    schools.set_sender(campus.session, school, "山东省青岛市大学路1号", "266003")


def test_ten_labels_fit_on_a_page(bureau: Bureau) -> None:
    bureau.add(with_sender)
    bureau.add(lambda campus: [reported(campus, f"甲{place}", 0, **TO) for place in range(11)])
    name, pdf = bureau.file(bureau.done(TaskKind.LABELS))
    assert name.endswith(".pdf")
    first, second = pdf_reading.pages_of(pdf)
    assert (first.count("青岛市人才服务中心"), second.count("青岛市人才服务中心")) == (10, 1)
    for part in (ADDRESS, "266071", "档案科收", "山东省青岛市大学路1号266003", "档转字2026-"):
        assert part in second
    assert "甲1" not in first, "nobody is named outside a file"


@pytest.mark.parametrize(
    ("kind", "size"), [(TaskKind.ENVELOPES_C4, (324, 229)), (TaskKind.ENVELOPES_ZL, (230, 120))]
)
def test_an_envelope_has_the_size_of_its_kind(
    bureau: Bureau, kind: TaskKind, size: tuple[int, int]
) -> None:
    bureau.add(with_sender)
    bureau.add(lambda campus: [reported(campus, name, 0, **TO) for name in ("李娟", "王芳")])
    _, pdf = bureau.file(bureau.done(kind))
    pages = pdf_reading.pages_of(pdf)
    assert len(pages) == 2
    for part in (ADDRESS, "266071", "青岛市人才服务中心", "大学路1号", "邮政编码266003"):
        assert part in clean(pages[0])
    width, height = pypdfium2.PdfDocument(pdf)[0].get_size()
    assert (round(width / POINTS), round(height / POINTS)) == size


def test_who_has_no_address_is_left_out_with_the_reason(bureau: Bureau) -> None:
    def people(campus: Campus) -> None:
        reported(campus, "李娟", 0, **TO)
        reported(campus, "王芳")
        reported(campus, "赵敏", file_unit="")
        reported(campus, "周平", file_type="暂存学校", file_unit="")

    bureau.add(people)
    task = bureau.done(TaskKind.LABELS)
    with ZipFile(io.BytesIO(bureau.file(task)[1])) as archive:
        told = archive.read("未列入的人员.txt").decode()
    for line in (
        "王芳：未登记收档单位地址",
        "赵敏：未登记收档单位",
        "周平：档案留在学校，不用寄送",
    ):
        assert line in told
    assert task.counts["left_out"] == 3


def test_nobody_with_an_address_is_refused_with_a_sentence(bureau: Bureau) -> None:
    bureau.add(reported)
    task = bureau.done(TaskKind.ENVELOPES_C4)
    assert task.state == TaskState.REFUSED
    assert "没有一个可以打印的地址" in task.message
