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

HEADER_WITHIN = 6  # rows: a title or a remark may stand above the header
ENOUGH = 3  # columns that must be known for a row to be the header


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
identity            身份证号 sfzh 身份证号码 证件号码 身份证件号
name                姓名 xm
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
graduation_month    毕业时间 bysj 毕业日期
year                毕业年份
cohort              毕业届次 届 届次 届别 毕业届别
teacher_code        师范生类别代码 sfslbdm
teacher             师范生类别 sfslb
hardship_code       困难生类别代码 knslbdm
hardship            困难生类别 knslb
department          所在院系 szyx 院系 学院
class_name          所在班级 szbj 班级
student_number      学号 xh
birth_date          出生日期 csrq
prior_file_unit     入学前档案所在单位 rxqdaszdw
prior_police        入学前户口所在地派出所 rxqhkszdpcs
household_moved     户口是否转入学校 hksfzrxx
file_moved          档案是否转入学校 dasfzrxx
phone               手机号码 sjhm 手机号 手机
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

_BRACKETED = re.compile(r"\([^)]*\)")
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

    def title(self, field: str) -> str:
        """Return the title of a field as the file writes it."""
        position = self.columns.get(field)
        return TITLES.get(field, field) if position is None else self.titles[position]


def _plain(title: str) -> str:
    return _BRACKETED.sub("", compared(title)).strip("*:").lower()


def field_of(title: str) -> str | None:
    """Return the field that a column's title means, in any layout; None for none we know."""
    return _FIELDS.get(_plain(title))


def _is_header(row: Sequence[str]) -> bool:
    return sum(_plain(cell) in _FIELDS for cell in row) >= ENOUGH


def find_header(rows: Sequence[Sequence[str]]) -> Header:
    """Find the header among the first rows of a file.

    Raises RuleError `no_header`, `column_twice` or `columns_missing`, which names the columns.
    """
    at = next((number for number, row in enumerate(rows) if _is_header(row)), None)
    if at is None:
        raise RuleError(
            "no_header", "没有找到表头。请确认第一行是“学号、姓名、身份证号”等列名。", "file"
        )
    pinyin = any(_CODE.fullmatch(_plain(cell)) for cell in rows[at] if _plain(cell) in _FIELDS)
    second = pinyin and len(rows) > at + 1 and _is_header(rows[at + 1])
    columns = _columns(rows[at])
    titles = _readable(rows[at], rows[at + 1]) if second else [cell.strip() for cell in rows[at]]
    header = Header(
        layout=_layout(rows[at], pinyin=pinyin),
        columns=columns,
        titles=titles,
        first_row=at + 2 + second,
        unknown=tuple(cell.strip() for cell in rows[at] if _is_unknown(cell)),
    )
    _refuse_missing(header)
    return header


def _columns(row: Sequence[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for position, cell in enumerate(row):
        field = field_of(cell)
        if field is None:
            continue
        if field in columns:
            raise RuleError(
                "column_twice", f"“{cell.strip()}”这一列出现了两次，请只保留一列。", "file"
            )
        columns[field] = position
    return columns


def _readable(codes: Sequence[str], titles: Sequence[str]) -> list[str]:
    return [
        (titles[position].strip() if position < len(titles) else "") or code.strip()
        for position, code in enumerate(codes)
    ]


def _layout(row: Sequence[str], *, pinyin: bool) -> Layout:
    if pinyin:
        return Layout.UPLOAD
    names = {_plain(cell) for cell in row}
    return Layout.EXPORT_2024 if "毕业去向类别代码" in names else Layout.NATIONAL


def _is_unknown(cell: str) -> bool:
    name = _plain(cell)
    return bool(name) and name not in _FIELDS and name not in _IGNORED


def _refuse_missing(header: Header) -> None:
    missing = [TITLES[field] for field in REQUIRED[header.layout] if field not in header.columns]
    if missing:
        raise RuleError(
            "columns_missing",
            f"按“{LAYOUT_TITLES[header.layout]}”读取，缺少必需的列：{'、'.join(missing)}。请补上后再导入。",
            "file",
        )
