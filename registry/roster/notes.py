"""What is said of a file as a whole: how it was read, and what of it was not."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from registry.roster.cells import column_name
from registry.roster.destinations import Destinations
from registry.roster.layouts import LAYOUT_TITLES
from registry.roster.opened import OpenRoster
from registry.roster.problems import RowProblem, RowSeverity
from registry.roster.reading import row_of, sheet_of

MOST_NAMED = 20


def about_the_header(roster: OpenRoster) -> list[RowProblem]:
    """Return what is said of the columns."""
    header = roster.header
    notes = [_note("layout", f"按“{LAYOUT_TITLES[header.layout]}”的列名读取。")]
    if header.unknown:
        names = "、".join(header.unknown[:MOST_NAMED])
        notes.append(_note("unknown_columns", f"这些列没有用到：{names}。"))
    if absent := Destinations(header).absent():
        sentence = f"文件没有这些列，对应的内容不作检查、保持原样：{'、'.join(absent)}。"
        notes.append(_note("columns_absent", sentence))
    if "phone" not in header.columns:
        sentence = "文件没有“手机号码”这一列。没有登记手机号码的人收不到短信验证码，不能绑定微信。"
        notes.append(_note("phone_absent", sentence))
    return notes


def about_the_rest(roster: OpenRoster, skipped: Sequence[int]) -> list[RowProblem]:
    """Return what is said of sheets and rows, once all are read."""
    notes: list[RowProblem] = []
    read = [name for sheet, name in enumerate(roster.file.sheets) if sheet not in roster.left_out]
    if not roster.is_one_sheet:
        notes.append(_note("sheets_read", f"读取了工作表：{_named(read)}。"))
    if roster.left_out:
        names = [f"{roster.name(each)}（{rows} 行）" for each, rows in roster.left_out.items()]
        notes.append(_note("sheets_left_out", f"没有名单表头、没有读取的工作表：{_named(names)}。"))
    if roster.file.hidden:
        names = roster.file.hidden
        notes.append(_note("sheets_hidden", f"隐藏的工作表没有读取：{_named(names)}。"))
    if concealed := sum(roster.file.concealed.values()):
        sentence = f"表格里有 {concealed} 行是隐藏的（筛选或手动隐藏），这些行同样读取了。"
        notes.append(_note("rows_hidden", sentence))
    if columns := _hidden_columns(roster):
        sentence = f"隐藏的列同样读取了：{_named(columns)}。"
        notes.append(_note("columns_hidden", sentence))
    if skipped:
        sentence = f"{_rows(skipped)}没有学号、姓名和证件号码，按空行跳过，共 {len(skipped)} 行。"
        notes.append(_note("rows_skipped", sentence))
    return notes


def about_untitled(untitled: Mapping[int, int]) -> list[RowProblem]:
    """Return what is said of columns without a title: by position, how many rows fill them."""
    if not untitled:
        return []
    names = [f"{column_name(each)} 列（{rows} 行）" for each, rows in sorted(untitled.items())]
    sentence = (
        f"这些列没有列名，其中的内容没有读取：{_named(names)}。需要导入的请补上列名后重新上传。"
    )
    return [_note("columns_untitled", sentence)]


def about_shared_phones(shared: Sequence[Sequence[int]]) -> list[RowProblem]:
    """Return what is said of phones that many rows have: of each, which rows and what follows."""
    return [
        RowProblem(
            0,
            "手机号码",
            "phone_shared",
            f"{_rows(rows)}共 {len(rows)} 人的手机号码相同，可能不是本人号码：短信验证码会发到"
            "同一部手机，本人不能绑定微信。请改为本人号码，没有的请留空。",
            RowSeverity.WARNING,
        )
        for rows in shared[:MOST_NAMED]
    ]


def _hidden_columns(roster: OpenRoster) -> list[str]:
    """Return the titles of columns that are hidden in a sheet that was read."""
    titles = roster.header.titles
    hidden = {
        each
        for sheet, columns in enumerate(roster.file.hidden_columns)
        if sheet not in roster.left_out
        for each in columns
    }
    return [titles[each] for each in sorted(hidden) if each < len(titles) and titles[each]]


def _note(code: str, sentence: str) -> RowProblem:
    return RowProblem(0, "", code, sentence, RowSeverity.NOTE)


def _named(names: Sequence[str]) -> str:
    return "、".join(names[:MOST_NAMED])


def _rows(numbers: Sequence[int]) -> str:
    """Return where rows stand: 第 3–6、9 行; of several sheets, those of the first."""
    sheet = sheet_of(numbers[0])
    here = [row_of(each) for each in numbers if sheet_of(each) == sheet]
    runs = [
        [row for _, row in run] for _, run in groupby(enumerate(here), lambda at: at[1] - at[0])
    ]
    said = [f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs]
    return (
        f"第 {_named(said)} 行{'等' if len(said) > MOST_NAMED or len(here) < len(numbers) else ''}"
    )
