"""What the sandbox is started with, and the part of it that control may change."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from sandbox.fitting import fits

CALLBACK_MODES = ("safe", "compatible", "plain")
REPEAT_ANSWERS = ("same", "new")

# Who the account is stays as started; everything else may be changed while running.
FIXED = frozenset(
    {
        *("app_id", "app_secret", "mini_app_id", "mini_app_secret"),
        *("host", "port", "data_dir", "fsync", "control", "seed", "strangers"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of the stand-in; the defaults fit a demonstration.

    Limits are counts; 0 means no limit. Durations are seconds.
    """

    app_id: str = "wx5e0b7a1c9d2f4e68"
    app_secret: str = "8f14e45fceea167a5a36dedd4bea2543"  # noqa: S105 opens nothing but this stand-in
    account_id: str = "gh_3c884a361561"
    account_name: str = "毕业去向登记"
    account_intro: str = "高校毕业生去向登记、确认与核验授权"
    mini_app_id: str = "wx7c41d8e95a3b2f60"
    mini_app_secret: str = "1679091c5a880faf6fb5e6087eb1b2dc"  # noqa: S105 opens nothing but this stand-in
    mini_name: str = "毕业去向登记"
    mini_url: str = ""
    """Where the mini program's own server is, http://127.0.0.1:8000; empty: phones open no mini
    program, as clients too old for it do."""
    open_platform: bool = True
    """Whether account and mini program are bound to one open platform: both then tell a unionid."""
    mini_watermark: str = ""
    """The appid said beside a phone's number; empty for the right one."""
    mini_country_as_number: bool = False
    """Whether the country of a phone comes as a number: WeChat does both."""
    callback_token: str = "sandboxcallbacktoken"  # noqa: S105 opens nothing but this stand-in
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    callback_url: str = ""
    callback_mode: str = "safe"
    redirect_host: str = ""
    link_hosts: tuple[str, ...] = ()
    guide: tuple[str, ...] = ()
    """What to try first, a sentence a step, said above every phone; it may hold links."""

    page_size: int = 10_000
    template_quota: int = 100_000
    minute_quota: int = 0
    person_cap: int = 0
    dedup_seconds: float = 600
    repeat_answer: str = "same"
    token_seconds: int = 7_200
    account_ban: int = 0
    receipt_delay: float = 0.4
    push_timeout: float = 5.0
    push_pause: float = 0.5
    push_concurrency: int = 64
    sms_gap_seconds: float = 0

    host: str = "127.0.0.1"
    port: int = 8100
    data_dir: Path | None = None
    fsync: bool = False
    control: bool = True
    strangers: bool = False
    """Whether an openid that was made up elsewhere is a follower's, from its first message on."""
    seed: int = 1

    def changed(self, wishes: dict[str, Any]) -> Self:
        """Return a copy with the wished values; raise ValueError for one that cannot be."""
        known = {field.name for field in fields(self)} - FIXED
        for name, value in wishes.items():
            if name not in known:
                raise ValueError(f"no changeable setting is called {name}")
            _check(name, value, getattr(self, name))
        lists = {name: tuple(value) for name, value in wishes.items() if isinstance(value, list)}
        return replace(self, **{**wishes, **lists})

    def changeable(self) -> dict[str, Any]:
        """Return the settings that control may change, with their values."""
        names = [field.name for field in fields(self) if field.name not in FIXED]
        return {name: getattr(self, name) for name in names}


CHOICES = {"callback_mode": CALLBACK_MODES, "repeat_answer": REPEAT_ANSWERS}


def _check(name: str, value: object, now: object) -> None:
    if not fits(value, now):
        raise ValueError(f"{name} cannot be {value!r}")
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"{name} is one of {', '.join(CHOICES[name])}")
