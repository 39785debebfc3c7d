"""Every setting, read once from the environment; all are right or the service does not start."""

import os
from datetime import time
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from registry.base import retention as retention_terms
from registry.base.crypto import Vault
from registry.base.retention import Retention
from runtime import database_url, redis_client
from runtime.addresses import (
    BaseUrl,
    base_url,
    is_readable_on_the_way,
    is_this_machine,
    sealed_url,
)
from runtime.campus_logins import CampusLogins
from runtime.check_files import CheckFiles
from runtime.key_settings import Keys, KeysOrNone
from runtime.mini_notices import MiniNotices

PREFIX = "QUXIANG_"
FOR_TESTS = f"{PREFIX}TEST_"
SECRET_LENGTH = 32
ENCODING = "utf-8-sig"  # some editors put a mark before it
AES_KEY_LENGTH = 43
WECHAT_ITSELF = "https://open.weixin.qq.com"
"""Where people sign in at WeChat, which answers within WeChat alone; a stand-in answers all."""


class SettingsError(Exception):
    """Everything wrong with the settings, a line a complaint. Carries no secret's value."""


def _hours(value: object) -> object:
    """Read `22:00-08:00`; empty for none."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    start, dash, end = value.partition("-")
    if not dash:
        raise ValueError("write 22:00-08:00, or nothing")
    return (time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))


def _keep(value: object) -> object:
    """Read `evidence:48,audit:60`, in months."""
    if not isinstance(value, str):
        return value
    pairs = [part.strip().partition(":") for part in value.split(",") if part.strip()]
    if not all(months.strip().isdigit() for _, _, months in pairs):
        raise ValueError("write evidence:48,audit:60, in months")
    return retention_terms.longer({name.strip(): int(months) for name, _, months in pairs})


def checked_site_url(value: str) -> str:
    """Read the address of a whole site; raise ValueError for another, as one below a path."""
    site = base_url(value)
    if urlsplit(site).path:
        raise ValueError(
            "write https://host without a path: the service has a host name of its own"
        )
    return site


def _roles(value: object) -> object:
    """Read `operator,province`; empty for none."""
    return (
        [each.strip() for each in value.split(",") if each.strip()]
        if isinstance(value, str)
        else value
    )


SiteUrl = Annotated[str, AfterValidator(checked_site_url)]
DatabaseUrl = Annotated[str, AfterValidator(database_url.checked_url)]
RedisUrl = Annotated[str, AfterValidator(redis_client.checked_url)]
Keep = Annotated[Retention, NoDecode, BeforeValidator(_keep)]
Hours = Annotated[tuple[time, time] | None, NoDecode, BeforeValidator(_hours)]
StaffRole = Literal[
    "school",
    "department",
    "counsellor",
    "province",
    "operator",
    "receiver",
    "employer",
    "ministry",
]
Roles = Annotated[frozenset[StaffRole], NoDecode, BeforeValidator(_roles)]
IndexKey = Annotated[SecretStr, Field(min_length=SECRET_LENGTH)]


class Settings(BaseSettings):
    """The settings; names are `QUXIANG_` and the field's name in capitals (docs/operations.md).

    What stands below each is written into new settings (`quxiang init`).
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, use_attribute_docstrings=True
    )

    database_url: DatabaseUrl = Field(repr=False)
    """The database: postgresql://user:password@host/name, or sqlite:////file for a trial."""
    owner_database_url: DatabaseUrl | None = Field(None, repr=False)
    """The same database as the role that owns its tables: for `quxiang db upgrade` alone."""
    redis_url: RedisUrl = Field(repr=False)
    """Redis or Valkey: redis://user:password@host:6379/0, rediss:// with TLS."""
    public_url: SiteUrl
    """Where people reach the service: https and a host name of its own."""
    secret_key: SecretStr = Field(min_length=SECRET_LENGTH)
    """Signs forms; 32 random characters or more."""
    data_keys: Keys
    """Encrypt identity numbers and phones: id:key,id:key, newest first, 32 bytes in base64 each.
    Keep a copy in a safe: without them nobody reads a backup."""
    index_key: IndexKey
    """Makes what is encrypted findable; 32 random characters or more. Keep a copy in a safe."""
    index_key_other: IndexKey | None = None
    """The next or the earlier index key, while it changes: rows are found under either."""
    forwarding_keys: KeysOrNone = Field(default_factory=dict)
    """Sign what provinces forward to the Ministry, written as data keys are; older ones stay while
    files they signed are checked. Empty: nothing is forwarded."""
    unbound_values: Literal["open", "refuse"] = "open"
    """What was sealed before values were bound to their row: `quxiang keys rotate` binds it."""

    wechat_app_id: str = Field(min_length=1)
    """The service account's AppID, from WeChat's console."""
    wechat_app_secret: SecretStr = Field(min_length=1)
    """Its AppSecret; the console shows it once."""
    wechat_token: SecretStr = Field(min_length=3)
    """The callback's token, to be typed into the console."""
    wechat_aes_key: SecretStr = Field(min_length=AES_KEY_LENGTH, max_length=AES_KEY_LENGTH)
    """The callback's EncodingAESKey, 43 characters, to be typed into the console."""
    wechat_aes_key_previous: SecretStr | None = None
    """The key before, while WeChat changes over to the new one."""
    wechat_callback_mode: Literal["safe", "compatible", "plain"] = "safe"
    """How the callback is encrypted; `compatible` and `plain` are for test accounts."""
    wechat_api_url: BaseUrl = "https://api.weixin.qq.com"
    """The platform's interface; the sandbox's address for trials."""
    wechat_open_url: BaseUrl = WECHAT_ITSELF
    """The platform's page for signing in."""
    wechat_script_url: BaseUrl = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"
    """The platform's script on the pages that forward a number or scan one."""
    wechat_check_files: CheckFiles = ()
    """What WeChat's consoles look for under the host, as NAME.txt:CONTENT; empty for none."""
    mini_app_id: str = ""
    """The AppID of the mini program that signs graduates in; empty for none."""
    mini_app_secret: SecretStr = SecretStr("")
    """Its AppSecret."""
    mini_page: str = Field("", pattern=r"^([\w-]+(/[\w-]+)*)?$")
    """Its page that cards and the menu open, pages/start/start; empty: they open the web page."""
    mini_notices: MiniNotices = ()
    """Its templates for one-time notices (一次性订阅消息), as KIND:TEMPLATE_ID; empty for none."""
    framed_by: BaseUrl | Literal[""] = ""
    """Whose pages may show ours in a frame; nobody's, but for the sandbox's in the demo."""

    sms_secret_id: str = ""
    """Tencent Cloud SMS, which sends the codes for a first binding: its SecretId."""
    sms_secret_key: SecretStr = SecretStr("")
    """Its SecretKey."""
    sms_app_id: str = ""
    """Its SdkAppId."""
    sms_sign_name: str = ""
    """The signature that was approved."""
    sms_template_id: str = ""
    """The approved template of codes."""
    sms_notice_template_id: str = ""
    """The approved template of the notice that a phone was changed (docs/operations.md)."""
    sms_employer_template_id: str = ""
    """The approved template of news for employers; empty for the console alone."""
    sms_url: BaseUrl = "https://sms.tencentcloudapi.com"
    """The interface of the text messages."""
    sms_region: str = "ap-guangzhou"
    """Its region."""

    face_secret_id: str = ""
    """Tencent Cloud FaceID, which proves a graduate by the face: its SecretId; empty for none."""
    face_secret_key: SecretStr = SecretStr("")
    """Its SecretKey."""
    face_rule_id: str = ""
    """Its RuleId, as given out for the page in WeChat."""
    face_url: BaseUrl = "https://faceid.tencentcloudapi.com"
    """The interface of the face check."""

    campus_logins: CampusLogins = ()
    """The file (TOML) of the schools' own sign-ins; empty for none."""

    keep: Keep = retention_terms.DEFAULT
    """How long what is kept; only ever longer than by default."""

    objects_url: BaseUrl | Literal[""] = ""
    """The bucket of an object store (S3's protocol) for what is kept long, as evidence is:
    https://bucket.host or https://host/bucket; empty for the database."""
    objects_region: str = "us-east-1"
    """Its region, as the store names it in signatures."""
    objects_key_id: str = ""
    """The key's id: it puts, gets and deletes objects of that bucket, and nothing else."""
    objects_secret: SecretStr = SecretStr("")
    """The key's secret."""

    clamd: str = Field("", pattern=r"^(unix:/.+|.+:[0-9]{1,5})?$")
    """The virus scanner that sees evidence first; empty for none."""

    send_rate: float = Field(50, ge=0)
    """Messages a second over all workers; 0 is no limit."""
    send_connections: int = Field(128, ge=1, le=2000)
    """Connections that one worker holds open to the platform."""
    daily_quota: int = Field(100_000, ge=1)
    """Template messages a day, as granted to the account."""
    event_reserve: float = Field(0.1, ge=0, lt=1)
    """Share of the daily quota that only event messages may use."""
    person_daily_cap: int = Field(5, ge=1)
    """Campaign messages a person gets on one day (Asia/Shanghai), over all campaigns."""
    quiet_hours: Hours = (time(22), time(8))
    """When no campaign message is sent (Asia/Shanghai); empty for never."""
    without_redis: Literal["go_on", "wait"] = "go_on"
    """When Redis is away: send at a slow local rate, or wait for it."""

    second_factor: Roles = frozenset({"employer", "operator", "province", "school"})
    """The roles of staff that cannot sign in without a second factor; others may turn theirs on."""

    signing_retract_hours: float = Field(2, ge=0, le=24)
    """Hours in which a graduate may take back that she accepted an invitation to sign."""
    invitations_a_day: int = Field(5_000, ge=1)
    """Invitations to sign that an employer sends on one day (Asia/Shanghai)."""
    lookup_failures: int = Field(100, ge=1)
    """Failed lookups of numbers by everybody in an hour, before each needs a puzzle."""
    reveals: int = Field(30, ge=1)
    """Whole identity numbers and phones that an account of staff may see in an hour."""
    audit_heads: str = Field("", pattern=r"^(/.+|https?://.+)?$")
    """Where the head of the audit log's chain goes each hour: a file, or an address for a POST."""
    traces_url: str = ""
    """Where traces go (OTLP over HTTP, the extra quxiang[otel]); empty for none."""
    traces_share: float = Field(1, ge=0, le=1)
    """Share of the requests that are traced."""
    proxies: int = Field(0, ge=0)
    """Own proxies in front, whose X-Forwarded-For is believed."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """How much is logged."""
    log_format: Literal["json", "console"] = "json"
    """json for a collector of logs, console for people."""

    @field_validator("public_url")
    @classmethod
    def _named(cls, value: str) -> str:
        host = urlsplit(value).hostname or ""
        if ":" in host and not is_this_machine(host):
            raise ValueError("write a name: an address of IPv6 is served on loopback alone")
        return value

    @field_validator("traces_url")
    @classmethod
    def _traceable(cls, value: str) -> str:
        if value and find_spec("opentelemetry") is None:
            raise ValueError("install quxiang[otel], which hands traces on")
        return value and sealed_url(base_url(value))

    @model_validator(mode="after")
    def _https_unless_loopback(self) -> Self:
        addresses = (
            "public_url",
            "wechat_api_url",
            "wechat_open_url",
            "wechat_script_url",
            "framed_by",
            "objects_url",
        )
        for name in (*addresses, "sms_url", "face_url"):
            url = getattr(self, name)
            if is_readable_on_the_way(url):
                raise ValueError(f"QUXIANG_{name.upper()}: https, except on this machine itself")
        return self

    @model_validator(mode="after")
    def _whole_mini_program(self) -> Self:
        if bool(self.mini_app_id) != bool(self.mini_app_secret.get_secret_value()):
            raise ValueError("QUXIANG_MINI_APP_ID: with QUXIANG_MINI_APP_SECRET, or neither")
        if (self.mini_page or self.mini_notices) and not self.mini_app_id:
            raise ValueError("QUXIANG_MINI_PAGE and _MINI_NOTICES: with QUXIANG_MINI_APP_ID only")
        return self

    @model_validator(mode="after")
    def _bucket_with_its_key(self) -> Self:
        key = (self.objects_key_id, self.objects_secret.get_secret_value())
        if self.objects_url and not all(key):
            raise ValueError("QUXIANG_OBJECTS_URL: set _OBJECTS_KEY_ID and _OBJECTS_SECRET, too")
        return self

    @property
    def asks_wechat_itself(self) -> bool:
        """Say whether people sign in at WeChat, not at a stand-in."""
        return self.wechat_open_url == WECHAT_ITSELF

    @property
    def encryption_keys(self) -> dict[str, bytes]:
        """Return the keys by id, newest first, 32 bytes each."""
        return {kid: bytes.fromhex(key.get_secret_value()) for kid, key in self.data_keys.items()}

    @property
    def signing_seeds(self) -> dict[str, bytes]:
        """Return the keys that sign forwardings by id, newest first, 32 bytes each."""
        found = self.forwarding_keys.items()
        return {kid: bytes.fromhex(key.get_secret_value()) for kid, key in found}

    def vault(self) -> Vault:
        """Return what seals and opens values under these keys."""
        other = self.index_key_other
        return Vault(
            self.encryption_keys,
            self.index_key.get_secret_value().encode(),
            other_index_key=other.get_secret_value().encode() if other else None,
            opens_unbound=self.unbound_values == "open",
        )


def read_settings(env_file: Path | None = None) -> Settings:
    """Read the environment, and a file of `NAME=value` lines below it; raise SettingsError."""
    if env_file is not None:
        _check_readable(env_file)
    try:
        return Settings(_env_file=env_file, _env_file_encoding=ENCODING)  # type: ignore[call-arg]  # the rest is the environment's
    except ValidationError as error:
        raise SettingsError("\n".join(_complaint(each) for each in error.errors())) from None


def read_environment() -> Settings:
    """Read the environment and the file that QUXIANG_ENV_FILE names; raise SettingsError."""
    named = os.environ.get(f"{PREFIX}ENV_FILE")
    return read_settings(Path(named) if named else None)


def _check_readable(env_file: Path) -> None:
    try:
        env_file.read_text(encoding=ENCODING)
    except FileNotFoundError:
        raise SettingsError(f"QUXIANG_ENV_FILE: there is no {env_file}") from None
    except OSError as error:
        raise SettingsError(f"QUXIANG_ENV_FILE: {env_file}: {error.strerror}") from None
    except ValueError:
        raise SettingsError(f"QUXIANG_ENV_FILE: {env_file} is not text in UTF-8") from None


def unread_names(env_file: Path | None = None) -> list[str]:
    """Return the names given as settings that nothing reads: misspelt ones, most likely."""
    given = {*os.environ, *(dotenv_values(env_file, encoding=ENCODING) if env_file else {})}
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {f"{PREFIX}ENV_FILE"}
    ours = {each for each in given if each.startswith(PREFIX) and not each.startswith(FOR_TESTS)}
    return sorted(ours - known)


def _complaint(error: ErrorDetails) -> str:
    where = ".".join(str(part) for part in error["loc"]).upper()
    what = "is missing" if error["type"] == "missing" else str(error["msg"])
    what = what.removeprefix("Value error, ")
    return f"QUXIANG_{where}: {what}" if where else what
