"""A campus whose people are in 企业微信 (WeCom): its code is exchanged for a userid.

Source: 企业微信开发文档: 网页授权登录 (91022, 91023), 企业微信登录 (98152, 98176), 错误码 (90313).
There is no nonce and no signed answer: the state alone ties the way back to a browser. The token of
the school's application is kept as the account's own is: one for all processes.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import requests
from redis import Redis

from notifier.ledger import outcomes
from notifier.providers.bounded_fetch import FetchError, fetch
from notifier.providers.campus import (
    CampusAway,
    CampusRefused,
    CampusVisitor,
    connections_to,
    visitor_of,
)
from notifier.wechat.errors import GatewayError, Unavailable
from notifier.wechat.reading import Unreadable, errcode_of, number_of, read_object
from notifier.wechat.token_store import RedisTokenStore
from notifier.wechat.tokens import Granted, Tokens
from registry.base.clock import Clock
from registry.base.crypto import Vault
from runtime.campus_logins import CampusLogin

LONGEST_CODE = 512
NO_CODE = "of-nobody"
"""For a look at the server: it answers that it does not know it."""
BAD_CODE = 40029
REFUSED = {BAD_CODE: "bad_code", 42003: "late_code"}
TOKEN_ENDED = frozenset({40014, 41001, 42001})


class WecomServer:
    """The campus as the settings name it; threads may share it."""

    def __init__(self, login: CampusLogin, calls: "WecomCalls", tokens: Tokens) -> None:
        """Nothing is asked yet."""
        self.login = login
        self._calls = calls
        self._tokens = tokens

    def way_in(self, back: str, state: str, *, in_wechat: bool) -> str:
        """Return where a browser is led to sign in; it comes back to `back`.

        In 企业微信 and in WeChat people are signed in by that app, elsewhere by a code to scan.
        """
        login = self.login
        asked = {"appid": login.client_id, "redirect_uri": back, "state": state}
        asked["agentid"] = login.agent_id
        if in_wechat:
            asked |= {"response_type": "code", "scope": "snsapi_base"}
            return f"{login.open_url}/connect/oauth2/authorize?{urlencode(asked)}#wechat_redirect"
        asked["login_type"] = "CorpApp"
        return f"{login.desk_url}/wwlogin/sso/login?{urlencode(asked)}"

    def visitor(self, came: Mapping[str, str], back: str, state: str) -> CampusVisitor:
        """Return whose code came back. Raises CampusAway, CampusRefused."""
        del back, state  # taken back from this browser by who calls
        code = came.get("code", "")
        if not code or len(code) > LONGEST_CODE:
            raise CampusRefused("no_code")
        said = self._asked_about(code)
        userid = said.get("userid")
        if not isinstance(userid, str) or not userid:
            raise CampusRefused("not_member")  # an openid came: somebody of no school
        return visitor_of(self.login, userid, {"userid": [userid]}, f"user {userid}")

    def ended(self, said: Mapping[str, str], body: bytes) -> str | None:
        """Return None: it tells nobody that a session is over."""
        del said, body
        return None

    def way_out(self, back: str) -> str | None:
        """Return None: one does not sign out of the app by a page."""
        del back
        return None

    def looks(self) -> str:
        """Ask about a code that nobody has; that it is not known says that all is well.

        Raises CampusAway.
        """
        try:
            self._asked_about(NO_CODE)
        except CampusRefused as refused:
            return refused.code
        raise CampusAway("takes_any_code")

    def _asked_about(self, code: str) -> dict[str, Any]:
        """Return what is said of a code; once more with a new token where the old one ended."""
        token = self._token()
        said = self._calls.user_of(token, code)
        if said.get("errcode") in TOKEN_ENDED:
            said = self._calls.user_of(self._token(token), code)
        errcode = said["errcode"]
        if errcode in REFUSED:
            raise CampusRefused(REFUSED[errcode])
        if errcode:
            raise CampusAway(f"errcode_{errcode}")
        return said

    def _token(self, ended: str | None = None) -> str:
        failure = "no_token"
        try:
            if ended is not None:
                self._tokens.refused(ended)
            return self._tokens.current()
        except GatewayError as error:
            failure = error.detail or error.outcome.code
        raise CampusAway(failure)  # outside the handler: nothing of the call goes along


class WecomCalls:
    """The two calls, and nothing of secret, token or code in what they raise."""

    def __init__(self, login: CampusLogin, connections: requests.Session) -> None:
        """Nothing is asked yet."""
        self._login = login
        self._connections = connections

    def token(self, *, force: bool) -> Granted:
        """Return the application's token; it stays the same while it is good, `force` or not.

        Raises Unavailable, whose detail is one word.
        """
        del force
        secret = self._login.client_secret.get_secret_value()
        failure, granted = "no_token", None
        try:
            said = self._asked("gettoken", corpid=self._login.client_id, corpsecret=secret)
            failure, granted = f"errcode_{said['errcode']}", _granted(said)
        except CampusAway as error:
            failure = error.code
        if granted is None:
            raise Unavailable(outcomes.NOT_SENT, detail=failure)
        return granted

    def user_of(self, token: str, code: str) -> dict[str, Any]:
        """Return what is said of a code, with an errcode, 0 for none. Raises CampusAway."""
        return self._asked("auth/getuserinfo", access_token=token, code=code)

    def _asked(self, call: str, **query: str) -> dict[str, Any]:
        address, failure = f"{self._login.server}/cgi-bin/{call}", "bad_answer"
        try:
            answer = fetch(self._connections, address, query=query)
            if answer.status == 200:
                said = read_object(answer.body)
                return said | {"errcode": errcode_of(said) or 0}
            failure = f"status_{answer.status}"
        except FetchError as error:
            failure = error.code
        except Unreadable:
            failure = "bad_answer"
        raise CampusAway(failure)


def _granted(said: Mapping[str, Any]) -> Granted | None:
    token, seconds = said.get("access_token"), number_of(said.get("expires_in"))
    if said["errcode"] or not isinstance(token, str) or not token or not seconds or seconds < 0:
        return None
    return Granted(token, seconds)


def open_wecom(login: CampusLogin, redis: Redis, vault: Vault, clock: Clock) -> WecomServer:
    """Open a campus of 企业微信, whose token all processes share."""
    calls = WecomCalls(login, connections_to(login))
    store = RedisTokenStore(redis, vault, login.client_id, f"wecom:{login.agent_id}")
    return WecomServer(login, calls, Tokens(calls.token, store, clock))
