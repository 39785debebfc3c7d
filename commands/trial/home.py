"""The folder a trial lives in: its lock, its secrets (made once), its settings (each time)."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from commands.answers import MOST_PORT, Refused
from commands.fresh_keys import fresh_keys
from commands.ports import LOOPBACK, any_port, is_free
from commands.trial.private import write_private
from runtime.settings import Settings, read_settings
from sandbox.config import Config

CAMPUS = """\
# Written by each run of the demo: the schools' own sign-ins, played by the sandbox.
[qinghe]
school = "99001"
protocol = "cas"
server = "{sandbox}/campus/cas"
number = "employeeNumber"

[taiyue]
school = "99002"
protocol = "wecom"
for = ["staff"]
server = "{sandbox}/campus/wecom"
open_url = "{sandbox}/campus/wecom"
desk_url = "{sandbox}/campus/wecom"
client_id = "ww5e0b7a1c9d2f4e68"
client_secret = "c4ca4238a0b923820dcc509a6f75849bc81e728d9d4"
agent_id = "1000002"
"""
BEFORE_SECRETS = {"lock", "valkey"}
"""What lies in the folder of a demo that was ended before it began."""


@dataclass(frozen=True)
class Home:
    """The paths of a trial; everything it keeps lies under `folder`."""

    folder: Path

    @property
    def settings_file(self) -> Path:
        """Return where the settings are; `QUXIANG_ENV_FILE` may name it for other commands."""
        return self.folder / "settings.env"

    @property
    def secrets_file(self) -> Path:
        """Return where the secrets and ports are kept between runs."""
        return self.folder / "secrets.json"

    @property
    def people_file(self) -> Path:
        """Return where the made-up accounts are kept; it is written last."""
        return self.folder / "people.json"

    @property
    def province_key(self) -> Path:
        """Return where the key of the provincial system is kept, as `key create` printed it."""
        return self.folder / "province-key.json"

    @property
    def province_records(self) -> Path:
        """Return where records lie that the provincial system may push."""
        return self.folder / "province-records.json"

    @property
    def campuses(self) -> Path:
        """Return where the sign-ins of the schools' campuses are named."""
        return self.folder / "campuses.toml"

    @property
    def logs(self) -> Path:
        """Return where every process writes its log."""
        return self.folder / "logs"

    @property
    def sandbox(self) -> Path:
        """Return where the sandbox keeps its journals."""
        return self.folder / "sandbox"

    @property
    def valkey(self) -> Path:
        """Return where Valkey keeps what it keeps."""
        return self.folder / "valkey"

    @property
    def database(self) -> Path:
        """Return the SQLite database."""
        return self.folder / "quxiang.sqlite"


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Keep a second trial out of the folder while this one runs; refuse a strange folder."""
    home.folder.mkdir(parents=True, exist_ok=True)
    strange = {each.name for each in home.folder.iterdir()} - BEFORE_SECRETS
    if strange and not home.secrets_file.exists():
        raise Refused(
            "not_a_demo", f"{home.folder} holds other things: choose a folder of its own."
        )
    home.folder.chmod(0o700)
    with (home.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("running", f"A demo already runs in {home.folder}.") from None
        yield


def _made_once(home: Home) -> dict[str, str]:
    """Return the secrets, made up on the first run."""
    if home.secrets_file.exists():
        kept: dict[str, str] = json.loads(home.secrets_file.read_text(encoding="utf-8"))
        return {name: value for name, value in kept.items() if name.isupper()}
    made = {
        **fresh_keys(),
        "WECHAT_APP_ID": f"wx{secrets.token_hex(8)}",
        "WECHAT_APP_SECRET": secrets.token_hex(16),
    }
    write_private(home.secrets_file, json.dumps(made, indent=2))
    return made


def write_settings(home: Home, port: int, redis_url: str, **more: str) -> tuple[Settings, int]:
    """Write the settings of this run; return them with the sandbox's port."""
    sandbox_port = port + 1 if port < MOST_PORT and is_free(port + 1) else any_port()
    sandbox = f"http://{LOOPBACK}:{sandbox_port}"
    values = {
        **_made_once(home),
        "UNBOUND_VALUES": "refuse",
        "DATABASE_URL": f"sqlite:///{home.database}",
        "REDIS_URL": redis_url,
        "PUBLIC_URL": f"http://{LOOPBACK}:{port}",
        "WECHAT_API_URL": sandbox,
        "WECHAT_OPEN_URL": sandbox,
        "WECHAT_SCRIPT_URL": f"{sandbox}/open/js/jweixin-1.6.0.js",
        "FRAMED_BY": sandbox,
        "SMS_URL": f"{sandbox}/sms",
        **{f"SMS_{name}": f"demo-{name.lower()}" for name in ("SECRET_ID", "SECRET_KEY")},
        "SMS_APP_ID": "1400000000",
        "SMS_SIGN_NAME": "去向登记",
        "SMS_TEMPLATE_ID": "100001",
        "SMS_NOTICE_TEMPLATE_ID": "100002",
        "SMS_EMPLOYER_TEMPLATE_ID": "100003",
        "FACE_URL": f"{sandbox}/faceid",
        **{f"FACE_{name}": f"demo-{name.lower()}" for name in ("SECRET_ID", "SECRET_KEY")},
        "FACE_RULE_ID": "1",
        "MINI_APP_ID": Config().mini_app_id,
        "MINI_APP_SECRET": Config().mini_app_secret,
        "CAMPUS_LOGINS": str(home.campuses),
        "QUIET_HOURS": "",
        "SECOND_FACTOR": "",
        "SIGNING_RETRACT_HOURS": "0",
        **more,
    }
    write_private(home.campuses, CAMPUS.format(sandbox=sandbox))
    write_private(home.settings_file, _as_lines(values))
    os.environ["QUXIANG_ENV_FILE"] = str(home.settings_file)
    return read_settings(home.settings_file), sandbox_port


def _as_lines(values: Mapping[str, str]) -> str:
    lines = [f"QUXIANG_{name}={value}\n" for name, value in values.items()]
    return "# Written by each run of the demo.\n" + "".join(lines)
