"""Where a browser is sent to prove a WeChat identity: silently, and only an openid comes back."""

import re
from urllib.parse import quote

from runtime.settings import Settings

RETURN_PATH = "/wechat/oauth"
_STATE = re.compile(r"[0-9A-Za-z]{1,128}")


def authorize_url(settings: Settings, state: str) -> str:
    """Return the address of a silent round (snsapi_base) that comes back to RETURN_PATH.

    WeChat admits letters and digits, 128 at most, in a state; raises ValueError for another.
    """
    if not _STATE.fullmatch(state):
        raise ValueError("a state is 1 to 128 letters and digits")
    back = quote(f"{settings.public_url}{RETURN_PATH}", safe="")
    # WeChat wants the parameters in this order.
    return (
        f"{settings.wechat_open_url}/connect/oauth2/authorize"
        f"?appid={quote(settings.wechat_app_id, safe='')}&redirect_uri={back}"
        f"&response_type=code&scope=snsapi_base&state={state}#wechat_redirect"
    )
