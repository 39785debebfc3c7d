"""The platform's refusals: their codes and the texts it sends with them."""

ERRMSG: dict[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40018: "invalid button name size",
    40029: "invalid code",
    40036: "invalid template_id size",
    40037: "invalid template_id",
    40039: "invalid url size",
    40048: "invalid url domain",
    40097: "invalid args",
    40125: "invalid appsecret",
    40163: "code been used",
    40164: "invalid ip, not in whitelist",
    40249: "template message blocked for illegal content",
    41001: "access_token missing",
    42001: "access_token expired",
    42003: "code expired",
    43004: "require subscribe",
    43019: "require remove blacklist",
    43101: "user refuse to accept the msg",
    43116: "template is banned",
    43117: "too many messages to this user",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45026: "template num exceeds limit",
    45067: "clientmsgid size exceeds limit",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48004: "api forbidden for irregularities",
    48006: "forbid to clear quota because of reaching the limit",
    50002: "user limited",
    89503: "ip needs confirmation by the administrator",
}


class Refusal(Exception):
    """The platform says no: a code and, where it differs from the usual one, a text."""

    def __init__(self, errcode: int, errmsg: str = "") -> None:
        self.errcode = errcode
        self.errmsg = errmsg or ERRMSG.get(errcode, "error")
        super().__init__(f"{errcode} {self.errmsg}")
