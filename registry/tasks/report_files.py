"""The transfer reports of many graduates in one archive, a file each, named by number and name."""

import re
from typing import IO
from zipfile import ZIP_STORED, ZipFile

from registry.base.errors import RuleError
from registry.numbers import reports
from registry.numbers.reports import Numbered
from registry.numbers.sealed_number import sealed_number
from registry.numbers.shape import Issue
from registry.numbers.transfer.states import TransferState
from registry.tasks.people import Building, GraduateWithNumber

STEP = 25
"""Reports between two marks of progress."""
LEFT_OUT_NAME = "未列入的人员.txt"
NO_NUMBER = "没有有效的转递编号"

_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


def write_reports(building: Building, file: IO[bytes]) -> None:
    """Write an archive of the reports, and a list of those whose report could not be made."""
    with ZipFile(file, "w", ZIP_STORED) as archive:  # a PDF is compressed already
        for person in building.everyone(STEP):
            _add(building, archive, person)
        if building.left_out:
            archive.writestr(LEFT_OUT_NAME, building.told())


def _add(building: Building, archive: ZipFile, person: GraduateWithNumber) -> None:
    if (row := person.number) is None or person.state is not TransferState.VALID:
        building.leave_out(person, NO_NUMBER)
        return
    number = Numbered(Issue.TRANSFER, building.kind, sealed_number(row), row.snapshot, row.ends_on)
    try:
        pdf = reports.pdf(building.place, number, building.at)
    except RuleError as refusal:
        building.leave_out(person, refusal.sentence)
        return
    archive.writestr(file_name(person.about.student_number, person.about.name), pdf)


def file_name(student_number: str, name: str) -> str:
    """Return what a report's file is called; nothing in it means anything to a file system."""
    return _UNFIT.sub("_", f"{student_number}-{name}").strip(". ") + ".pdf"
