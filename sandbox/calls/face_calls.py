"""The face check, as Tencent Cloud's FaceID API 3.0 takes it: begun, and its outcome told."""

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.calls.asked import Asked
from sandbox.calls.cloud_calls import CloudRefusal, action_of, body_of, response
from sandbox.face_checks import FaceCheck
from sandbox.world import World

BEGIN, TELL = "DetectAuth", "GetDetectInfoEnhanced"
NUMBER = re.compile(r"\d{17}[\dX]")
OUTCOME_LIFE = 3 * 86_400
TEXT = "1"


def check_face(world: World, asked: Asked) -> dict[str, Any]:
    """Begin a check, or tell what became of one; raise CloudRefusal."""
    acts = {BEGIN: _begin, TELL: _tell}
    return response(acts[action_of(asked, tuple(acts))](world, asked))


def _begin(world: World, asked: Asked) -> dict[str, Any]:
    body = body_of(asked, ("RuleId", "IdCard", "Name", "RedirectUrl"))
    if not NUMBER.fullmatch(str(body["IdCard"])):
        raise CloudRefusal("InvalidParameterValue", "IdCard is no identity number.")
    if urlsplit(str(body["RedirectUrl"])).scheme not in ("https", "http"):
        raise CloudRefusal("InvalidParameterValue", "RedirectUrl is no address.")
    check = FaceCheck.asked_for(
        str(body["Name"]), str(body["IdCard"]), str(body["RedirectUrl"]), world.now()
    )
    world.save_face_check(check)
    return {"Url": f"{asked.origin}/face/{check.token}", "BizToken": check.token}


def _tell(world: World, asked: Asked) -> dict[str, Any]:
    body = body_of(asked, ("BizToken", "RuleId"))
    check = world.face_checks.by_token.get(str(body["BizToken"]))
    if check is None or world.now() - check.at > OUTCOME_LIFE:
        raise CloudRefusal("InvalidParameterValue.BizTokenIllegal", "BizToken is illegal.")
    with_pictures = str(body.get("InfoType") or "0") != TEXT
    if with_pictures:
        check.pictures = True
        world.save_face_check(check)
    return {
        "Text": _text(check),
        "IdCardData": {} if with_pictures else None,
        "BestFrame": {"BestFrame": "/9j/"} if with_pictures else None,
        "VideoData": {"LivenessVideo": "AAAA"} if with_pictures else None,
    }


def _text(check: FaceCheck) -> dict[str, Any]:
    tried = check.errcode is not None
    return {
        "ErrCode": check.errcode,
        "ErrMsg": check.errmsg,
        "IdCard": check.id_card if tried else "",
        "Name": check.name if tried else "",
        "LiveStatus": check.errcode,
        "LiveMsg": check.errmsg,
        "Comparestatus": check.errcode,
        "Comparemsg": check.errmsg,
        "Sim": ("91.20" if check.errcode == 0 else "12.40") if tried else None,
        "LivenessDetail": [],
    }
