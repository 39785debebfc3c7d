"""The columns of a spreadsheet of invitations: those of the catalogue of terms, and whom to invite.

The template offers them with lists to choose from; a file is read by their titles, or by other
names that are met for them, wherever they stand.
"""

from registry.record.fields import ValueType
from registry.roster import template, titled_sheets
from registry.roster.template import TemplateColumn
from registry.roster.titled_sheets import SheetKind
from registry.signing import inviting, terms
from registry.signing.terms import Term, TermType

NAME = "签约邀请模板.xlsx"
WHOM = {"school": "学校", "name": "姓名", "student_number": "学号", "answer_by": "应约截止"}
"""The columns that are no terms."""
OUTCOME = ("状态", "说明", "发送时间")
"""The last columns of a result: they may stand there when the file comes back mended."""
REQUIRED = (
    *("name", "student_number"),
    *(each.name for each in terms.TERMS.values() if each.required and not each.only_if),
)

_ALSO = """
school                  院校 院校名称 院校代码 学校名称 学校代码 毕业院校
name                    毕业生姓名 学生姓名
student_number          毕业生学号 学生学号
answer_by               应约截止日期 应约截止时间 截止日期 答复截止
post                    岗位 职位 职位名称 岗位
job_class               职位类别 岗位类别 工作职位类别代码
work_location_code      工作所在地 工作地区 工作地点代码 省市区
start_on                报到时间 入职日期 入职时间
pay                     转正月薪 转正工资 转正后工资 月薪
probation_months        试用期 见习期 试用期月数 试用期长度
probation_pay           试用期工资 试用期薪资
benefits                其他待遇 福利 待遇
years                   服务期年数 服务年限 协议年限
breach                  违约金金额
exits                   免责解除 免责情形 自动解除情形
takes_file              是否接收档案 档案接收
file_unit               档案接收单位 档案接收单位名称
file_location_code      档案接收单位所在地 档案接收所在地
file_address            档案接收地址 档案接收单位地址
file_postcode           档案接收邮编 档案接收单位邮编
file_contact            档案接收联系人
file_phone              档案接收电话 档案接收联系电话
takes_household         是否接收户口 户口接收 是否解决户口 解决户口
household_location_code 户口迁移地址 户口迁入地址 户口迁入地
remarks                 备注 其他约定 约定事项 双方约定事项
"""

_ON_THE_FORM = {
    "school": "可不填；填写的须与上传时选择的学校一致",
    "name": "与学校登记的完全一致",
    "student_number": "与学校登记的完全一致",
    "answer_by": (
        f"日期，或几天以后（如 7）；{inviting.FEWEST_DAYS} 至 {inviting.MOST_DAYS} 天，"
        f"不填为 {inviting.DAYS} 天后的 23:59"
    ),
    "exits": f"用顿号隔开：{'、'.join(terms.TERMS['exits'].choices)}；不填为全部，不约定填“无”",
}


_TITLES = WHOM | {name: each.title for name, each in terms.TERMS.items()}
KIND = SheetKind(
    titles=_TITLES,
    names=titled_sheets.names_of(_ALSO, _TITLES),
    required=REQUIRED,
    outcome=OUTCOME,
    most_rows=5_000,
    called="邀请名单",
    no_header="没有找到表头。请使用模板，第一行是“姓名、学号、岗位名称”等列名。",
    no_rows="文件里没有要邀请的毕业生，请按模板填写后上传。",
)
"""How files of invitations are read."""


def title_of(column: str) -> str:
    """Return how a column is called in the template."""
    return KIND.titles[column]


def template_workbook() -> bytes:
    """Return the table to fill in."""
    whom = [
        TemplateColumn(title, name in REQUIRED, _ON_THE_FORM[name]) for name, title in WHOM.items()
    ]
    *people, answer_by = whom
    offered = [_column(each) for each in terms.TERMS.values()]
    return template.workbook_of([*people, *offered, answer_by])


def _column(term: Term) -> TemplateColumn:
    hint = _ON_THE_FORM.get(term.name) or "；".join(filter(None, (_how(term), term.hint)))
    return TemplateColumn(term.title, term.name in REQUIRED, hint, _choices(term))


def _how(term: Term) -> str:
    if term.only_if:
        needed = "必填" if term.required else "可填"
        return f"{terms.TERMS[term.only_if].title}填“是”时{needed}{_place(term)}"
    return term.unit or _place(term).lstrip("，")


def _place(term: Term) -> str:
    return "，写到区、县，或 6 位代码" if term.value_type is ValueType.REGION else ""


def _choices(term: Term) -> tuple[str, ...]:
    if term.type is TermType.YES_NO:
        return ("是", "否")
    return tuple(dict.fromkeys(term.table.codes.values())) if term.table else ()
