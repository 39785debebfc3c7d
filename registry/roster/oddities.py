"""What is odd about a person but no reason to refuse the row: the school sees it and decides.

Source: the registration notice of 2023 (directed enrolment). What is odd about a destination is
said by `registry.roster.destinations`.
"""

from collections.abc import Mapping
from typing import Any

from registry.codes import categories, identity, parsing, regions
from registry.roster.cells import Cells

MOST_YEARS = 10  # from enrolment to graduation: eight of a long programme, and a break
_DESTINATION = ("unit_name", "unit_code", "signed_on", "study_school")


def point_out(cells: Cells, basics: Mapping[str, Any], *, has_category: bool) -> None:
    """Warn of everything odd about a person, and of a destination without a category."""
    _person(cells, basics)
    _training(cells, basics)
    _origin(cells, basics)
    _enrolled(cells, basics)
    if has_category or cells.is_refused or cells.broken & {"category", "category_code"}:
        return
    if any(cells.get(name) for name in _DESTINATION):
        cells.warn("category", "no_category", "填了去向信息却没有毕业去向类别，去向没有导入。")


def _person(cells: Cells, basics: Mapping[str, Any]) -> None:
    number = identity.normalised(cells.get("identity"))
    said = cells.get("birth_date")
    day = cells.parsed("birth_date", parsing.day, said, strict=False) if said else None
    if not number:
        return
    if identity.is_other_document(number):
        cells.warn("identity", "not_resident", "不是身份证号，按护照或通行证处理，请核对。")
    if not identity.is_resident(number):
        return
    if day and day != identity.birth_date(number):
        cells.warn("birth_date", "birth_date_disagrees", "出生日期与身份证号不一致，请核对。")
    if basics.get("sex") and basics["sex"] != identity.sex(number):
        cells.warn("sex", "sex_disagrees", "性别与身份证号不一致，请核对。")


def _training(cells: Cells, basics: Mapping[str, Any]) -> None:
    if basics.get("training_mode") in categories.BOUND_TRAINING and not basics.get("training_unit"):
        cells.warn("training_unit", "training_unit_missing", "定向或委培生应填写定向或委培单位。")


def _origin(cells: Cells, basics: Mapping[str, Any]) -> None:
    code = basics.get("origin_code")
    if code and not regions.region_name(code):
        cells.warn("origin_code", "region_not_listed", f"地区代码 {code} 不在代码表中，请核对。")


def _enrolled(cells: Cells, basics: Mapping[str, Any]) -> None:
    said, ends = cells.get("enrolled"), basics.get("graduation_month")
    month = cells.parsed("enrolled", parsing.month, said, strict=False) if said else None
    if month and ends and not 0 < int(ends) - int(month) <= MOST_YEARS * 100:
        sentence = f"入学时间 {month} 与毕业时间 {ends} 不合理，请核对。"
        cells.warn("enrolled", "enrolment_implausible", sentence)
