"""wechatpy's client, made safe: our address, timeouts, no retries of its own, no leaking texts.

What it would do by itself (1.8.18): wait for ever, retry a refused token without end, return a page
of HTML as if it were an answer, and put the secret into the text of network errors.
"""

from functools import partial
from typing import Any

import requests
from redis import Redis
from typing_extensions import override
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

from notifier.ledger import outcomes
from notifier.ledger.outcomes import Reaction
from notifier.providers.connections import TIMEOUT, open_connections
from notifier.providers.scrubbing import request_id, scrub
from notifier.wechat.errors import GatewayError, Refused, TokenError, Unavailable
from notifier.wechat.page_signature import fetch_ticket
from notifier.wechat.reading import Unreadable, read_object
from notifier.wechat.token_call import App, fetch_stable_token
from notifier.wechat.token_store import RedisTokenStore
from notifier.wechat.tokens import Tokens
from registry.base.clock import Clock
from runtime.settings import Settings


class Client(WeChatClient):  # type: ignore[misc]  # wechatpy is published without types
    """The one client of an account in a process; threads may share it."""

    def __init__(self, settings: Settings, app: App, redis: Redis, clock: Clock) -> None:
        """Open a pool of connections to the configured address."""
        app_id, secret = app.app_id, app.secret.get_secret_value()
        super().__init__(app_id, secret, timeout=TIMEOUT, auto_retry=False)
        self.host = settings.wechat_api_url
        self.API_BASE_URL = f"{self.host}/cgi-bin/"
        self._http = open_connections(self.host)
        fetch = partial(fetch_stable_token, self.host, app, self._http)
        store = RedisTokenStore(redis, settings.vault(), app_id)
        self.tokens = Tokens(fetch, store, clock)
        tickets = RedisTokenStore(redis, settings.vault(), app_id, "page-ticket")
        self.page_tickets = Tokens(partial(fetch_ticket, self), tickets, clock)

    def call_without_token(self, path: str, parameters: dict[str, str]) -> dict[str, Any]:
        """GET, once, a path that wants the secret rather than the token.

        Raises Refused, Unavailable.
        """
        # wechatpy adds the account's token to parameters that are a dict, and only to those.
        answer: dict[str, Any] = self._once(
            "get", f"{self.host}{path}", {"params": list(parameters.items())}
        )
        return answer

    @override
    def _request(self, method: str, url_or_endpoint: str, **request: Any) -> Any:
        """Call with the present token; when that is refused, once more with another."""
        token = self.tokens.current()
        try:
            return self._once(method, url_or_endpoint, _carrying(request, token))
        except Refused as error:
            if error.outcome.reaction is not Reaction.TOKEN:
                raise
        self.tokens.refused(token)
        return self._second_try(method, url_or_endpoint, request)

    def _second_try(self, method: str, url_or_endpoint: str, request: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON of many shapes
        try:
            token = self.tokens.current()
            return self._once(method, url_or_endpoint, _carrying(request, token))
        except Refused as error:
            if error.outcome.reaction is not Reaction.TOKEN:
                raise
            again = TokenError(outcomes.TOKEN_LOST, errcode=error.errcode, rid=error.rid)
        raise again

    def _once(self, method: str, url_or_endpoint: str, request: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON of many shapes
        """Call once; every failure leaves as a GatewayError that holds nothing of the request."""
        failure: GatewayError
        try:
            return super()._request(method, url_or_endpoint, allow_redirects=False, **request)
        except requests.RequestException as error:
            failure = Unavailable(detail=type(error).__name__)
        except WeChatClientException as error:
            failure = self._failure(error, request)
        except (KeyError, TypeError, ValueError) as error:
            failure = Unavailable(outcomes.BAD_ANSWER, detail=type(error).__name__)
        raise failure  # outside the handlers, so that its context keeps no address either

    def _failure(self, error: WeChatClientException, request: dict[str, Any]) -> GatewayError:
        if error.errcode is None:
            status = getattr(error.response, "status_code", "")
            return Unavailable(outcomes.BAD_ANSWER, detail=f"HTTP {status}")
        said = str(error.errmsg)
        carried = (value for _, value in dict(request["params"]).items())
        return Refused(
            outcomes.of(error.errcode),
            errcode=error.errcode,
            detail=scrub(said, self.secret, *carried),
            rid=request_id(said),
        )

    @override
    def _decode_result(self, res: requests.Response) -> dict[str, Any]:
        """Return the JSON object; raise for anything else, which is no answer of the platform."""
        if res.is_redirect:
            raise Unreadable("not an answer of the platform")
        return read_object(res.content)

    @override
    def fetch_access_token(self) -> None:
        """Refuse: tokens come from notifier.wechat.tokens, which every call asks first."""
        raise TokenError(outcomes.TOKEN_LOST, detail="a call went round the tokens")


def _carrying(request: dict[str, Any], token: str) -> dict[str, Any]:
    return {**request, "params": {**request.get("params", {}), "access_token": token}}
