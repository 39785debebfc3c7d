"""The layouts rosters come in, matched by the names of their columns and never by position.

Sources: the export of the national employment system (74 columns), the upload to it (50 columns
under two header rows, pinyin codes above Chinese titles), and the 就业方案 export of 2024.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from registry.base.errors import RuleError
from registry.base.text import compared
from registry.record.fields import PLACES, REGISTRATION
from registry.roster.reading import sheet_of

HEADER_WITHIN = 6  # rows: a title or a remark may stand above the header
NO_HEADER = "没有找到表头。请确认第一行是“学号、姓名、身份证号”等列名。"
ENOUGH = 3  # columns that must be known for a row to be the header
MOST_LEVELS = 3  # rows that a header may have


class Layout(StrEnum):
    """A layout, by its name in reports."""

    NATIONAL = "national"
    UPLOAD = "upload"
    EXPORT_2024 = "export_2024"


LAYOUT_TITLES = {
    Layout.NATIONAL: "全国就业管理系统导出（74 列）",
    Layout.UPLOAD: "上报模板（50 列，两行表头）",
    Layout.EXPORT_2024: "2024 版就业方案导出",
}

REQUIRED = {
    Layout.NATIONAL: ("student_number", "name", "identity", "graduation_month"),
    Layout.UPLOAD: ("student_number", "name", "identity", "graduation_month"),
    Layout.EXPORT_2024: ("student_number", "name", "graduation_month"),
}

_COLUMNS = """
candidate_number    考生号 ksh
identity            身份证号 sfzh 身份证号码 证件号码 身份证件号 身份证件号码 身份证 证件号
name                姓名 xm 学生姓名
sex_code            性别代码 xbdm
sex                 性别 xb
ethnicity_code      民族代码 mzdm
ethnicity           民族 mz 民族名称
political_code      政治面貌代码 zzmmdm
political           政治面貌 zzmm
school_code         院校代码 yxdm
school              院校名称 yxmc yx
branch              分校名称 fxmc
level_code          学历代码 xldm
level               学历 xl 学历层次
major_code          专业代码 zydm
major               专业 zymc zy 专业名称
direction           专业方向 zyfx
training_code       培养方式代码 pyfsdm
training            培养方式 pyfs
training_unit       定向或委培单位 dxhwpdw 委培单位
origin_code         生源所在地代码 syszddm 生源地代码
origin              生源所在地 syszd 生源地名称 生源地
urban               城乡生源 cxsy
programme_length    学制 xz
enrolled            入学时间 rxsj 入学年月
graduation_month    毕业时间 bysj 毕业日期 毕业年月
year                毕业年份
cohort              毕业届次 届 届次 届别 毕业届别
teacher_code        师范生类别代码 sfslbdm
teacher             师范生类别 sfslb
hardship_code       困难生类别代码 knslbdm
hardship            困难生类别 knslb
department          所在院系 szyx 院系 学院
class_name          所在班级 szbj 班级
student_number      学号 xh 学生学号
standing            学籍状态 xjzt 学生状态 在籍状态
birth_date          出生日期 csrq
prior_file_unit     入学前档案所在单位 rxqdaszdw
prior_police        入学前户口所在地派出所 rxqhkszdpcs
household_moved     户口是否转入学校 hksfzrxx
file_moved          档案是否转入学校 dasfzrxx
phone               手机号码 sjhm 手机号 手机 本人手机 移动电话
email               电子邮箱 dzyx
home_address        家庭住址 jtdz
home_phone          家庭电话 jtdh
home_postcode       家庭邮编 jtyb
study_mode          学习形式
category_code       毕业去向代码 byqxdm 毕业去向类别代码
category            毕业去向 byqx 毕业去向类别
signed_on           签约日期
unit_code           单位组织机构代码 dwzzjgdm 统一社会信用代码 单位统一社会信用代码
unit_name           单位名称 dwmc
unit_nature_code    单位性质代码 dwxzdm
unit_nature         单位性质 dwxz
unit_industry_code  单位行业代码 dwhydm
unit_industry       单位行业 dwhy
unit_location_code  单位所在地代码 dwszddm
unit_location       单位所在地 dwszd
job_class_code      工作职位类别代码 gzzwlbdm
job_class           工作职位类别 gzzwlb
unit_contact        单位联系人 dwlxr
unit_phone          联系人电话 lxrdh
unit_mobile         联系人手机 lxrsj
unit_email          联系人电子邮箱 lxrdzyx
unit_address        单位地址 dwdz
unit_postcode       单位邮编 dwyb
study_country       留学国家地区
study_school        留学院校中文名称
study_school_foreign 留学院校外文名称
study_major         留学专业中文名称
study_major_foreign 留学专业外文名称
file_type           档案转递类型 档案转寄类型名称 档案转寄类型
file_unit           档案转寄单位名称 dazjdwmc 档案转递单位名称 档案转寄单位
file_location       档案转递单位所在地 档案转寄单位所在地
file_address        档案转寄单位地址 dazjdwdz 档案转递单位地址
file_postcode       档案转寄单位邮编 dazjdwyb 档案转递单位邮编
file_contact        档案转寄联系人 档案转递联系人
file_phone          档案转寄联系电话 档案转递联系电话
household_type      户口迁移类型
household_location  户口迁转地址 hkqzdz 户口迁移所在地
"""

_NO_LONGER_USED = """
QQ号码 qqhm 联系人传真 lxrcz 报到证签发类别代码 bdzqflbdm 报到证签发类别 bdzqflb
报到证签往单位名称 bdzqwdwmc 签往单位所在地代码 qwdwszddm 签往单位所在地 qwdwszd
报到证编号 bdzbh 报到起始时间 bdqssj
"""

_BRACKETED = re.compile(r"\([^)]*\)|【[^】]*】|\[[^\]]*\]|〔[^〕]*〕|\{[^}]*\}|《[^》]*》|<[^>]*>")
_SIGNS = re.compile(r"[^\w、/]|_")
_NUMBERING = re.compile(r"^[0-9]{1,2}(?![0-9])、?|^[、/]+|[、/]+$")
_WANTED = re.compile(r"^(?:必填项?|选填项?|可选)|(?:必填项?|选填项?|可选)$")
_CODE = re.compile(r"[a-z]+")


def _titles() -> dict[str, str]:
    """Return the field that each title means; a file may call a field as the catalogue does."""
    ours = {each.title: name for name, each in REGISTRATION.items() if name not in PLACES}
    official = {
        name.lower(): line.split()[0]
        for line in _COLUMNS.strip().splitlines()
        for name in line.split()[1:]
    }
    return {**ours, **official}


_FIELDS = _titles()
REASONS_TITLE = "未导入原因"
"""The last column of a refused file: it may stay there when the file comes back mended."""

_IGNORED = frozenset([REASONS_TITLE, *(name.lower() for name in _NO_LONGER_USED.split())])
TITLES = {line.split()[0]: line.split()[1] for line in _COLUMNS.strip().splitlines()}
"""The national title of each field."""


@dataclass(frozen=True)
class Header:
    """What the columns of a file are."""

    layout: Layout
    columns: Mapping[str, int]
    """Position by field."""
    titles: Sequence[str]
    """As they stand in the file."""
    first_row: int
    """Number of the first row of people, as the spreadsheet counts."""
    unknown: tuple[str, ...]
    untitled: tuple[int, ...] = ()
    """Positions within them that have no title."""
    twice: str = ""
    """A sentence about two columns that mean the same; empty where there are none."""

    def title(self, field: str) -> str:
        """Return the title of a field as the file writes it."""
        position = self.columns.get(field)
        return TITLES.get(field, field) if position is None else self.titles[position]

    def covers(self, number: int) -> bool:
        """Say whether a row is the header's, or stands above it in the same sheet."""
        return sheet_of(number) == sheet_of(self.first_row) and number < self.first_row

    @property
    def missing(self) -> list[str]:
        """Return the titles of the columns that a roster of this layout must have besides."""
        return [TITLES[field] for field in REQUIRED[self.layout] if field not in self.columns]

    @property
    def is_of_people(self) -> bool:
        """Say whether what stands below is about people: there are numbers and names of them."""
        return {"student_number", "name"} <= self.columns.keys()


def find_header(rows: Sequence[Sequence[str]]) -> Header:
    """Find the header of a roster among its first rows.

    Raises RuleError `no_header`, or `column_twice` or `columns_missing`, which name the columns.
    """
    header = header_of(rows)
    if header is None:
        raise RuleError("no_header", NO_HEADER, "file")
    refuse_unfit(header)
    return header


def header_of(rows: Sequence[Sequence[str]], numbers: Sequence[int] | None = None) -> Header | None:
    """Return the header among rows, which `numbers` numbers (else from 1), or None.

    It may have up to three rows: titles below the names of their groups, or below codes. Whether it
    will do for a roster is said by `refuse_unfit`.
    """
    for at in range(len(rows)):
        above = rows[at - 1] if at else ()
        levels = _levels(rows[at : at + MOST_LEVELS], above)
        columns = _columns(levels, above)
        if sum(each.field is not None for each in columns) >= ENOUGH:
            last = at + len(levels) - 1
            return _header(columns, (numbers[last] if numbers else last + 1) + 1)
    return None


def refuse_unfit(header: Header) -> None:
    """Raise RuleError `column_twice` or `columns_missing` for what cannot be read under it."""
    if header.twice:
        raise RuleError("column_twice", header.twice, "file")
    if not header.missing:
        return
    sentence = (
        f"按“{LAYOUT_TITLES[header.layout]}”读取，缺少必需的列：{'、'.join(header.missing)}。"
        "请补上后再导入。"
    )
    if header.unknown:
        sentence += f"没有认出的列：{'、'.join(each[:20] for each in header.unknown[:8])}。"
    raise RuleError("columns_missing", sentence, "file")


@dataclass(frozen=True)
class _Column:
    """What the rows of a header say of one column."""

    title: str
    field: str | None
    is_code: bool = False
    """Whether a pinyin code names it."""
    named_below: bool = False
    """Whether its lowest row is what says the field."""


def _levels(rows: Sequence[Sequence[str]], above: Sequence[str]) -> list[Sequence[str]]:
    """Return the rows that are one header: at least half of what each says are titles."""
    levels = [rows[0]]
    for row in rows[1:]:
        filled = sum(bool(bare_title(cell)) for cell in row)
        named = sum(each.named_below for each in _columns([*levels, row], above))
        if not named or named * 2 < filled:
            break
        levels.append(row)
    return levels


def _columns(levels: Sequence[Sequence[str]], above: Sequence[str]) -> list[_Column]:
    found: list[_Column] = []
    group = ""
    for position in range(max(map(len, levels))):
        upper = [_cell(row, position) for row in (above, *levels[:-1])]
        group = next((text for text in reversed(upper) if text), group)
        found.append(_column(upper[1:], group, _cell(levels[-1], position)))
    return found


def _cell(row: Sequence[str], position: int) -> str:
    """Return a cell of a header, empty where only signs and remarks stand in it."""
    text = row[position].strip() if position < len(row) else ""
    return text if bare_title(text) else ""


def _column(upper: Sequence[str], group: str, lowest: str) -> _Column:
    """Return the column that the cells above, the group's name and the lowest cell name."""
    own = next((text for text in reversed(upper) if text), "")
    code = next((text for text in (*upper, lowest) if _is_code(text)), "")
    if not lowest:
        return _Column(own, field_of(own), bool(code))
    field = field_of(lowest) or field_of(group + lowest)
    return _Column(lowest, field or field_of(code), bool(code), field is not None)


def _is_code(text: str) -> bool:
    name = bare_title(text)
    return bool(_CODE.fullmatch(name)) and name in _FIELDS


def bare_title(title: str) -> str:
    """Return a title without blanks, remarks in brackets, numbering, and signs around it."""
    folded = compared(title)
    bare = _SIGNS.sub("", _BRACKETED.sub("", folded) or folded)
    return _WANTED.sub("", _NUMBERING.sub("", bare)).lower()


def field_of(title: str) -> str | None:
    """Return the field that a column's title means, in any layout; None for none we know."""
    return _FIELDS.get(bare_title(title))


def _header(columns: Sequence[_Column], first_row: int) -> Header:
    names = {bare_title(each.title) for each in columns}
    layout = Layout.EXPORT_2024 if "毕业去向类别代码" in names else Layout.NATIONAL
    positions: dict[str, int] = {}
    twice = ""
    for position, each in enumerate(columns):
        if each.field is not None and each.field in positions:
            twice = twice or _twice(columns[positions[each.field]], each, each.field)
        elif each.field is not None:
            positions[each.field] = position
    return Header(
        layout=Layout.UPLOAD if any(each.is_code for each in columns) else layout,
        columns=positions,
        titles=[each.title for each in columns],
        first_row=first_row,
        unknown=tuple(each.title for each in columns if _is_unknown(each)),
        untitled=tuple(place for place, each in enumerate(columns) if not each.title),
        twice=twice,
    )


def _twice(first: _Column, second: _Column, field: str) -> str:
    if bare_title(first.title) == bare_title(second.title):
        return f"“{second.title[:20]}”这一列出现了两次，请只保留一列。"
    both = f"“{first.title[:20]}”和“{second.title[:20]}”"
    return f"{both}都表示“{TITLES[field]}”，请只保留一列。"


def _is_unknown(column: _Column) -> bool:
    name = bare_title(column.title)
    return bool(name) and column.field is None and name not in _IGNORED
