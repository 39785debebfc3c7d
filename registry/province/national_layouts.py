"""The national layouts as files that go out: which columns, in which order, under which titles.

Sources: the export of the national employment system (74 columns; those of the report
certificate, abolished in 2023, stay and are empty), the 就业方案 export of 2024 (39 columns), and
the column codes of the upload, above Chinese titles: the destination's are those of the provinces'
interface.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.interface.national_names import FIELDS, NAMES
from registry.roster.layouts import TITLES, Layout, field_of

_NATIONAL = """
考生号 身份证号 姓名 性别代码 性别 民族代码 民族 政治面貌代码 政治面貌 院校代码 院校名称 分校名称
学历代码 学历 专业代码 专业 专业方向 培养方式代码 培养方式 定向或委培单位 生源所在地代码
生源所在地 城乡生源 学制 入学时间 毕业时间 师范生类别代码 师范生类别 困难生类别代码 困难生类别
所在院系 所在班级 学号 出生日期 入学前档案所在单位 入学前户口所在地派出所 户口是否转入学校
档案是否转入学校 手机号码 电子邮箱 QQ号码 家庭住址 家庭电话 家庭邮编 毕业去向代码 毕业去向
单位组织机构代码 单位名称 单位性质代码 单位性质 单位行业代码 单位行业 单位所在地代码 单位所在地
工作职位类别代码 工作职位类别 单位联系人 联系人电话 联系人手机 联系人电子邮箱 联系人传真 单位地址
单位邮编 报到证签发类别代码 报到证签发类别 报到证签往单位名称 签往单位所在地代码 签往单位所在地
报到证编号 报到起始时间 档案转寄单位名称 档案转寄单位地址 档案转寄单位邮编 户口迁转地址
"""
_EXPORT_2024 = """
学号 考生号 姓名 性别 出生日期 生源地代码 生源地名称 民族名称 政治面貌 城乡生源 专业名称 专业方向
专业代码 毕业年份 学历层次 入学年月 毕业日期 培养方式 委培单位 学习形式 毕业去向类别代码 毕业去向
签约日期 工作职位类别代码 工作职位类别 单位名称 统一社会信用代码 留学国家地区 留学院校中文名称
留学院校外文名称 留学专业中文名称 留学专业外文名称 单位性质代码 单位性质 单位行业代码 单位行业
单位所在地代码 单位所在地 单位地址
"""
_PERSON_CODES = """
yxdm yxmc fxmc ksh xh sfzh xm xbdm mzdm zzmmdm xldm zydm zymc zyfx pyfsdm dxhwpdw syszddm cxsy xz
rxsj bysj sfslbdm knslbdm szyx szbj csrq rxqdaszdw rxqhkszdpcs hksfzrxx dasfzrxx sjhm dzyx jtdz
jtdh jtyb
"""
COHORT_CODE = "byjc"
"""毕业届次, as the interface names it: a graduate of December is of the next year's."""


@dataclass(frozen=True)
class NationalColumn:
    """One column of a file."""

    title: str
    field: str | None
    """A field of `registry.roster.layouts`; None: it stays empty."""
    code: str = ""
    """In pinyin initials, where the layout has codes."""


@dataclass(frozen=True)
class NationalLayout:
    """One layout of files."""

    title: str
    columns: Sequence[NationalColumn]

    @property
    def headings(self) -> list[list[str]]:
        """Return the rows above the people: titles, below codes where the layout has them."""
        titles, codes = [each.title for each in self.columns], [each.code for each in self.columns]
        return [codes, titles] if any(codes) else [titles]


def _titled(titles: str) -> tuple[NationalColumn, ...]:
    return tuple(NationalColumn(title, _field(title)) for title in titles.split())


def _field(title: str) -> str | None:
    return "graduation_year" if title == "毕业年份" else field_of(title)


def _coded() -> tuple[NationalColumn, ...]:
    person = [
        NationalColumn(TITLES[field], field, code)
        for code in _PERSON_CODES.split()
        if (field := field_of(code))
    ]
    cohort = NationalColumn(TITLES["cohort"], "cohort", COHORT_CODE)
    destination = [NationalColumn(each.title, FIELDS[each.name], each.name) for each in NAMES]
    return (*person[:3], cohort, *person[3:], *destination)


LAYOUTS = {
    Layout.NATIONAL: NationalLayout("全国就业管理系统导出（74 列）", _titled(_NATIONAL)),
    Layout.EXPORT_2024: NationalLayout("就业方案导出（2024 版，39 列）", _titled(_EXPORT_2024)),
    Layout.UPLOAD: NationalLayout("全国列代码（两行表头）", _coded()),
}
"""What the office may take along; the last is what goes to the Ministry."""
FORWARDED = Layout.UPLOAD
