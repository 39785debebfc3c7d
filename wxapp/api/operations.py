"""The table of operations: what is routed and what is documented, from the same rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response
from pydantic import BaseModel

from registry.interface import feed
from wxapp.api import views
from wxapp.api.door import blueprint
from wxapp.api.examples import (
    BATCH,
    BATCH_ANSWER,
    CHANGE_PAGE,
    HEALTH,
    RECORD,
    ROW_ANSWER,
    SYNC,
)
from wxapp.api.models import (
    ONE_OF,
    SOURCE_ID,
    BatchAnswer,
    ChangePage,
    HealthAnswer,
    RecordBatch,
    RowAnswer,
    SyncAnswer,
)

DRY_RUN = {
    "name": "dry_run",
    "in": "query",
    "description": "1：只核对，不保存；应答与保存时相同",
    "schema": {"type": "string", "enum": ["0", "1"], "default": "0"},
}
_IN_PATH = {"in": "path", "required": True}


@dataclass(frozen=True)
class Operation:
    """One operation."""

    method: str
    path: str
    view: Callable[..., Response]
    summary: str
    gives: type[BaseModel]
    example_answer: Mapping[str, Any]
    takes: Mapping[str, Any] = field(default_factory=dict)
    """The schema of the body; empty where it has none."""
    example: Mapping[str, Any] = field(default_factory=dict)
    parameters: tuple[Mapping[str, Any], ...] = ()
    statuses: Mapping[int, str] = field(default_factory=dict)
    """What else it is answered with than 200 and what every operation may be."""

    @property
    def rule(self) -> str:
        """Return the path as Flask writes it."""
        return self.path.replace("{", "<").replace("}", ">")


def _ref(model: type[BaseModel]) -> Mapping[str, Any]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


OPERATIONS = (
    Operation(
        *("PUT", "/records", views.put_records, "提交一批记录"),
        gives=BatchAnswer,
        example_answer=BATCH_ANSWER,
        takes=_ref(RecordBatch),
        example=BATCH,
        parameters=(DRY_RUN,),
    ),
    Operation(
        *("PUT", "/records/{source_id}", views.put_record, "提交一条记录"),
        gives=RowAnswer,
        example_answer=ROW_ANSWER,
        takes=ONE_OF,
        example=RECORD,
        parameters=(
            {
                **_IN_PATH,
                "name": "source_id",
                "schema": {"type": "string", "pattern": f"^{SOURCE_ID}$"},
            },
            DRY_RUN,
        ),
        statuses={201: "首次收到", 409: "版本冲突", 422: "未接收"},
    ),
    Operation(
        *("GET", "/changes", views.get_changes, "读取本平台发生的变化"),
        gives=ChangePage,
        example_answer=CHANGE_PAGE,
        parameters=(
            {
                "name": "after",
                "in": "query",
                "description": "上一页的 next；不写从现存的第一条开始",
                "schema": {"type": "string", "pattern": f"^{views.CURSOR}$"},
            },
            {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": feed.MOST, "default": 500},
            },
        ),
        statuses={409: "游标不属于当前数据", 410: "游标已超过保存期限"},
    ),
    Operation(
        *("GET", "/schools/{code}/sync", views.get_sync, "查询一所学校的同步情况"),
        gives=SyncAnswer,
        example_answer=SYNC,
        parameters=(
            {**_IN_PATH, "name": "code", "schema": {"type": "string", "pattern": "^[0-9]{5}$"}},
        ),
        statuses={404: "不是本省的学校（not_found），或该校不由接口同步（registers_here）"},
    ),
    Operation(
        *("GET", "/health", views.get_health, "核对签名和时钟"),
        gives=HealthAnswer,
        example_answer=HEALTH,
    ),
)

for each in OPERATIONS:
    blueprint.add_url_rule(
        each.rule,
        each.view.__name__,
        each.view,
        methods=[each.method],
        provide_automatic_options=False,
    )
