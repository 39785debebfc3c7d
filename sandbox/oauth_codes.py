"""OAuth codes and the user tokens they are exchanged for."""

import secrets
from dataclasses import dataclass, replace

from sandbox.errors import Refusal
from sandbox.phones import Phone

CODE_LIFE = 300
TOKEN_LIFE = 7_200
REFRESH_LIFE = 30 * 86_400


@dataclass(slots=True)
class Grant:
    """What a person allowed, and to whom it was given as a code."""

    openid: str
    scope: str
    snapshot: bool
    label: str
    at: float
    used: bool = False


@dataclass(frozen=True, slots=True)
class UserTokens:
    """What a code or a refresh token is exchanged for."""

    access: str
    refresh: str
    grant: Grant


def _new_token() -> str:
    return "99_" + secrets.token_urlsafe(64)


class Grants:
    """Codes and user tokens; a restart forgets them, as five minutes would."""

    def __init__(self) -> None:
        self._codes: dict[str, Grant] = {}
        self._tokens: dict[str, Grant] = {}
        self._refreshes: dict[str, Grant] = {}

    def give_code(self, phone: Phone, scope: str, at: float) -> str:
        """Return a code for this phone; a snapshot page gets one for a virtual person."""
        openid = phone.virtual_openid if phone.snapshot else phone.openid
        label = "微信用户" if phone.snapshot else phone.label
        code = "0" + secrets.token_hex(15) + "w"
        self._codes[code] = Grant(openid, scope, phone.snapshot, label, at)
        return code

    def exchange(self, code: str, at: float) -> UserTokens:
        """Return the tokens for a code; raise Refusal 40029, 40163 or 42003."""
        grant = self._codes.get(code)
        if grant is None:
            raise Refusal(40029)
        if grant.used:
            raise Refusal(40163)
        if at - grant.at > CODE_LIFE:
            raise Refusal(42003)
        grant.used = True
        tokens = UserTokens(_new_token(), _new_token(), replace(grant, at=at))
        self._refreshes[tokens.refresh] = self._tokens[tokens.access] = tokens.grant
        return tokens

    def refresh(self, token: str, at: float) -> UserTokens:
        """Return another user token for a refresh token, which stays; raise 40030 or 42002."""
        grant = self._refreshes.get(token)
        if grant is None:
            raise Refusal(40030)
        if at - grant.at > REFRESH_LIFE:
            raise Refusal(42002)
        tokens = UserTokens(_new_token(), token, replace(grant, at=at))
        self._tokens[tokens.access] = tokens.grant
        return tokens

    def living(self, token: str, openid: str, at: float) -> Grant:
        """Return what a user token of a person grants; raise Refusal 40001, 42001 or 40003."""
        grant = self._tokens.get(token)
        if grant is None:
            raise Refusal(40001)
        if at - grant.at > TOKEN_LIFE:
            raise Refusal(42001)
        if grant.openid != openid:
            raise Refusal(40003)
        return grant

    def holder(self, token: str, openid: str, at: float) -> Grant:
        """Return whom the user token tells more of; raise as `living` does, or Refusal 48001."""
        grant = self.living(token, openid, at)
        if grant.snapshot or grant.scope != "snsapi_userinfo":
            raise Refusal(48001)
        return grant
