"""What all calls of Tencent Cloud's API 3.0 have in common: headers, bodies, refusals in words."""

import uuid
from typing import Any

from sandbox.calls.asked import Asked
from sandbox.errors import Refusal

Answer = dict[str, Any]


class CloudRefusal(Refusal):
    """The provider refuses the whole call; its codes are words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(-1, message)
        self.code = code


def action_of(asked: Asked, actions: tuple[str, ...]) -> str:
    """Return the action a signed call names; raise CloudRefusal for another or no signature."""
    if not asked.headers.get("Authorization", "").startswith("TC3-HMAC-SHA256 "):
        raise CloudRefusal("AuthFailure.SignatureFailure", "The provided credentials are invalid.")
    action = asked.headers.get("X-TC-Action", "")
    if action not in actions:
        raise CloudRefusal("InvalidAction", "The request action is invalid.")
    return action


def body_of(asked: Asked, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the body; raise CloudRefusal for none, or one without what is needed."""
    try:
        body = asked.body()
    except Refusal:
        raise CloudRefusal("InvalidRequest", "The body is no JSON object.") from None
    for name in needed:
        if not body.get(name):
            raise CloudRefusal("MissingParameter", f"The request is missing the parameter {name}.")
    return body


def response(content: Answer) -> Answer:
    """Return an answer in the provider's form."""
    return {"Response": content | {"RequestId": str(uuid.uuid4())}}


def refused_in_words(refusal: Refusal) -> Answer:
    """Return a refusal in the provider's form."""
    code = refusal.code if isinstance(refusal, CloudRefusal) else "InternalError"
    return response({"Error": {"Code": code, "Message": refusal.errmsg}})


def ordered_in_words(_errcode: int, errmsg: str) -> Refusal:
    """Return the refusal a fault orders: its text is the provider's code."""
    return CloudRefusal(errmsg or "InternalError", "The sandbox was told to refuse.")
