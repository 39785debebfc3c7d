"""What a program reads of something that went wrong (RFC 9457): a stable code, a sentence."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Response, g, json

from wxapp.core.logs import request_id

KIND = "application/problem+json"
CODES = {413: "content_too_large"}
"""Where Python's own name of a status differs between its versions."""
SENTENCES = {
    400: "请求无法识别，请对照接口文档核对。",
    401: "请求没有通过身份核验。",
    403: "没有这项权限。",
    404: "没有这个地址，或不在可访问的范围内，请对照接口文档核对。",
    405: "该地址不支持这种请求方法。",
    411: "请求须带 Content-Length，不接受分块传输。",
    413: "请求体过大，请减少每批的记录数。",
    415: "请求体须为未压缩的 UTF-8 编码 JSON（Content-Type: application/json）。",
    429: "请求过于频繁，请稍后重试。",
    500: "系统出现故障，本次请求没有保存，请稍后用同一内容重试。",
    503: "系统正忙，本次请求没有保存，请稍后用同一内容重试。",
}


def problem(
    status: int, code: str = "", sentence: str = "", more: Mapping[str, object] | None = None
) -> Response:
    """Return a problem document; the request's line in the log names its code."""
    g.refused = code or CODES.get(status) or HTTPStatus(status).name.lower()
    said = {
        "type": f"urn:quxiang:problem:{g.refused}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence or SENTENCES.get(status, SENTENCES[500]),
        "instance": f"urn:quxiang:request:{request_id()}",
        "code": g.refused,
    }
    return Response(json.dumps({**said, **(more or {})}), status, content_type=KIND)
