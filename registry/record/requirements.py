"""What each destination category asks for: its fields, its evidence, and how people look for it.

Sources: the fields by category of the 2021 data standard and its 2024 export, the acceptance rules
of its annex 2 (evidence), the registration notice of 2023. Names are columns of Registration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.codes import categories
from registry.codes.categories import Group

TITLES: dict[str, str] = {
    "category": "毕业去向",
    "unit_name": "单位名称",
    "unit_code": "统一社会信用代码",
    "unit_nature": "单位性质",
    "unit_industry": "单位行业",
    "unit_location_code": "单位所在地",
    "unit_location": "单位所在地",
    "unit_address": "单位地址",
    "unit_postcode": "单位邮编",
    "unit_contact": "单位联系人",
    "unit_phone": "联系电话",
    "job_class": "工作职位类别",
    "signed_on": "签约日期",
    "study_country": "留学国家或地区",
    "study_school": "院校中文名称",
    "study_school_foreign": "院校外文名称",
    "study_major": "专业中文名称",
    "study_major_foreign": "专业外文名称",
    "file_type": "档案转递类型",
    "file_unit": "档案接收单位",
    "file_location_code": "档案接收单位所在地",
    "file_location": "档案接收单位所在地",
    "file_address": "档案接收地址",
    "file_postcode": "档案接收单位邮编",
    "file_contact": "档案联系人或部门",
    "file_phone": "档案联系电话",
    "household_type": "户口迁移类型",
    "household_location_code": "户口迁移所在地",
    "household_location": "户口迁移所在地",
}
"""All that a registration says, in the order of the form."""

PLACES = {
    "unit_location_code": "unit_location",
    "file_location_code": "file_location",
    "household_location_code": "household_location",
}
"""Where something lies: the code of a region that is chosen, and the name that is kept with it. A
file, or a place abroad, gives a name that has no code."""
PLACE_CODES = {name: code for code, name in PLACES.items()}

_TITLES_OF_GROUP: dict[Group, Mapping[str, str]] = {
    Group.CONSCRIPT: {"signed_on": "入伍日期"},
    Group.STUDY: {"unit_name": "录取院校", "unit_location_code": "院校所在地"},
    Group.FREELANCE: {"unit_location_code": "工作所在地"},
    Group.OWN_BUSINESS: {"signed_on": "成立日期"},
}


class EvidenceKind(StrEnum):
    """What a document proves."""

    AGREEMENT = "agreement"
    CONTRACT = "contract"
    EMPLOYER_LETTER = "employer_letter"
    INCOME = "income"
    PROJECT_LETTER = "project_letter"
    ENLISTMENT = "enlistment"
    LICENCE = "licence"
    SHOP = "shop"
    STATEMENT = "statement"
    ADMISSION = "admission"
    OFFER = "offer"


EVIDENCE_TITLES: dict[EvidenceKind, str] = {
    EvidenceKind.AGREEMENT: "就业协议书",
    EvidenceKind.CONTRACT: "劳动合同",
    EvidenceKind.EMPLOYER_LETTER: "单位用人证明（实习证明不算）",
    EvidenceKind.INCOME: "收入流水或收入证明",
    EvidenceKind.PROJECT_LETTER: "基层项目录用通知",
    EvidenceKind.ENLISTMENT: "入伍通知书",
    EvidenceKind.LICENCE: "营业执照",
    EvidenceKind.SHOP: "网店网址与后台截图",
    EvidenceKind.STATEMENT: "本人签字的自由职业说明",
    EvidenceKind.ADMISSION: "录取通知书",
    EvidenceKind.OFFER: "境外院校录取通知（Offer）",
}

Alternatives = tuple[tuple[EvidenceKind, ...], ...]
"""Any one of these sets is enough; none is wanted where there is no set."""


@dataclass(frozen=True)
class Asked:
    """What one category asks for."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    evidence: Alternatives = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields of the destination the form shows, in its order."""
        asked = {*self.required, *self.optional}
        return tuple(name for name in TITLES if name in asked)


_UNIT = ("unit_name", "unit_location_code", "unit_contact", "unit_phone")
_ADDRESS = ("unit_address", "unit_postcode")
_WORK = (*_UNIT, "unit_code", "unit_nature", "unit_industry", "job_class")
_MORE_OF_A_BUSINESS = (
    *("unit_code", "unit_industry", "unit_contact", "unit_phone"),
    *("job_class", "signed_on"),
)
_STUDY = ("study_country", "study_school", "study_school_foreign")
_ABROAD = (*_STUDY, "study_major", "study_major_foreign")

_BY_GROUP: dict[Group, Asked] = {
    Group.GRASSROOTS: Asked(
        _UNIT,
        ("unit_code", "unit_nature", "unit_industry", "job_class", "signed_on", *_ADDRESS),
        ((EvidenceKind.PROJECT_LETTER,),),
    ),
    Group.CONSCRIPT: Asked(("signed_on",), (), ((EvidenceKind.ENLISTMENT,),)),
    Group.OWN_BUSINESS: Asked(
        ("unit_name", "unit_nature", "unit_location_code"),
        (*_ADDRESS, *_MORE_OF_A_BUSINESS),
        ((EvidenceKind.LICENCE,), (EvidenceKind.SHOP, EvidenceKind.INCOME)),
    ),
    Group.FREELANCE: Asked(
        ("unit_location_code", "job_class"),
        ("unit_name", "unit_industry"),
        ((EvidenceKind.STATEMENT, EvidenceKind.INCOME),),
    ),
    Group.STUDY: Asked(
        ("unit_name",), ("unit_location_code", "study_major"), ((EvidenceKind.ADMISSION,),)
    ),
    Group.STUDY_ABROAD: Asked(_ABROAD, (), ((EvidenceKind.OFFER,),)),
    Group.UNPLACED: Asked(),
}

_BY_CATEGORY = {
    "10": Asked((*_WORK, "signed_on"), _ADDRESS, ((EvidenceKind.AGREEMENT,),)),
    "11": Asked((*_WORK, "signed_on"), _ADDRESS, ((EvidenceKind.CONTRACT,),)),
    "12": Asked(
        _WORK,
        (*_ADDRESS, "signed_on"),
        ((EvidenceKind.EMPLOYER_LETTER,), (EvidenceKind.INCOME,)),
    ),
    "27": Asked(_WORK, (*_ADDRESS, "signed_on"), ((EvidenceKind.EMPLOYER_LETTER,),)),
}

FILE_BLOCK = tuple(name for name in TITLES if name.startswith("file_"))
HOUSEHOLD_BLOCK = tuple(name for name in TITLES if name.startswith("household_"))


def asked(category: str) -> Asked:
    """Return what a category asks for; nothing where there is no such category."""
    group = categories.category_group(category)
    if group is None:
        return Asked()
    return _BY_CATEGORY.get(category[:2]) or _BY_GROUP[group]


def form_fields(category: str) -> tuple[str, ...]:
    """Return every field the form of a category shows: destination, file, household."""
    return ("category", *asked(category).fields, *FILE_BLOCK, *HOUSEHOLD_BLOCK)


def title(field: str, category: str = "") -> str:
    """Return how the form of a category calls a field."""
    group = categories.category_group(category)
    own = _TITLES_OF_GROUP.get(group, {}) if group else {}
    return own.get(field) or TITLES.get(field, field)


def missing_evidence(category: str, kinds: frozenset[str]) -> Alternatives:
    """Return the sets of evidence any of which would do; empty where enough is there."""
    alternatives = asked(category).evidence
    return () if any(kinds.issuperset(one) for one in alternatives) else alternatives


def in_words(alternatives: Alternatives) -> str:
    """Return sets of evidence as a sentence says them: 营业执照，或网店…和收入…."""
    return "，或".join("和".join(EVIDENCE_TITLES[kind] for kind in one) for one in alternatives)


@dataclass(frozen=True)
class Choice:
    """A category as the form offers it."""

    category: str
    title: str
    hint: str = ""


@dataclass(frozen=True)
class ChoiceGroup:
    """Categories that people look for in the same place."""

    title: str
    choices: tuple[Choice, ...]


CHOICES: tuple[ChoiceGroup, ...] = (
    ChoiceGroup(
        "去单位工作",
        (
            Choice("10", "签了就业协议（三方协议）", "有学校、单位、本人三方签署的就业协议书"),
            Choice("11", "签了劳动合同", "没有就业协议，与单位直接签了劳动合同"),
            Choice("12", "已录用，没有协议和合同", "凭单位用人证明或收入流水登记，实习不算"),
            Choice("271", "科研助理、管理助理", "在高校、科研单位或企业担任助理"),
        ),
    ),
    ChoiceGroup(
        "到基层去、参军",
        (
            Choice("502", "三支一扶", "支教、支农、支医和帮扶乡村振兴"),
            Choice("503", "西部计划", "大学生志愿服务西部计划"),
            Choice("50", "其他国家基层项目", "如特岗教师"),
            Choice("512", "地方选调生", "由地方组织部门选调到基层"),
            Choice("519", "其他地方基层项目", "省、市组织的其他基层服务项目"),
            Choice("46", "应征义务兵", "凭入伍通知书登记"),
        ),
    ),
    ChoiceGroup(
        "自己干",
        (
            Choice("75", "自主创业", "办了企业、个体工商户或网店"),
            Choice("76", "自由职业", "没有固定单位，靠自己的专长工作"),
        ),
    ),
    ChoiceGroup(
        "继续读书",
        (
            Choice("801", "国内读研究生", "硕士或博士，凭录取通知书登记"),
            Choice("802", "读第二学士学位", "凭录取通知书登记"),
            Choice("80", "其他国内升学", "如专科升本科"),
            Choice("85", "出国、出境留学", "凭境外院校的录取通知登记"),
        ),
    ),
    ChoiceGroup(
        "还没有定下来",
        (
            Choice("70", "正在找工作", "求职、签约中，准备考公或创业、准备参军"),
            Choice("71", "准备升学，暂不就业", "还没有录取，准备继续考"),
            Choice("72", "其他暂不就业", "暂时不找工作，也不准备升学"),
        ),
    ),
)
"""The official codes, grouped as people think of them."""

OFFERED = frozenset(each.category for group in CHOICES for each in group.choices)
