"""The schools' own sign-ins (统一身份认证), as the file names them that a setting leads to.

One table of TOML for each, its name the one that stands in addresses:

    [qinghe]
    school = "99001"
    protocol = "cas"
    server = "https://cas.qinghe.example/cas"
"""

import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import NoDecode

from runtime.addresses import SealedUrl

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
WECOM_USUAL = {"server": "https://qyapi.weixin.qq.com", "title": "企业微信"}
"""What 企业微信 is where its settings do not say otherwise."""
VALIDATE_PATH = "/p3/serviceValidate"
"""Of CAS 3, which answers with attributes; CAS 2 has `/serviceValidate`."""


class CampusProtocol(StrEnum):
    """What a campus speaks."""

    CAS = "cas"
    OIDC = "oidc"
    WECOM = "wecom"
    """企业微信."""


class CampusAudience(StrEnum):
    """Whom a campus signs in here."""

    STAFF = "staff"
    GRADUATES = "graduates"


EVERYBODY = frozenset(CampusAudience)


class StatePlace(StrEnum):
    """Where the state stands that ties the way back to a browser."""

    ADDRESS = "address"
    SESSION = "session"
    """For a campus that admits one address alone, without a query."""


class CampusLogin(BaseModel):
    """One sign-in of a school."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=NAME.pattern)
    """As it stands in addresses; of the file the table's own."""
    school: str = Field(pattern=r"^[0-9]{5}$")
    """The school's code: whom it may sign in, whatever the campus says."""
    protocol: CampusProtocol
    server: SealedUrl
    """CAS: the address before `/login`; OIDC: the issuer; 企业微信: the address of its calls."""
    title: str = Field("统一身份认证", min_length=1, max_length=20)
    audience: frozenset[CampusAudience] = Field(
        frozenset(CampusAudience), alias="for", min_length=1
    )
    number: str = ""
    """The attribute that holds 工号 or 学号; empty: what the campus signs in by."""
    kind: str = ""
    """The attribute that says what somebody is, if it says so."""
    staff_kinds: frozenset[str] = frozenset()
    graduate_kinds: frozenset[str] = frozenset()
    asks_second_factor: bool = False
    """The campus asks everybody for a second factor: it is not asked for here again."""
    ca_bundle: Path | None = None
    """Certificates of a campus that has an authority of its own."""

    validate_path: str = Field(VALIDATE_PATH, pattern=r"^/[A-Za-z0-9/_-]+$")
    state_in: StatePlace = StatePlace.ADDRESS

    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    scope: str = "openid profile"
    algorithm: Literal["RS256", "PS256", "ES256", "HS256"] = "RS256"
    """What ID tokens are signed with: never what a token says of itself."""
    typed_logout: bool = True
    """A logout token says that it is one, by the type in its header (`logout+jwt`)."""

    agent_id: str = Field("", pattern=r"^[0-9]{0,12}$")
    """企业微信: AgentId of the school's own application; `client_id` is CorpID."""
    open_url: SealedUrl = "https://open.weixin.qq.com"
    """Where people are signed in who come in 企业微信 or WeChat."""
    desk_url: SealedUrl = "https://login.work.weixin.qq.com"
    """Where they scan a code who come by another browser."""

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, given: object) -> object:
        is_wecom = isinstance(given, dict) and given.get("protocol") == CampusProtocol.WECOM
        return WECOM_USUAL | given if is_wecom and isinstance(given, dict) else given

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.ca_bundle is not None and not self.ca_bundle.is_file():
            raise ValueError(f"ca_bundle: there is no {self.ca_bundle}")
        if (self.staff_kinds or self.graduate_kinds) and not self.kind:
            raise ValueError("kind: name the attribute that staff_kinds and graduate_kinds are of")
        if self.protocol is not CampusProtocol.CAS:
            self._check_client()
        if self.protocol is CampusProtocol.WECOM:
            self._check_wecom()
        return self

    def _check_client(self) -> None:
        if not self.client_id or not self.client_secret.get_secret_value():
            raise ValueError("client_id, client_secret: the campus gives them out")
        if self.protocol is CampusProtocol.OIDC and "openid" not in self.scope.split():
            raise ValueError("scope: openid has to be among it")
        if self.state_in is not StatePlace.ADDRESS:
            raise ValueError(f"state_in: {self.protocol} has a place of its own for the state")

    def _check_wecom(self) -> None:
        if not self.agent_id:
            raise ValueError("agent_id: the AgentId of the application in 企业微信")
        if self.number or self.kind:
            raise ValueError("number, kind: 企业微信 names the userid alone, which is the number")

    @property
    def issuer(self) -> str:
        """Return what a bound subject is a subject of; another address is another issuer."""
        if self.protocol is CampusProtocol.WECOM:
            return f"{self.server}/{self.client_id}"  # its address is the same for all schools
        return self.server

    @property
    def signs_in_staff(self) -> bool:
        """Say whether staff sign in by it."""
        return CampusAudience.STAFF in self.audience

    @property
    def binds_graduates(self) -> bool:
        """Say whether graduates prove by it who they are."""
        return CampusAudience.GRADUATES in self.audience


def _read(value: object) -> object:
    """Read the file that a setting names; empty for no sign-in at all."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return ()
    try:
        tables = tomllib.loads(Path(value).read_text(encoding="utf-8"))
    except OSError:
        raise ValueError(f"cannot read {value}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{value} is no TOML: {error}") from None
    return tuple(_named(name, table) for name, table in tables.items())


def _named(name: str, table: object) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise ValueError(f"{name}: write [name-of-the-sign-in] above it")  # noqa: TRY004 - pydantic wants it so
    return {**table, "name": name}


CampusLogins = Annotated[tuple[CampusLogin, ...], NoDecode, BeforeValidator(_read)]
