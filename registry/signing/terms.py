"""The terms of an agreement: one catalogue, from which form, checks, card and destination derive.

Sources: the blanks of the usual form of the agreement (全国普通高等学校毕业生就业协议书), and the
fields of a registration of category 10.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.base.errors import RuleError
from registry.codes import transfer_types
from registry.codes.categories import Group
from registry.codes.code_tables import CodeTable
from registry.record import validation
from registry.record.field_values import parsed, said
from registry.record.fields import FILE_BLOCK, HOUSEHOLD_BLOCK, REGISTRATION, ValueType
from registry.record.validation import Problem, Severity

CATEGORY = "10"
"""签就业协议形式就业."""
BY_UNIT = "签约单位接收"
"""The type of a file transfer, and of a household move, to the employer that signs."""
YES, NO = "yes", "no"
MUCH_BREACH = 10_000
"""Yuan of breach money above which both parties are told that it is unusual."""


class TermType(StrEnum):
    """How a term is written and said."""

    TEXT = "text"
    NUMBER = "number"
    """A whole number, with its unit."""
    YES_NO = "yes_no"
    SEVERAL = "several"
    """Some of the choices, joined by 、."""
    FIELD = "field"
    """As the field of a registration of that name."""


@dataclass(frozen=True)
class Term:
    """One term."""

    name: str
    title: str
    type: TermType
    most: int = 0
    """Characters of a text; the largest number."""
    required: bool = False
    only_if: str = ""
    """The yes-or-no term that has to be yes for this one to be asked."""
    unit: str = ""
    choices: tuple[str, ...] = ()
    hint: str = ""
    field: str = ""
    """Of a FIELD: which field of a registration it is written like."""

    @property
    def value_type(self) -> ValueType:
        """Return how the field of a registration is written that it is like."""
        return REGISTRATION[self.field].type if self.field else ValueType.TEXT

    @property
    def table(self) -> CodeTable | None:
        """Return the table its codes come from."""
        return REGISTRATION[self.field].table if self.field else None


def _like(name: str, *, required: bool = False, only_if: str = "", field: str = "") -> Term:
    about = REGISTRATION[field or name]
    for_her = "您" in about.hint  # what her own form tells her
    return Term(
        *(name, about.title, TermType.FIELD, about.limit, required, only_if),
        hint="" if for_her else about.hint,
        field=field or name,
    )


_TERMS = (
    Term("post", "岗位名称", TermType.TEXT, 40, required=True, hint="与聘用的岗位一致"),
    _like("job_class", required=True),
    Term(
        *("work_location_code", "工作地点", TermType.FIELD),
        required=True,
        field="unit_location_code",
    ),
    Term("start_on", "报到日期", TermType.FIELD, field="signed_on"),
    Term("pay", "转正后月薪", TermType.NUMBER, 1_000_000, required=True, unit="元（税前）"),
    Term(
        *("probation_months", "试用期（见习期）", TermType.NUMBER, 12),
        required=True,
        unit="个月",
        hint="没有填 0",
    ),
    Term("probation_pay", "试用期月薪", TermType.NUMBER, 1_000_000, unit="元（税前）"),
    Term("benefits", "福利待遇", TermType.TEXT, 200, hint="如 五险一金、住房、补贴"),
    Term("years", "服务期", TermType.NUMBER, 20, unit="年"),
    Term(
        *("breach", "违约金", TermType.NUMBER, 1_000_000),
        required=True,
        unit="元",
        hint="没有填 0；双方相同",
    ),
    Term(
        *("exits", "免责解除情形", TermType.SEVERAL),
        choices=("升学", "录用为公务员", "应征入伍", "出国（境）学习"),
        hint="出现所选情形，毕业生可以解除协议，不承担违约责任",
    ),
    Term("takes_file", "接收档案", TermType.YES_NO, required=True),
    _like("file_unit", required=True, only_if="takes_file"),
    _like("file_location_code", only_if="takes_file"),
    _like("file_address", required=True, only_if="takes_file"),
    _like("file_postcode", only_if="takes_file"),
    _like("file_contact", only_if="takes_file"),
    _like("file_phone", required=True, only_if="takes_file"),
    Term("takes_household", "接收户口", TermType.YES_NO, required=True),
    _like("household_location_code", required=True, only_if="takes_household"),
    Term("remarks", "双方约定的其他事项", TermType.TEXT, 500, hint="口头承诺的事项请写在这里"),
)
TERMS = {each.name: each for each in _TERMS}
"""Every term, in the order of the form."""
_REGISTERED = ("job_class", "takes_file", "takes_household")
SUPPLEMENTABLE = frozenset(
    each.name for each in _TERMS if each.name not in _REGISTERED and not each.only_if
)
"""What a supplement to a signed agreement may change: what no registration says."""
UNIT = (
    *("unit_name", "unit_code", "unit_nature", "unit_industry", "unit_location_code"),
    *("unit_address", "unit_contact", "unit_phone"),
)
"""What is frozen of the employer with the terms, by the columns of an employer."""
_CARRIED = (*UNIT, "job_class")

_NO_EMPLOYMENT = re.compile("实习|见习")
_MONEY_ASKED = re.compile("押金|保证金|培训费|培训贷|贷款|报名费|服装费")


@dataclass(frozen=True)
class TermLine:
    """One term as people read it."""

    title: str
    value: str


def asked(values: Mapping[str, str]) -> list[Term]:
    """Return the terms that are asked for, by what was answered."""
    return [each for each in _TERMS if not each.only_if or values.get(each.only_if) == YES]


def read(typed: Mapping[str, object]) -> dict[str, str]:
    """Return the terms as they are kept: clean text, what is not asked for left out."""
    values = {name: validation.typed_text(typed[name]) for name in TERMS if name in typed}
    return {each.name: values[each.name] for each in asked(values) if values.get(each.name)}


def problems(values: Mapping[str, str]) -> list[Problem]:
    """Return what is missing, impossible or odd of terms that `read` gave, in their order."""
    found = [problem for each in asked(values) for problem in _of(each, values)]
    if int_of(values, "probation_months") and not values.get("probation_pay"):
        found.append(Problem("probation_pay", "missing", "请填写“试用期月薪”。"))
    return [*found, *oddities(values)]


def _of(term: Term, values: Mapping[str, str]) -> Iterator[Problem]:
    text = values.get(term.name, "")
    if not text:
        if term.required:
            verb = "选择" if term.choices or term.table or term.type is TermType.YES_NO else "填写"
            yield Problem(term.name, "missing", f"请{verb}“{term.title}”。")
        return
    try:
        _check(term, text)
    except RuleError as refusal:
        yield Problem(term.name, refusal.code, refusal.sentence)


def _check(term: Term, text: str) -> None:
    if term.type is TermType.FIELD:
        parsed(REGISTRATION[term.field], text)
    elif term.type is TermType.NUMBER and not is_number(text, term.most):
        sentence = f"“{term.title}”请填写不超过 {term.most:,} 的整数。"
        raise RuleError("number_form", sentence)
    elif term.type is TermType.TEXT and len(text) > term.most:
        raise RuleError("too_long", f"“{term.title}”最多 {term.most} 个字，请缩短。")
    elif term.type is TermType.YES_NO and text not in {YES, NO}:
        raise RuleError("choice_unknown", f"请选择“{term.title}”。")
    elif term.type is TermType.SEVERAL and set(text.split("、")) - set(term.choices):
        raise RuleError("choice_unknown", f"请从列表中选择“{term.title}”。")
    elif term.name == "post" and _NO_EMPLOYMENT.search(text):
        sentence = "实习、见习不能签订就业协议，请填写正式聘用的岗位。"
        raise RuleError("no_employment", sentence)


def is_number(text: str, most: int) -> bool:
    """Say whether a text is a whole number from 0 to `most`, in ASCII digits."""
    return text.isascii() and text.isdigit() and len(text) <= len(str(most)) and int(text) <= most


def int_of(values: Mapping[str, str], name: str) -> int:
    """Return a number among terms; 0 where it is none."""
    text = values.get(name, "")
    return int(text) if is_number(text, TERMS[name].most) else 0


def oddities(values: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what both parties should look at twice."""
    if int_of(values, "breach") > MUCH_BREACH:
        sentence = f"违约金超过 {MUCH_BREACH:,} 元，高于一般约定，请双方慎重。"
        yield Problem("breach", "breach_high", sentence, Severity.WARN)
    if _MONEY_ASKED.search(values.get("remarks", "") + values.get("benefits", "")):
        sentence = "条款中提到押金、培训费或贷款等。用人单位不得以任何名义向毕业生收取费用。"
        yield Problem("remarks", "money_asked", sentence, Severity.WARN)


def lines(values: Mapping[str, str]) -> list[TermLine]:
    """Return the terms as people read them, in the order of the form."""
    return [
        TermLine(each.title, _said(each, values[each.name]))
        for each in asked(values)
        if values.get(each.name)
    ]


def _said(term: Term, value: str) -> str:
    if term.type is TermType.FIELD:
        whole = parsed(REGISTRATION[term.field], value)
        return said(term.field, whole)
    if term.type is TermType.NUMBER:
        return f"{int(value):,} {term.unit}" if int(value) else "无"
    if term.type is TermType.YES_NO:
        return "是" if value == YES else "否"
    return value


def unit_lines(values: Mapping[str, str]) -> list[TermLine]:
    """Return what the terms say of the employer, as people read it."""
    shown = [(name, said(name, values.get(name, ""))) for name in UNIT]
    return [TermLine(REGISTRATION[name].title, text) for name, text in shown if text]


def destination(
    values: Mapping[str, str], accepted_on: date, kept: Mapping[str, str]
) -> dict[str, str]:
    """Return what an agreement registers, as a form's text by field.

    `kept` is what is in force: file and household stay as they are where the employer takes
    neither and an employed graduate may have them so.
    """
    found = {"category": CATEGORY, "signed_on": accepted_on.isoformat()}
    found |= {name: values[name] for name in _CARRIED if values.get(name)}
    for block, takes, kind, find in (
        (FILE_BLOCK, "takes_file", "file_type", transfer_types.file_type),
        (HOUSEHOLD_BLOCK, "takes_household", "household_type", transfer_types.household_type),
    ):
        if values.get(takes) == YES:
            found |= {name: values[name] for name in block if values.get(name)}
            found[kind] = BY_UNIT
        elif _may_stay(find(kept.get(kind, ""))):
            found |= {name: kept[name] for name in block if kept.get(name)}
    return found


def left_alone(values: Mapping[str, str]) -> set[str]:
    """Return the fields of file and household about which these terms say nothing."""
    blocks = {"takes_file": FILE_BLOCK, "takes_household": HOUSEHOLD_BLOCK}
    return {name for takes, block in blocks.items() if values.get(takes) != YES for name in block}


def _may_stay(kind: transfer_types.Transfer | None) -> bool:
    """Say whether a type of transfer goes on after signing: not one to another employer."""
    return kind is not None and Group.EMPLOYED in kind.fits and kind.title != BY_UNIT
