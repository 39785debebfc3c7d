"""The document of the interface (OpenAPI 3.1), from the models that validate and the operations."""

from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, json
from pydantic.json_schema import models_json_schema

from registry.interface import keys
from wxapp.api.door import MOST_BYTES
from wxapp.api.models import (
    BatchAnswer,
    ChangePage,
    DestinationRecord,
    HealthAnswer,
    Problem,
    RecordBatch,
    RowAnswer,
    SyncAnswer,
    VoidRecord,
)
from wxapp.api.operations import OPERATIONS, Operation
from wxapp.core.problems import KIND

blueprint = Blueprint("openapi", __name__)

_TAKEN = (RecordBatch, DestinationRecord, VoidRecord)
_GIVEN = (BatchAnswer, RowAnswer, ChangePage, SyncAnswer, HealthAnswer, Problem)
_ABOUT = (
    "省级就业管理系统与全国高校毕业生毕业去向登记平台的实时同步接口。每个请求按 RFC 9421 签名，"
    "请求体摘要按 RFC 9530；签名方法、示例程序和联调步骤见《省级系统接入说明》。"
)
_SIGNATURE = {
    "type": "apiKey",
    "in": "header",
    "name": "Signature",
    "description": (
        "RFC 9421 消息签名，标签 sig1；另须带 Signature-Input 和 Content-Digest。"
        "每个 nonce 只能使用一次，created 与平台时间相差不超过 300 秒。"
    ),
}
_OF_ALL = {
    400: "请求无法识别",
    401: "签名无效",
    422: "参数或内容不符合规定",
    429: "超过每分钟的条数",
    500: "系统故障",
    503: "系统正忙",
}
_WITH_BODY = {411: "缺少 Content-Length", 413: "请求体过大", 415: "请求体不是 JSON"}


@blueprint.get("/api/openapi.json", provide_automatic_options=False)
def document() -> Response:
    """Give the document; it is the same for everybody."""
    return Response(json.dumps(described()), content_type="application/json")


@lru_cache(maxsize=1)
def described() -> dict[str, Any]:
    """Return the document."""
    paths: dict[str, dict[str, Any]] = {}
    for each in OPERATIONS:
        path = paths.setdefault(f"/api/province/v1{each.path}", {})
        path[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "省级就业管理系统同步接口",
            "version": "1.0.0",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": "province", "description": "省级就业管理系统"}],
        "security": [{"signature": []}],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": {"signature": _SIGNATURE}},
    }


def _schemas() -> dict[str, Any]:
    taken = [(each, "validation") for each in _TAKEN]
    given = [(each, "serialization") for each in _GIVEN]
    _, found = models_json_schema(
        [*taken, *given],  # type: ignore[list-item]  # the mode is a literal, which a list forgets
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _operation(operation: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": operation.view.__name__,
        "summary": operation.summary,
        "description": _limits(operation),
        "tags": ["province"],
        "parameters": list(operation.parameters),
        "responses": _responses(operation),
    }
    if operation.takes:
        content = {"schema": operation.takes, "example": operation.example}
        said["requestBody"] = {"required": True, "content": {"application/json": content}}
    return said


def _limits(operation: Operation) -> str:
    rows = f"每个密钥每分钟最多 {keys.ROWS_A_MINUTE} 条，应答头 RateLimit 说明剩余条数。"
    return rows + (f"请求体最多 {MOST_BYTES // 1024 // 1024} MiB。" if operation.takes else "")


def _responses(operation: Operation) -> dict[str, Any]:
    good = {
        "description": operation.summary,
        "content": {
            "application/json": _content(operation.gives.__name__, dict(operation.example_answer))
        },
    }
    others = {**_OF_ALL, **(_WITH_BODY if operation.takes else {}), **operation.statuses}
    told = {status: _problem(words) for status, words in others.items()}
    if 201 in told:
        told[201] = {**good, "description": others[201]}
    return {str(status): each for status, each in sorted({200: good, **told}.items())}


def _problem(words: str) -> dict[str, Any]:
    content = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": words, "content": {KIND: content}}


def _content(model: str, example: dict[str, Any]) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{model}"}, "example": example}
