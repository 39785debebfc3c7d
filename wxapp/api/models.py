"""What the interface takes and gives: one set of models that validates and that documents.

Names of a record are the national column codes (`registry.interface.national_names`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model

from registry.interface.national_names import NAMES
from registry.interface.pushing import MOST_ROWS, PushOutcome

SOURCE_ID = r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}"
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
_MOMENT = r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\+08:00|Z)$"


class Model(BaseModel):
    """What all have in common: types as they are written, no names that nobody knows."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


class VoidRecord(Model):
    """一条已作废的记录。其余字段可以省略，也不会被读取。"""

    model_config = ConfigDict(extra="ignore")

    source_id: Annotated[str, Field(pattern=f"^{SOURCE_ID}$", description="来源系统中的编号")]
    version: Annotated[int, Field(ge=1, le=2**53 - 1, description="版本，每次更改递增")]
    void: Annotated[Literal[True], Field(description="该去向已作废")]


class _Destination(Model):
    """一名毕业生的毕业去向：每次提交完整内容，未写的字段视为空。"""

    source_id: Annotated[str, Field(pattern=f"^{SOURCE_ID}$", description="来源系统中的编号")]
    version: Annotated[int, Field(ge=1, le=2**53 - 1, description="版本，每次更改递增")]
    void: Annotated[Literal[False], Field(description="未作废")] = False
    yxdm: Annotated[str, Field(pattern=r"^[0-9]{5}$", description="院校代码")]
    byjc: Annotated[str, Field(pattern=r"^20[0-9]{2}$", description="毕业届次，如 2026")]
    xm: Annotated[str, Field(min_length=1, max_length=80, pattern=_PRINTABLE, description="姓名")]
    ksh: Annotated[
        str, Field(max_length=32, pattern=r"^[0-9A-Za-z]*$", description="考生号，与学号至少一项")
    ] = ""
    xh: Annotated[
        str, Field(max_length=32, pattern=_PRINTABLE, description="学号，与考生号至少一项")
    ] = ""
    sbsj: Annotated[
        str | None,
        Field(
            pattern=_MOMENT, description="上报时间，如 2026-06-03T10:11:12+08:00；不写为收到时间"
        ),
    ] = None


def _text(title: str, limit: int) -> Any:  # noqa: ANN401 - what create_model takes
    about = Field(default="", max_length=limit, pattern=_PRINTABLE, description=title)
    return (str, about)


DestinationRecord: type[_Destination] = create_model(
    "DestinationRecord",
    __base__=_Destination,
    __doc__=_Destination.__doc__,
    **{each.name: _text(each.title, each.limit) for each in NAMES},
)
RECORDS = (DestinationRecord, VoidRecord)
ONE_OF = {"anyOf": [{"$ref": f"#/components/schemas/{each.__name__}"} for each in RECORDS]}
AnyRecord = Annotated[Mapping[str, Any], WithJsonSchema(ONE_OF)]
"""A record whose own shape is looked at row by row, so that one bad row refuses no other."""


class RecordBatch(Model):
    """一批记录。"""

    records: Annotated[list[AnyRecord], Field(max_length=MOST_ROWS)]


class Fault(Model):
    """一处问题。"""

    pointer: Annotated[str, Field(description="请求体中的位置（JSON Pointer）")]
    code: Annotated[str, Field(description="稳定的代码，供程序判断")]
    detail: Annotated[str, Field(description="说明")]


class RowAnswer(Model):
    """一条记录的处理结果，与请求的顺序一致。"""

    index: Annotated[int, Field(ge=0)]
    source_id: str
    outcome: PushOutcome
    version: Annotated[int, Field(description="现存的版本；未接收的为请求中的版本", ge=0)]
    errors: list[Fault] = []
    warnings: list[Fault] = []


class BatchAnswer(Model):
    """一批记录的处理结果。各项计数之和等于记录数。"""

    batch: Annotated[str, Field(description="本次请求的编号，联系平台时提供")]
    dry_run: Annotated[bool, Field(description="是否只核对、不保存")]
    counts: Annotated[dict[PushOutcome, int], Field(description="各种结果的条数")]
    results: list[RowAnswer]


class Change(Model):
    """本平台发生的一件事，以及发生时的状态。"""

    seq: Annotated[int, Field(ge=1)]
    kind: Annotated[
        Literal[
            "confirmed",
            "disputed",
            "dispute_withdrawn",
            "void_asked",
            "numbers_lapsed",
            "review_decided",
        ],
        Field(description="登记确认、反馈有误、撤销反馈、申请作废、编号失效、审核结果"),
    ]
    at: datetime
    source_id: Annotated[str | None, Field(description="来源系统中的编号；非接口登记的为 null")]
    version: Annotated[int | None, Field(description="当时的版本")]
    yxdm: str
    byjc: str
    ksh: str | None
    xh: str
    confirmation: Annotated[
        Literal["not_reported", "unconfirmed", "confirmed", "disputed"],
        Field(description="当时的登记确认状态"),
    ]
    items: Annotated[list[str], Field(description="反馈有误的部分")] = []
    numbers: Annotated[
        list[str], Field(description="失效的编号种类：file 档案、household 户口")
    ] = []
    purpose: Annotated[str | None, Field(description="审核事项")] = None
    level: Annotated[str | None, Field(description="审核级别")] = None
    passed: bool | None = None
    closed: bool | None = None


class ChangePage(Model):
    """一页变化。请在保存本页之后再保存 next。"""

    items: list[Change]
    next: Annotated[str, Field(description="下次请求的 after")]
    more: Annotated[bool, Field(description="后面是否还有")]


class SyncAnswer(Model):
    """一所学校的同步情况。"""

    yxdm: str
    yxmc: str
    synced_at: Annotated[datetime | None, Field(description="最近一次收到该校记录的时间")]
    day: Annotated[str, Field(description="计数所属日期（北京时间）")]
    counts: Annotated[dict[PushOutcome, int], Field(description="当日各种结果的条数")]
    rows: Annotated[int, Field(description="当日收到的条数")]
    error_share: Annotated[float, Field(description="当日未接收和版本冲突所占比例，0 至 1")]
    standing: Annotated[int, Field(description="现存未作废的记录数")]
    feed_unread: Annotated[int, Field(description="本省尚未读取的变化数")]
    feed_read_at: datetime | None


class HealthAnswer(Model):
    """签名有效，可以提交。"""

    status: Literal["ok"]
    time: Annotated[datetime, Field(description="平台时间，用于校准时钟")]
    keyid: str
    province: str


class Problem(Model):
    """出错时的说明（RFC 9457）。"""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: Annotated[str, Field(description="稳定的代码，供程序判断")]
    errors: list[Fault] = []
