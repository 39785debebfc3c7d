"""Builds rosters as schools have them: people as dicts by title, in any layout and format."""

import csv
import io
from collections.abc import Mapping, Sequence

import xlsxwriter

from registry.codes import identity

_NATIONAL = """
考生号 身份证号 姓名 性别代码 性别 民族代码 民族 政治面貌代码 政治面貌 院校代码 院校名称
分校名称 学历代码 学历 专业代码 专业 专业方向 培养方式代码 培养方式 定向或委培单位
生源所在地代码 生源所在地 城乡生源 学制 入学时间 毕业时间 师范生类别代码 师范生类别
困难生类别代码 困难生类别 所在院系 所在班级 学号 出生日期 入学前档案所在单位
入学前户口所在地派出所 户口是否转入学校 档案是否转入学校 手机号码 电子邮箱 QQ号码 家庭住址
家庭电话 家庭邮编 毕业去向代码 毕业去向 单位组织机构代码 单位名称 单位性质代码 单位性质
单位行业代码 单位行业 单位所在地代码 单位所在地 工作职位类别代码 工作职位类别 单位联系人
联系人电话 联系人手机 联系人电子邮箱 联系人传真 单位地址 单位邮编 报到证签发类别代码
报到证签发类别 报到证签往单位名称 签往单位所在地代码 签往单位所在地 报到证编号 报到起始时间
档案转寄单位名称 档案转寄单位地址 档案转寄单位邮编 户口迁转地址
"""
_UPLOAD = """
Ksh/考生号 Xm/姓名 Sfzh/身份证号 Xbdm/性别代码 Xb/性别 Mzdm/民族代码 Mz/民族 Zzmmdm/政治面貌代码
Zzmm/政治面貌 Yxdm/院校代码 Yx/院校名称 Szyx/所在院系 Szbj/所在班级 Xh/学号 Xldm/学历代码
Xl/学历 Zydm/专业代码 Zy/专业 Zyfx/专业方向 Pyfsdm/培养方式代码 Dxhwpdw/定向或委培单位
Pyfs/培养方式 Syszddm/生源所在地代码 Syszd/生源所在地 Xz/学制 Rxsj/入学时间 Bysj/毕业时间
Knslbdm/困难生类别代码 Knslb/困难生类别 Sfslbdm/师范生类别代码 Sfslb/师范生类别
Byqxdm/毕业去向代码 Byqx/毕业去向 Dwzzjgdm/单位组织机构代码 Dwmc/单位名称 Dwxzdm/单位性质代码
Dwxz/单位性质 Dwhydm/单位行业代码 Dwhy/单位行业 Dwszddm/单位所在地代码 Dwszd/单位所在地
Gzzwlbdm/工作职位类别代码 Gzzwlb/工作职位类别 Bdzqflbdm/报到证签发类别代码
Bdzqflb/报到证签发类别 Bdzqwdwmc/报到证签往单位名称 Qwdwszddm/签往单位所在地代码
Qwdwszd/签往单位所在地 Bdzbh/报到证编号 Bdqssj/报到起始时间
"""
_EXPORT_2024 = """
学号 考生号 姓名 性别 出生日期 生源地代码 生源地名称 民族名称 政治面貌 城乡生源 专业名称
专业方向 专业代码 毕业年份 学历层次 入学年月 毕业日期 培养方式 委培单位 学习形式
毕业去向类别代码 毕业去向 签约日期 工作职位类别代码 工作职位类别 单位名称 统一社会信用代码
留学国家地区 留学院校中文名称 留学院校外文名称 留学专业中文名称 留学专业外文名称 单位性质代码
单位性质 单位行业代码 单位行业 单位所在地代码 单位所在地 单位地址
"""

NATIONAL = _NATIONAL.split()
UPLOAD = dict(pair.split("/") for pair in _UPLOAD.split())
EXPORT_2024 = _EXPORT_2024.split()

_OTHER_TITLES = {
    "生源地代码": "生源所在地代码",
    "生源地名称": "生源所在地",
    "民族名称": "民族",
    "专业名称": "专业",
    "学历层次": "学历",
    "入学年月": "入学时间",
    "毕业日期": "毕业时间",
    "委培单位": "定向或委培单位",
    "毕业去向类别代码": "毕业去向代码",
    "统一社会信用代码": "单位组织机构代码",
}

Person = dict[str, str]


_THE_SAME_FOR_ALL = {
    "院校代码": "10001",
    "学历代码": "31",
    "学历": "本科生毕业",
    "专业代码": "080901",
    "专业": "计算机科学与技术",
    "培养方式代码": "1",
    "培养方式": "非定向",
    "生源所在地代码": "370102",
    "生源所在地": "山东省济南市历下区",
    "学制": "4",
    "入学时间": "202209",
    "毕业时间": "202606",
    "毕业年份": "2026",
    "所在院系": "计算机学院",
    "所在班级": "计科2201",
    "毕业去向代码": "10",
    "毕业去向": "签就业协议形式就业",
    "单位组织机构代码": "91350100M000100Y43",
    "单位名称": "青禾科技有限公司",
    "单位性质代码": "39",
    "单位性质": "其他企业",
    "单位行业代码": "34",
    "单位行业": "信息传输、软件和信息技术服务业",
    "单位所在地代码": "350102",
    "单位所在地": "福建省福州市鼓楼区",
    "工作职位类别代码": "13",
    "工作职位类别": "工程技术人员",
    "单位联系人": "李经理",
    "联系人电话": "0591-87654321",
    "档案转寄单位名称": "福州市人才服务中心",
    "档案转寄单位邮编": "350001",
    "户口迁转地址": "福建省福州市",
}


def a_person(number: int = 1, **changes: str) -> Person:
    """Return a person every layout can say something of; changes go by title."""
    resident = identity.with_check_character(f"37010220030{number % 9 + 1}15{number:03}")
    sex = identity.sex(resident)
    return {
        "学号": f"0022{number:05}",
        "考生号": f"22370102{number:06}",
        "身份证号": resident,
        "姓名": "林知夏",
        "性别代码": sex,
        "性别": "男" if sex == "1" else "女",
        "民族代码": "01",
        "民族": "汉族",
        "政治面貌代码": "03",
        "政治面貌": "共青团员",
        "出生日期": resident[6:14],
        "手机号码": f"160{number:08}",
        **_THE_SAME_FOR_ALL,
        **changes,
    }


Rows = Sequence[Sequence[str]]


def national(*people: Person, more: Sequence[str] = ()) -> Rows:
    """Lay people out as the 74-column export, with more columns behind."""
    titles = [*NATIONAL, *more]
    return [titles, *([person.get(title, "") for title in titles] for person in people)]


def upload(*people: Person) -> Rows:
    """Lay people out as the 50-column upload: pinyin codes above the titles."""
    rows = ([person.get(title, "") for title in UPLOAD.values()] for person in people)
    return [list(UPLOAD), list(UPLOAD.values()), *rows]


def export_2024(*people: Person) -> Rows:
    """Lay people out as the export of 2024, which has no identity numbers."""
    wanted = [_OTHER_TITLES.get(title, title) for title in EXPORT_2024]
    return [EXPORT_2024, *([person.get(title, "") for title in wanted] for person in people)]


def as_xlsx(rows: Rows, numbers: Mapping[tuple[int, int], float] | None = None) -> bytes:
    """Write rows as a workbook of text cells; some cells as numbers, by row and column."""
    result = io.BytesIO()
    with xlsxwriter.Workbook(result, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text)
        for (row, column), number in (numbers or {}).items():
            sheet.write_number(row, column, number)
    return result.getvalue()


def as_csv(rows: Rows, encoding: str = "utf-8-sig") -> bytes:
    """Write rows as a csv file."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)
