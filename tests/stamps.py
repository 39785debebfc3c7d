"""The stamp that a workbook carries, as a person reads it on its own sheet."""

import io
from datetime import datetime

from python_calamine import CalamineWorkbook

from registry.base.clock import SHANGHAI
from registry.base.stamp import SHEET, Stamp

STAMP = Stamp("王老师", datetime(2026, 6, 10, 10, tzinfo=SHANGHAI), "测试大学")
"""For a test that only needs one."""


def stamp_of(book: bytes) -> dict[str, str]:
    """Return the words of the stamp by their title; nothing where a workbook has none."""
    opened = CalamineWorkbook.from_filelike(io.BytesIO(book))
    if SHEET not in opened.sheet_names:
        return {}
    return {str(row[0]): str(row[1]) for row in opened.get_sheet_by_name(SHEET).to_python()}
