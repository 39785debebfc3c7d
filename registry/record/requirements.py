"""The evidence each destination category asks for, and how people look for a category.

Source: the acceptance rules of annex 2 of the 2021 data standard. The fields a category asks for
are in `registry.record.fields`.
"""

from dataclasses import dataclass
from enum import StrEnum

from registry.codes import categories
from registry.codes.categories import Group


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
    EvidenceKind.INCOME: "收入流水（或收入证明）",
    EvidenceKind.PROJECT_LETTER: "基层项目录用通知",
    EvidenceKind.ENLISTMENT: "入伍通知书",
    EvidenceKind.LICENCE: "营业执照",
    EvidenceKind.SHOP: "网店截图（含网址）",
    EvidenceKind.STATEMENT: "本人签字的自由职业说明",
    EvidenceKind.ADMISSION: "录取通知书",
    EvidenceKind.OFFER: "境外院校录取通知（Offer）",
}

Alternatives = tuple[tuple[EvidenceKind, ...], ...]
"""Any one of these sets is enough; none is wanted where there is no set."""


_BY_GROUP: dict[Group, Alternatives] = {
    Group.GRASSROOTS: ((EvidenceKind.PROJECT_LETTER,),),
    Group.CONSCRIPT: ((EvidenceKind.ENLISTMENT,),),
    Group.OWN_BUSINESS: ((EvidenceKind.LICENCE,), (EvidenceKind.SHOP, EvidenceKind.INCOME)),
    Group.FREELANCE: ((EvidenceKind.STATEMENT, EvidenceKind.INCOME),),
    Group.STUDY: ((EvidenceKind.ADMISSION,),),
    Group.STUDY_ABROAD: ((EvidenceKind.OFFER,),),
}
_BY_CATEGORY: dict[str, Alternatives] = {
    "10": ((EvidenceKind.AGREEMENT,),),
    "11": ((EvidenceKind.CONTRACT,),),
    "12": ((EvidenceKind.EMPLOYER_LETTER,), (EvidenceKind.INCOME,)),
    "27": ((EvidenceKind.EMPLOYER_LETTER,),),
}


def evidence(category: str) -> Alternatives:
    """Return the evidence a category asks for; nothing where there is no such category."""
    group = categories.category_group(category)
    if group is None:
        return ()
    return _BY_CATEGORY.get(category[:2]) or _BY_GROUP.get(group, ())


def missing_evidence(category: str, kinds: frozenset[str]) -> Alternatives:
    """Return the sets of evidence any of which would do; empty where enough is there."""
    alternatives = evidence(category)
    return () if any(kinds.issuperset(one) for one in alternatives) else alternatives


def in_words(alternatives: Alternatives) -> str:
    """Return sets of evidence as a sentence says them: ① 营业执照；② 网店…和收入…，任选一项."""
    said = ["和".join(EVIDENCE_TITLES[kind] for kind in one) for one in alternatives]
    if len(said) < 2:
        return "".join(said)
    numbered = (f"{mark} {each}" for mark, each in zip("①②③④⑤", said, strict=False))
    return f"{'；'.join(numbered)}，任选一项"


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
        "基层项目、参军入伍",
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
        "创业、自由职业",
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
        "暂未落实",
        (
            Choice("70", "正在找工作", "求职、签约中，准备考公或创业、准备参军"),
            Choice("71", "准备升学，暂不就业", "未录取，准备继续报考"),
            Choice("72", "其他暂不就业", "暂时不找工作，也不准备升学"),
        ),
    ),
)
"""The official codes, grouped as people think of them."""

USUAL = ("10", "11", "12", "801", "70")
"""What most graduates choose: the form shows these first, the others behind."""

OFFERED = frozenset(each.category for group in CHOICES for each in group.choices)


def usual_choices() -> list[Choice]:
    """Return the categories that the form shows first, in the order of `USUAL`."""
    found = {each.category: each for group in CHOICES for each in group.choices}
    return [found[category] for category in USUAL]


def other_choices() -> list[ChoiceGroup]:
    """Return the groups without what is shown first; none that would be empty."""
    left = [
        ChoiceGroup(group.title, tuple(c for c in group.choices if c.category not in USUAL))
        for group in CHOICES
    ]
    return [group for group in left if group.choices]
