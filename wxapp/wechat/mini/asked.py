"""What the mini program sends, as it must be: JSON of known fields, nothing longer than it is."""

from typing import Annotated, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from registry.base.errors import RuleError

MOST_BYTES = 8 * 1024
UNREADABLE = RuleError("request_unreadable", "请求无法识别，请更新小程序后重试。")

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Secret = Annotated[str, Field(pattern=r"^[A-Za-z0-9_+/=-]{32,200}$")]
TemplateId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{0,64}$")]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LoginRequest(_Asked):
    """Who wants to be signed in, by which codes, on which device."""

    login_code: Code
    device: Digest
    phone_code: Code | None = None
    consent_version: Name | None = None
    to: Name = ""
    message: Name = ""


class DeviceRequest(_Asked):
    """Which device asks: by the secret that it keeps."""

    secret: Secret


class NoticesRequest(_Asked):
    """What she answered when she was asked for one-time notices, by template, as WeChat says it."""

    secret: Secret
    answers: Annotated[dict[TemplateId, Annotated[str, Field(max_length=40)]], Field(max_length=10)]


Asked = TypeVar("Asked", bound=_Asked)


def read(shape: type[Asked]) -> Asked:
    """Return what was sent; raise RuleError `request_unreadable`."""
    request.max_content_length = MOST_BYTES
    if request.mimetype != "application/json":
        raise UNREADABLE
    try:
        return shape.model_validate_json(request.get_data())
    except ValidationError:
        raise UNREADABLE from None
