"""What can be reported, about whom, and whose it is to handle.

Source of the first five: the four don'ts (四不准) of the Ministry's yearly notices: no forcing to
sign, no tying of certificates to signing, no persuading into sham agreements, no internship papers
as proof of employment; and that nobody signs in a graduate's name.
"""

from collections.abc import Mapping
from enum import StrEnum


class BreachKind(StrEnum):
    """What happened."""

    FORCED = "forced"
    SIGNED_FOR = "signed_for"
    SHAM = "sham"
    CERTIFICATE = "certificate"
    INTERNSHIP = "internship"
    FEES = "fees"
    UNTRUE = "untrue"
    OTHER = "other"


class Accused(StrEnum):
    """Whom a report is about."""

    SCHOOL = "school"
    EMPLOYER = "employer"


class Office(StrEnum):
    """Who may handle reports, from below."""

    SCHOOL = "school"
    PROVINCE = "province"
    OPERATOR = "operator"


KIND_TITLES: Mapping[BreachKind, str] = {
    BreachKind.FORCED: "强迫签约",
    BreachKind.SIGNED_FOR: "他人代签",
    BreachKind.SHAM: "要求签订虚假协议",
    BreachKind.CERTIFICATE: "毕业证、学位证发放与签约挂钩",
    BreachKind.INTERNSHIP: "以实习、见习证明代替就业证明",
    BreachKind.FEES: "收取押金、培训费或扣押证件",
    BreachKind.UNTRUE: "单位或岗位信息虚假",
    BreachKind.OTHER: "其他",
}
ACCUSED_TITLES: Mapping[Accused, str] = {
    Accused.SCHOOL: "学校、院系或老师",
    Accused.EMPLOYER: "用人单位",
}
OFFICE_TITLES: Mapping[Office, str] = {
    Office.SCHOOL: "学校就业指导中心",
    Office.PROVINCE: "省级就业工作部门",
    Office.OPERATOR: "平台运维",
}
_OF_SCHOOLS = frozenset({BreachKind.SIGNED_FOR, BreachKind.CERTIFICATE})
"""What no employer can do alone: a school has a hand in it, whoever is named."""


def school_is_accused(kind: BreachKind, accused: Accused) -> bool:
    """Say whether a report is about the graduate's own school, which then does not handle it."""
    return accused is Accused.SCHOOL or kind in _OF_SCHOOLS
