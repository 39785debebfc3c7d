"""The address that asks WeChat who a visitor is, silently (snsapi_base)."""

from urllib.parse import urlencode

from notifier.settings import Settings

CALLBACK = "/wechat/oauth"


def authorize_url(settings: Settings, state: str) -> str:
    """Return where to send the browser; it comes back to `/wechat/oauth` with a code.

    WeChat wants the parameters in this order, and the fragment at the end.
    """
    query = urlencode(
        {
            "appid": settings.wechat_app_id,
            "redirect_uri": settings.public_url + CALLBACK,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
    )
    return f"{settings.wechat_open_url}/connect/oauth2/authorize?{query}#wechat_redirect"
