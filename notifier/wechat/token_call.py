"""The one call that spends the account's secret: POST /cgi-bin/stable_token.

Unlike /cgi-bin/token, it gives the same token to everybody who asks while that one is good, and no
other program of the account makes it invalid by asking for one of its own.
"""

from dataclasses import dataclass
from typing import Any

import requests
from pydantic import SecretStr

from notifier.ledger import outcomes
from notifier.ledger.outcomes import Reaction
from notifier.providers.connections import TIMEOUT
from notifier.providers.scrubbing import request_id, scrub
from notifier.wechat.errors import GatewayError, TokenError, Unavailable
from notifier.wechat.reading import Unreadable, errcode_of, number_of, read_object
from notifier.wechat.tokens import Granted
from runtime.settings import Settings

# The token call answers 40001 for a wrong secret; every other call means a wrong token by it.
_MEANS = {40001: 40125}


@dataclass(frozen=True)
class App:
    """The service account, or the mini program beside it: each has tokens of its own."""

    app_id: str
    secret: SecretStr


def account_of(settings: Settings) -> App:
    """Return the service account."""
    return App(settings.wechat_app_id, settings.wechat_app_secret)


def mini_program_of(settings: Settings) -> App:
    """Return the mini program; its id is empty where there is none."""
    return App(settings.mini_app_id, settings.mini_app_secret)


def fetch_stable_token(
    host: str, app: App, connections: requests.Session, *, force: bool
) -> Granted:
    """Return the app's stable token; `force` ends the one before (20 a day, 30 s apart).

    Raises TokenError when the account is at fault, Unavailable for everything that may pass.
    """
    failure: GatewayError | None = None
    answer: dict[str, Any] = {}
    errcode: int | None = None
    try:
        answer = _ask(host, app, connections, force=force)
        errcode = errcode_of(answer)
        if not errcode:
            return _granted(answer)
    except (requests.RequestException, Unreadable) as error:
        failure = Unavailable(outcomes.NOT_SENT, detail=type(error).__name__)
    # Raised outside the handler, so that the context keeps nothing of the request either.
    secret = app.secret.get_secret_value()
    raise failure or _refusal(errcode or 0, str(answer.get("errmsg", "")), secret)


def _ask(host: str, app: App, connections: requests.Session, *, force: bool) -> dict[str, Any]:
    question = {
        "grant_type": "client_credential",
        "appid": app.app_id,
        "secret": app.secret.get_secret_value(),
        "force_refresh": force,
    }
    url = f"{host}/cgi-bin/stable_token"
    response = connections.post(url, json=question, timeout=TIMEOUT, allow_redirects=False)
    if not response.ok:
        raise Unreadable("not an answer of the platform")
    return read_object(response.content)


def _granted(answer: dict[str, Any]) -> Granted:
    """Read a token and its seconds; raises Unreadable for what is none, such as null."""
    token, seconds = answer.get("access_token"), number_of(answer.get("expires_in"))
    if not isinstance(token, str) or not token or seconds is None or seconds <= 0:
        raise Unreadable("no token")
    return Granted(token, seconds)


def _refusal(errcode: int, said: str, secret: str) -> GatewayError:
    outcome = outcomes.of(_MEANS.get(errcode, errcode))
    detail = scrub(said, secret)
    if outcome.reaction is not Reaction.ACCOUNT:
        return Unavailable(outcomes.NOT_SENT, detail=f"errcode {errcode} {detail}")
    return TokenError(outcome, errcode=errcode, detail=detail, rid=request_id(said))
