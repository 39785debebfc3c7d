"""Rosters as schools have them, in the three layouts, with a handful of made-up people."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import xlsxwriter
from stdnum.cn import ric

_NATIONAL = (
    "考生号 身份证号 姓名 性别代码 性别 民族代码 民族 政治面貌代码 政治面貌 院校代码 院校名称 "
    "分校名称 学历代码 学历 专业代码 专业 专业方向 培养方式代码 培养方式 定向或委培单位 "
    "生源所在地代码 生源所在地 城乡生源 学制 入学时间 毕业时间 师范生类别代码 师范生类别 "
    "困难生类别代码 困难生类别 所在院系 所在班级 学号 出生日期 入学前档案所在单位 "
    "入学前户口所在地派出所 户口是否转入学校 档案是否转入学校 手机号码 电子邮箱 QQ号码 家庭住址 "
    "家庭电话 家庭邮编 毕业去向代码 毕业去向 单位组织机构代码 单位名称 单位性质代码 单位性质 "
    "单位行业代码 单位行业 单位所在地代码 单位所在地 工作职位类别代码 工作职位类别 单位联系人 "
    "联系人电话 联系人手机 联系人电子邮箱 联系人传真 单位地址 单位邮编 报到证签发类别代码 "
    "报到证签发类别 报到证签往单位名称 签往单位所在地代码 签往单位所在地 报到证编号 报到起始时间 "
    "档案转寄单位名称 档案转寄单位地址 档案转寄单位邮编 户口迁转地址"
)
NATIONAL = _NATIONAL.split()

UPLOAD = (
    ("Ksh", "考生号"),
    ("Sfzh", "身份证号"),
    ("Xm", "姓名"),
    ("Xbdm", "性别代码"),
    ("Xldm", "学历代码"),
    ("Zymc", "专业"),
    ("Bysj", "毕业时间"),
    ("Szyx", "所在院系"),
    ("Szbj", "所在班级"),
    ("Xh", "学号"),
    ("Sjhm", "手机号码"),
    ("Byqxdm", "毕业去向代码"),
    ("Dwzzjgdm", "单位组织机构代码"),
    ("Dwmc", "单位名称"),
    ("Dazjdwmc", "档案转寄单位名称"),
)

_EXPORT = (
    "学号 考生号 姓名 性别 出生日期 专业名称 毕业年份 学历层次 毕业日期 毕业去向类别代码 毕业去向 "
    "单位名称 统一社会信用代码 单位所在地 单位地址 身份证号 手机号码 院系 班级"
)
EXPORT_2024 = _EXPORT.split()


@dataclass(frozen=True)
class Somebody:
    """A made-up graduate as a roster has her."""

    name: str
    student_number: str
    identity_number: str
    phone_number: str
    unit_name: str = "京华软件有限公司"
    category_code: str = "10"
    category: str = "签就业协议形式就业"
    department: str = "计算机学院"
    graduation: str = "202606"
    """YYYYMM."""

    def still_seeking(self, graduation: str) -> "Somebody":
        """Return her as one who graduates in a month (YYYYMM) and has registered nothing yet."""
        blank = {"unit_name": "", "category_code": "", "category": ""}
        return replace(self, graduation=graduation, **blank)

    def now_at(self, unit_name: str) -> "Somebody":
        """Return her with another employer."""
        return replace(self, unit_name=unit_name)


def somebody(number: int, name: str, graduation: str = "202606") -> Somebody:
    """Make up a person who graduates in a month (YYYYMM): number 1 to 99."""
    body = f"110101200{number % 4 + 1}0{number % 9 + 1}15{number:02}2"
    return Somebody(
        name=name,
        student_number=f"2022{number:06}",
        identity_number=body + ric.calc_check_digit(body + "0"),
        phone_number=f"199000{number:05}",
        graduation=graduation,
    )


def _cells(person: Somebody) -> dict[str, str]:
    """Return her cells by every title that a layout gives them."""
    birth = person.identity_number[6:14]
    return {
        **dict.fromkeys(("考生号",), f"26110101{person.student_number[-6:]}"),
        "身份证号": person.identity_number,
        "姓名": person.name,
        "性别代码": "2",
        "性别": "女",
        "院校代码": "99001",
        "学历代码": "31",
        "学历": "本科生毕业",
        "学历层次": "本科生毕业",
        "专业": "软件工程",
        "专业名称": "软件工程",
        "毕业时间": person.graduation,
        "毕业日期": person.graduation,
        "毕业年份": person.graduation[:4],
        "所在院系": person.department,
        "院系": person.department,
        "所在班级": "软件2201",
        "班级": "软件2201",
        "学号": person.student_number,
        "出生日期": birth,
        "手机号码": person.phone_number,
        "毕业去向代码": person.category_code,
        "毕业去向类别代码": person.category_code,
        "毕业去向": person.category,
        "单位名称": person.unit_name,
        "档案转寄单位名称": "北京市海淀区人才服务中心",
        "档案转寄单位地址": "北京市海淀区知春路1号",
        "户口迁转地址": "北京市海淀区",
    }


def _grid(titles: Sequence[str], people: Sequence[Somebody]) -> list[list[str]]:
    return [[_cells(person).get(title, "") for title in titles] for person in people]


def national_xlsx(people: Sequence[Somebody]) -> bytes:
    """Return the export of the national system: 74 columns."""
    return _xlsx([NATIONAL, *_grid(NATIONAL, people)])


def upload_xlsx(people: Sequence[Somebody]) -> bytes:
    """Return the upload to the national system: two header rows."""
    titles = [title for _, title in UPLOAD]
    return _xlsx([[code for code, _ in UPLOAD], titles, *_grid(titles, people)])


def export_csv(people: Sequence[Somebody], encoding: str = "gb18030") -> bytes:
    """Return the 2024 export as a spreadsheet program of a school saves it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([EXPORT_2024, *_grid(EXPORT_2024, people)])
    return text.getvalue().encode(encoding)


def _xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell)
    return output.getvalue()
