"""The one call that spends the account's secret: POST /cgi-bin/stable_token.

Unlike /cgi-bin/token, it gives the same token to everybody who asks while that one is good, and no
other program of the account makes it invalid by asking for one of its own.
"""

from typing import Any

import requests

from notifier.ledger import outcomes
from notifier.ledger.outcomes import Reaction
from notifier.providers.connections import TIMEOUT
from notifier.providers.scrubbing import request_id, scrub
from notifier.wechat.errors import GatewayError, TokenError, Unavailable
from notifier.wechat.tokens import Granted
from runtime.settings import Settings

# The token call answers 40001 for a wrong secret; every other call means a wrong token by it.
_MEANS = {40001: 40125}


def fetch_stable_token(
    settings: Settings, connections: requests.Session, *, force: bool
) -> Granted:
    """Return the account's stable token; `force` ends the one before (20 a day, 30 s apart).

    Raises TokenError when the account is at fault, Unavailable for everything that may pass.
    """
    failure: GatewayError | None = None
    answer: dict[str, Any] = {}
    try:
        answer = _ask(settings, connections, force=force)
        if not answer.get("errcode"):
            return Granted(str(answer["access_token"]), int(answer["expires_in"]))
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        failure = Unavailable(outcomes.NOT_SENT, detail=type(error).__name__)
    # Raised outside the handler, so that the context keeps nothing of the request either.
    raise failure or _refusal(answer, settings.wechat_app_secret.get_secret_value())


def _ask(settings: Settings, connections: requests.Session, *, force: bool) -> dict[str, Any]:
    question = {
        "grant_type": "client_credential",
        "appid": settings.wechat_app_id,
        "secret": settings.wechat_app_secret.get_secret_value(),
        "force_refresh": force,
    }
    url = f"{settings.wechat_api_url}/cgi-bin/stable_token"
    response = connections.post(url, json=question, timeout=TIMEOUT, allow_redirects=False)
    answer = response.json()
    if not isinstance(answer, dict) or not response.ok:
        raise TypeError("not an answer of the platform")
    return answer


def _refusal(answer: dict[str, Any], secret: str) -> GatewayError:
    errcode, said = int(answer["errcode"]), str(answer.get("errmsg", ""))
    outcome = outcomes.of(_MEANS.get(errcode, errcode))
    detail = scrub(said, secret)
    if outcome.reaction is not Reaction.ACCOUNT:
        return Unavailable(outcomes.NOT_SENT, detail=f"errcode {errcode} {detail}")
    return TokenError(outcome, errcode=errcode, detail=detail, rid=request_id(said))
