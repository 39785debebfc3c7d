"""The catalogue of fields: all there is to know of each field of a registration, in one entry.

Form, roster, correction, comparison, reports, workbooks, the review sheet and the question what a
category asks for derive from it. Sources: the fields by category of the 2021 data standard and its
2024 export, the registration notice of 2023, the guide for schools, 1.1 and 2.2 (important fields).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from registry.codes import categories
from registry.codes.categories import GROUPS, Group
from registry.codes.code_tables import (
    CATEGORY,
    JOB_CLASS,
    LEVEL,
    SEX,
    UNIT_INDUSTRY,
    UNIT_NATURE,
    CodeTable,
)


class Block(StrEnum):
    """A part of what is registered."""

    BASIC = "basic"
    DESTINATION = "destination"
    FILE = "file"
    HOUSEHOLD = "household"


BLOCK_TITLES = {
    Block.BASIC: "基本信息",
    Block.DESTINATION: "毕业去向",
    Block.FILE: "档案转递",
    Block.HOUSEHOLD: "户口迁移",
}


class ValueType(StrEnum):
    """How a value is written: what a form shows to fill it in, how it is read and said."""

    TEXT = "text"
    CODE = "code"
    """A code of the field's table."""
    REGION = "region"
    """A code of GB/T 2260, down to the county."""
    DAY = "day"
    MONTH = "month"
    """YYYYMM."""
    PHONE = "phone"
    POSTCODE = "postcode"
    UNIT_CODE = "unit_code"
    """A unified social credit code (GB 32100)."""
    TRANSFER = "transfer"
    """A type of file transfer or household move (`registry.codes.transfer_types`)."""


class Importance(StrEnum):
    """What a change of a field does (重要字段): the guide for schools, 1.1 and 2.2."""

    NONE = "none"
    PRINTED = "printed"
    """Only reports show it: numbers lapse, the answer stays."""
    RESETS = "resets"
    """The confirmation page shows it too: the confirmation is 未确认 again."""


def _of(*groups: Group) -> frozenset[str]:
    return frozenset(code for code, group in GROUPS.items() if group in groups)


_NONE = frozenset[str]()
_AGREED = frozenset({"10", "11"})  # an agreement or a contract has been signed
_EMPLOYED = _of(Group.EMPLOYED)
_GRASSROOTS = _of(Group.GRASSROOTS)
_CONSCRIPT = _of(Group.CONSCRIPT)
_BUSINESS = _of(Group.OWN_BUSINESS)
_FREELANCE = _of(Group.FREELANCE)
_STUDY = _of(Group.STUDY)
_ABROAD = _of(Group.STUDY_ABROAD)
_ALL = frozenset(GROUPS)


@dataclass(frozen=True)
class Field:
    """One field of a registration, or an important field of the graduate (block BASIC)."""

    name: str
    """Its column of Registration, or of Graduate."""
    title: str
    """Its one title in Chinese; what official tables prescribe instead is in `official_titles`."""
    block: Block
    limit: int = 0
    """Characters its column holds; 0 for a day."""
    type: ValueType = ValueType.TEXT
    table: CodeTable | None = None
    place: str = ""
    """Of a REGION: the field that keeps its name. A file gives a name that has no code."""
    required: frozenset[str] = _NONE
    """Categories (their first two digits) whose form cannot be sent without it."""
    optional: frozenset[str] = _NONE
    """Categories whose form shows it besides."""
    where_it_goes: bool = False
    """Whether it is required where file or household go to a place that has to be said."""
    importance: Importance = Importance.NONE
    group_titles: Mapping[Group, str] = field(default_factory=dict)
    """How the forms of some categories call it."""
    hint: str = ""
    """How to fill it in."""
    reading: Callable[[str], str] | None = None
    """How a value is said, where its type alone does not tell."""

    @property
    def chosen(self) -> bool:
        """Say whether it is chosen from a list, not typed."""
        return self.type in {ValueType.CODE, ValueType.REGION, ValueType.TRANSFER}

    @property
    def resets(self) -> bool:
        """Say whether a change makes the confirmation unconfirmed again."""
        return self.importance is Importance.RESETS


_BASIC = (
    Field("name", "姓名", Block.BASIC, 80, importance=Importance.RESETS),
    Field(
        *("sex", "性别", Block.BASIC, 2, ValueType.CODE, SEX),
        importance=Importance.PRINTED,
    ),
    Field(
        *("level", "学历", Block.BASIC, 4, ValueType.CODE, LEVEL),
        importance=Importance.RESETS,
        reading=categories.level_and_ending,
    ),
    Field("major", "专业", Block.BASIC, 80, importance=Importance.RESETS),
    Field(
        *("graduation_month", "毕业时间", Block.BASIC, 6, ValueType.MONTH),
        importance=Importance.RESETS,
    ),
    Field(
        *("programme_length", "学制", Block.BASIC, 8),
        importance=Importance.PRINTED,
        reading=categories.programme_length_title,
    ),
    Field("origin", "生源所在地", Block.BASIC, 120, importance=Importance.PRINTED),
)

_DESTINATION = (
    Field(
        *("category", "毕业去向", Block.DESTINATION, 4, ValueType.CODE, CATEGORY),
        importance=Importance.RESETS,
        reading=categories.category_title,
    ),
    Field(
        *("unit_name", "单位名称", Block.DESTINATION, 120),
        required=_EMPLOYED | _GRASSROOTS | _BUSINESS | _STUDY,
        optional=_FREELANCE,
        importance=Importance.RESETS,
        group_titles={Group.STUDY: "录取院校"},
        hint="与协议、合同或营业执照上的全称一致",
    ),
    Field(
        *("unit_code", "统一社会信用代码", Block.DESTINATION, 18, ValueType.UNIT_CODE),
        required=_EMPLOYED,
        optional=_GRASSROOTS | _BUSINESS,
        hint="18 位，在营业执照上",
    ),
    Field(
        *("unit_nature", "单位性质", Block.DESTINATION, 4, ValueType.CODE, UNIT_NATURE),
        required=_EMPLOYED | _BUSINESS,
        optional=_GRASSROOTS,
    ),
    Field(
        *("unit_industry", "单位行业", Block.DESTINATION, 4, ValueType.CODE, UNIT_INDUSTRY),
        required=_EMPLOYED,
        optional=_GRASSROOTS | _BUSINESS | _FREELANCE,
    ),
    Field(
        *("unit_location_code", "单位所在地", Block.DESTINATION, 6, ValueType.REGION),
        place="unit_location",
        required=_EMPLOYED | _GRASSROOTS | _BUSINESS | _FREELANCE,
        optional=_STUDY,
        group_titles={Group.STUDY: "院校所在地", Group.FREELANCE: "工作所在地"},
    ),
    Field("unit_location", "单位所在地", Block.DESTINATION, 120, importance=Importance.RESETS),
    Field(
        *("unit_address", "单位地址", Block.DESTINATION, 200),
        optional=_EMPLOYED | _GRASSROOTS | _BUSINESS,
        hint="写到门牌号",
    ),
    Field(
        *("unit_postcode", "单位邮编", Block.DESTINATION, 6, ValueType.POSTCODE),
        optional=_EMPLOYED | _GRASSROOTS | _BUSINESS,
    ),
    Field(
        *("unit_contact", "单位联系人", Block.DESTINATION, 80),
        required=_EMPLOYED | _GRASSROOTS,
        optional=_BUSINESS,
        hint="单位人事部门或负责人",
    ),
    Field(
        *("unit_phone", "联系电话", Block.DESTINATION, 40, ValueType.PHONE),
        required=_EMPLOYED | _GRASSROOTS,
        optional=_BUSINESS,
        hint="手机，或带区号的固定电话",
    ),
    Field(
        *("job_class", "工作职位类别", Block.DESTINATION, 4, ValueType.CODE, JOB_CLASS),
        required=_EMPLOYED | _FREELANCE,
        optional=_GRASSROOTS | _BUSINESS,
    ),
    Field(
        *("signed_on", "签约日期", Block.DESTINATION, 0, ValueType.DAY),
        required=_AGREED | _CONSCRIPT,
        optional=(_EMPLOYED - _AGREED) | _GRASSROOTS | _BUSINESS,
        group_titles={Group.CONSCRIPT: "入伍日期", Group.OWN_BUSINESS: "成立日期"},
    ),
    Field(
        *("study_country", "留学国家或地区", Block.DESTINATION, 80),
        required=_ABROAD,
        hint="如 英国",
    ),
    Field("study_school", "院校中文名称", Block.DESTINATION, 160, required=_ABROAD),
    Field(
        *("study_school_foreign", "院校外文名称", Block.DESTINATION, 200),
        required=_ABROAD,
        hint="与录取通知上的写法一致",
    ),
    Field(
        *("study_major", "专业中文名称", Block.DESTINATION, 120),
        required=_ABROAD,
        optional=_STUDY,
    ),
    Field(
        *("study_major_foreign", "专业外文名称", Block.DESTINATION, 200),
        required=_ABROAD,
        hint="与录取通知上的写法一致",
    ),
)

_FILE = (
    Field(
        *("file_type", "档案转递类型", Block.FILE, 20, ValueType.TRANSFER),
        importance=Importance.RESETS,
    ),
    Field(
        *("file_unit", "档案转递单位名称", Block.FILE, 120),
        where_it_goes=True,
        importance=Importance.RESETS,
        hint="单位或人才服务机构的全称",
    ),
    Field(
        *("file_location_code", "档案转递单位所在地", Block.FILE, 6, ValueType.REGION),
        place="file_location",
    ),
    Field("file_location", "档案转递单位所在地", Block.FILE, 120, importance=Importance.RESETS),
    Field(
        *("file_address", "档案转递单位地址", Block.FILE, 200),
        where_it_goes=True,
        hint="写到门牌号，机要或 EMS 寄达",
    ),
    Field(
        *("file_postcode", "档案转递单位邮编", Block.FILE, 6, ValueType.POSTCODE),
        importance=Importance.PRINTED,
    ),
    Field(
        *("file_contact", "档案转递联系人/联系部门", Block.FILE, 80),
        importance=Importance.PRINTED,
        hint="如 人事处、档案科",
    ),
    Field(
        *("file_phone", "档案转递联系电话", Block.FILE, 40, ValueType.PHONE),
        where_it_goes=True,
        importance=Importance.PRINTED,
        hint="接收单位的电话，不是您本人的",
    ),
)

_HOUSEHOLD = (
    Field(
        *("household_type", "户口迁移类型", Block.HOUSEHOLD, 20, ValueType.TRANSFER),
        importance=Importance.RESETS,
    ),
    Field(
        *("household_location_code", "户口迁移所在地", Block.HOUSEHOLD, 6, ValueType.REGION),
        place="household_location",
        where_it_goes=True,
    ),
    Field(
        *("household_location", "户口迁移所在地", Block.HOUSEHOLD, 120),
        importance=Importance.RESETS,
    ),
)

REGISTRATION = {each.name: each for each in (*_DESTINATION, *_FILE, *_HOUSEHOLD)}
"""All that a registration says, in the order of the form."""
ALL = {**{each.name: each for each in _BASIC}, **REGISTRATION}
IMPORTANT = {name: each for name, each in ALL.items() if each.importance is not Importance.NONE}
"""What the reports show and, where it resets, the confirmation page (重要字段)."""

PLACES = {each.name: each.place for each in REGISTRATION.values() if each.place}
"""Where something lies: the code of a region that is chosen, and the name that is kept with it."""
PLACE_CODES = {name: code for code, name in PLACES.items()}
FILE_BLOCK = tuple(each.name for each in _FILE)
HOUSEHOLD_BLOCK = tuple(each.name for each in _HOUSEHOLD)
OF_A_UNIT = tuple(
    name
    for name in REGISTRATION
    if (name.startswith("unit_") and name != "unit_name") or name == "job_class"
)
"""What is said of a unit besides its name."""


@dataclass(frozen=True)
class Asked:
    """What one category asks for, of the destination, in the order of the form."""

    required: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    """The required ones and those that may be left out."""
    form: tuple[str, ...] = ()
    """All that the form shows: the category, these, file and household."""


def asked(category: str) -> Asked:
    """Return what a category asks for; nothing where there is no such category."""
    return _asked(category[:2])


@lru_cache(maxsize=128)
def _asked(category: str) -> Asked:
    asking = [each for each in REGISTRATION.values() if category in each.required | each.optional]
    shown = tuple(each.name for each in asking)
    return Asked(
        tuple(each.name for each in asking if category in each.required),
        shown,
        ("category", *shown, *FILE_BLOCK, *HOUSEHOLD_BLOCK),
    )


def form_fields(category: str) -> tuple[str, ...]:
    """Return every field the form of a category shows: destination, file, household."""
    return asked(category).form


def title(name: str, category: str = "") -> str:
    """Return how the form of a category calls a field; a name that is no field's as it is."""
    if name not in ALL:
        return name
    group = categories.category_group(category)
    return (ALL[name].group_titles.get(group) if group else None) or ALL[name].title
