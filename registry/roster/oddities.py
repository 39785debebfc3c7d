"""What is odd about a row but no reason to refuse it: the school sees it and decides.

Sources: the registration notice of 2023 (directed enrolment), the fields each category asks for,
and which file transfer fits which destination.
"""

from collections.abc import Mapping
from typing import Any

from registry.base.text import folded_number
from registry.codes import categories, identity, parsing, regions
from registry.codes.categories import Group
from registry.roster.cells import Cells

_WORK = (Group.EMPLOYED, Group.GRASSROOTS)
_WANTED: dict[Group, tuple[str, ...]] = {
    Group.EMPLOYED: ("unit_name", "unit_code", "unit_nature", "unit_location"),
    Group.GRASSROOTS: ("unit_name", "unit_location"),
    Group.OWN_BUSINESS: ("unit_name", "unit_nature", "unit_location"),
    Group.STUDY: ("unit_name",),
    Group.STUDY_ABROAD: (
        "study_country",
        "study_school",
        "study_school_foreign",
        "study_major",
        "study_major_foreign",
    ),
}
_DESTINATION = ("unit_name", "unit_code", "signed_on", "study_school")


def point_out(cells: Cells, basics: Mapping[str, Any], registration: Mapping[str, Any]) -> None:
    """Warn of everything odd about a row."""
    _person(cells, basics)
    _training(cells, basics)
    _contacts(cells)
    _regions(cells, basics, registration)
    if registration:
        _destination(cells, registration)
        _file(cells, registration)
    elif any(cells.get(name) for name in _DESTINATION) and not cells.is_refused:
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


def _contacts(cells: Cells) -> None:
    for name in ("unit_phone", "unit_mobile", "file_phone"):
        if cells.get(name) and not parsing.is_contact_phone(cells.get(name)):
            cells.warn(name, "contact_phone_form", "电话号码写法不常见，请核对。")
    if parsing.is_old_unit_code(folded_number(cells.get("unit_code"))):
        cells.warn("unit_code", "old_unit_code", "是旧的组织机构代码，请换成统一社会信用代码。")


def _regions(cells: Cells, basics: Mapping[str, Any], registration: Mapping[str, Any]) -> None:
    for name, read in (("origin_code", basics), ("unit_location_code", registration)):
        code = read.get(name)
        if code and not regions.region_name(code):
            cells.warn(name, "region_not_listed", f"地区代码 {code} 不在代码表中，请核对。")


def _destination(cells: Cells, registration: Mapping[str, Any]) -> None:
    group = categories.category_group(registration["category"])
    title = categories.category_title(registration["category"])
    for name in _WANTED.get(group, ()) if group else ():
        if name in registration and not registration[name]:
            sentence = f"“{title}”应填写“{cells.header.title(name)}”。"
            cells.warn(name, "wanted_by_category", sentence)


def _file(cells: Cells, registration: Mapping[str, Any]) -> None:
    kind = registration.get("file_type")
    if not kind:
        return
    title = categories.category_title(registration["category"])
    group = categories.category_group(registration["category"])
    if kind not in categories.FILE_TYPES:
        cells.warn("file_type", "file_type_unknown", f"“{kind[:20]}”不是通用的档案转递类型。")
    elif kind == "签约单位接收" and group not in _WORK:
        cells.warn("file_type", "file_type_odd", f"“{title}”一般没有签约单位接收档案，请核对。")
    elif kind == "升学外校接收" and group is not Group.STUDY:
        cells.warn("file_type", "file_type_odd", f"“{title}”一般不由升学院校接收档案，请核对。")
    if kind in categories.FILE_UNIT_WANTED and not registration.get("file_unit"):
        cells.warn("file_unit", "file_unit_missing", f"“{kind}”应填写档案接收单位。")
