"""A file that is no roster is refused with a sentence, before or while it is parsed."""

import io
import zipfile
from itertools import islice

import pytest

from registry.base.errors import RuleError
from registry.roster import reading, sheets
from registry.roster.reading import refuse_hostile
from tests.registry.sheets import a_person, as_csv, as_xlsx, national

SMALL = national(a_person())


def refused(content: bytes) -> str:
    """Return the code a file is refused with, whichever step sees it."""
    with pytest.raises(RuleError) as refusal:
        _read(content)
    assert refusal.value.sentence == reading.SENTENCES[refusal.value.code]
    return refusal.value.code


def _read(content: bytes) -> None:
    refuse_hostile(content)
    with reading.reading(content) as file:
        list(file.rows)


def zipped(**members: bytes) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return result.getvalue()


def with_member(name: str, content: bytes = b"x") -> bytes:
    result = io.BytesIO(as_xlsx(SMALL))
    with zipfile.ZipFile(result, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return result.getvalue()


def test_a_roster_is_read_as_it_stands() -> None:
    with reading.reading(as_xlsx(SMALL)) as file:
        assert [cells[:3] for _, cells in file.rows] == [cells[:3] for cells in SMALL]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b" \r\n", "empty_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_workbook"),
        (b"%PDF-1.7 ...", "not_spreadsheet"),
        (b"\x89PNG\r\n\x1a\n", "not_spreadsheet"),
        (b"a,b\0c", "not_spreadsheet"),
        (zipped(**{"word/document.xml": b"<w/>"}), "not_spreadsheet"),
        (zipped(**{"xl/workbook.bin": b"x"}), "binary_workbook"),
        (zipped(**{"content.xml": b"x", "mimetype": b"ods"}), "binary_workbook"),
        (zipped(**{"xl/workbook.xml": b"<not xml", "x": b"1"}), "unreadable"),
        (as_xlsx(SMALL)[:2000], "damaged"),
        (with_member("xl/vbaProject.bin"), "macros"),
        (with_member("xl/media/zeros", bytes(30 << 20)), "bomb"),
        ("姓名,学号\n".encode("utf-16") + b"\xd8", "unknown_encoding"),
        ("<html><table>".encode("utf-16"), "web_page"),
        ("姓名\n".encode() + b"\xff\xff\xff", "unknown_encoding"),
    ],
)
def test_what_is_no_roster_is_refused(content: bytes, code: str) -> None:
    assert refused(content) == code


def test_a_file_over_the_limit_is_refused_unread() -> None:
    assert refused(bytes([65]) * (reading.MAX_FILE_BYTES + 1)) == "too_large"


def test_too_many_columns_are_refused() -> None:
    assert refused(as_xlsx([["列"] * (sheets.MAX_COLUMNS + 1)])) == "too_many_columns"
    assert refused(as_csv([["列"] * (sheets.MAX_COLUMNS + 1)])) == "too_many_columns"


def test_too_many_rows_are_refused() -> None:
    assert refused(b"a,b\n" * (sheets.MAX_ROWS + 1)) == "too_many_rows"


def test_a_parser_without_memory_takes_nobody_with_it() -> None:
    """A sheet that says it ends in the last possible cell wants 16 billion of them."""
    rows = as_xlsx([["a"]], {(1_048_575, 199): 1.0})
    with pytest.raises(RuleError, match="far_cell") as refusal:
        _read(rows)
    assert "1048576" in refusal.value.sentence


def test_leaving_early_ends_the_process() -> None:
    with reading.reading(as_xlsx([["x"]] * 5000)) as file:
        assert len(list(islice(file.rows, 2))) == 2


def test_numbers_are_texts_as_they_are_seen() -> None:
    content = as_xlsx(
        [["a", "b", "c"]], {(1, 0): 350001.0, (1, 1): 110105194912310021.0, (1, 2): 1.5}
    )
    with reading.reading(content) as file:
        (_, _), (_, cells) = file.rows
    assert cells == ["350001", "1.10105194912310E+17", "1.5"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_what_spreadsheets_save_as_unicode_text_is_read(encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    with reading.reading(f"{mark}姓名\t学号\n李娟\t0012\n".encode(encoding)) as file:
        assert [cells for _, cells in file.rows] == [["姓名", "学号"], ["李娟", "0012"]]


def test_what_keeps_a_csv_cell_a_text_in_excel_is_taken_off() -> None:
    with reading.reading(b'no,code,plain\n="0012",\'0013,\t0014\n') as file:
        assert list(file.rows)[1][1] == ["0012", "0013", "0014"]


def test_a_csv_may_be_divided_by_tabs() -> None:
    with reading.reading(b"a\tb\n1\t2\n") as file:
        assert [cells for _, cells in file.rows] == [["a", "b"], ["1", "2"]]
