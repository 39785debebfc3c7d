"""`quxiang check` on a service that people outside use: encrypted, and played by nobody."""

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from commands.check import unencrypted
from runtime.settings import Settings
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.commands.conftest import Quxiang
from tests.configuration import settings_for

NEAR = "redis://localhost:6379/0"
FAR = "rediss://quxiang:hush@cache:6379/0"


@pytest.mark.parametrize(
    ("database", "redis", "wanted"),
    [
        ("sqlite:////data/quxiang.db", NEAR, []),
        ("postgresql://quxiang:hush@localhost/quxiang", NEAR, []),
        ("postgresql://quxiang@/quxiang?host=/run/postgresql", NEAR, []),
        ("postgresql://quxiang:hush@db/quxiang?sslmode=verify-full", FAR, []),
        ("postgresql://quxiang:hush@db/quxiang?sslmode=require", NEAR, ["DATABASE"]),
        ("postgresql://quxiang:hush@db/quxiang", NEAR, ["DATABASE"]),
        ("postgresql://quxiang:hush@db/quxiang?sslmode=prefer", NEAR, ["DATABASE"]),
        ("postgresql://quxiang@/quxiang?host=db", "unix:///run/redis.sock", ["DATABASE"]),
        ("postgresql://quxiang@/quxiang?hostaddr=10.0.0.7", NEAR, ["DATABASE"]),
        ("postgresql://quxiang@/quxiang?host=/run/postgresql,db", NEAR, ["DATABASE"]),
        ("postgresql://quxiang@/quxiang?host=/run/postgresql&host=db", NEAR, ["DATABASE"]),
        ("sqlite:////data/quxiang.db", "redis://:hush@10.0.0.7:6379/0", ["REDIS"]),
        ("sqlite:////data/quxiang.db", "rediss://10.0.0.7:6379/0", ["REDIS"]),
        ("sqlite:////data/quxiang.db", f"{FAR}?ssl_cert_reqs=none", ["REDIS"]),
    ],
)
def test_what_goes_to_another_machine_is_asked_to_be_encrypted(
    database: str, redis: str, wanted: list[str]
) -> None:
    said = unencrypted(settings_for(database, redis))
    assert [each.removeprefix("QUXIANG_").partition("_URL")[0] for each in said] == wanted
    assert "hush" not in " ".join(said)


def test_a_far_database_whose_authority_is_not_named_is_not_asked_to_go_unchecked(
    command: Quxiang, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Play a server that offers TLS: libpq looks for the authority's certificate then."""
    environment.setenv("HOME", str(tmp_path))
    with socket.create_server(("127.0.0.2", 0)) as server, ThreadPoolExecutor(1) as beside:
        offered = beside.submit(_offer_tls, server)
        port = server.getsockname()[1]
        far = f"postgresql://quxiang@127.0.0.2:{port}/quxiang?sslmode=verify-full"
        environment.setenv("QUXIANG_DATABASE_URL", far)
        said = command("check").facts["database"]
        server.shutdown(socket.SHUT_RDWR)
        offered.result()
    assert "append &sslrootcert=FILE" in said
    assert "disable" not in said


def _offer_tls(server: socket.socket) -> None:
    """Answer every request for TLS with yes, until the server is closed."""
    while True:
        try:
            asking, _ = server.accept()
        except OSError:
            return
        with asking:
            asking.recv(8)
            asking.sendall(b"S")


def test_settings_that_are_printed_show_no_password() -> None:
    settings = settings_for(
        "postgresql://quxiang:word-1@db/quxiang", "redis://:word-2@cache:6379/0"
    )
    assert "word-" not in repr(settings)
    assert "word-" not in str(settings)


@pytest.mark.parametrize("name", ["WECHAT_API_URL", "SMS_URL", "FACE_URL"])
def test_the_sandbox_is_refused_where_people_outside_are_served(
    command: Quxiang, environment: pytest.MonkeyPatch, name: str
) -> None:
    with RunningSandbox(Config(redirect_host="localhost")) as running:
        environment.setenv(f"QUXIANG_{name}", running.url)
        assert command("check").facts["stand-in"] == "ok"
        environment.setenv("QUXIANG_PUBLIC_URL", "https://qx.example.edu.cn")
        assert f"{running.url} is the sandbox" in command("check").facts["stand-in"]
    assert command("check").facts["stand-in"] == "ok"  # it ended: who needs it says so


def test_only_loopback_is_this_machine() -> None:
    with pytest.raises(ValueError, match="https"):
        Settings.model_validate({**_plain(), "public_url": "http://localhost.example.com"})
    Settings.model_validate({**_plain(), "public_url": "http://[::1]:8000"})


def _plain() -> dict[str, object]:
    given = settings_for("sqlite://", NEAR)
    return {name: getattr(given, name) for name in Settings.model_fields}


@pytest.mark.parametrize(
    ("clamd", "wanted"),
    [("", []), ("unix:/run/clamd", []), ("127.0.0.1:3310", []), ("10.0.0.8:3310", ["CLAMD"])],
)
def test_evidence_goes_to_no_scanner_elsewhere(clamd: str, wanted: list[str]) -> None:
    said = unencrypted(settings_for("sqlite:////data/quxiang.db", NEAR, clamd=clamd))
    assert [each.removeprefix("QUXIANG_").partition(":")[0] for each in said] == wanted


def test_evidence_that_nobody_looks_at_is_said(
    command: Quxiang, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert command("check").facts["virus scanner"] == "ok"
    environment.setenv("QUXIANG_PUBLIC_URL", "https://qx.example.edu.cn")
    assert "set QUXIANG_CLAMD" in command("check").facts["virus scanner"]
    environment.setenv("QUXIANG_CLAMD", f"unix:{tmp_path / 'nothing'}")
    assert "does not answer" in command("check").facts["virus scanner"]


def test_it_says_what_the_console_of_wechat_has_to_be_told(
    command: Quxiang, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("QUXIANG_PUBLIC_URL", "https://qx.example.edu.cn")
    said = command("check").facts["console"]
    assert "https://qx.example.edu.cn/wechat/callback" in said
    assert "JS 接口安全域名, 业务域名: qx.example.edu.cn" in said
    environment.setenv("QUXIANG_WECHAT_OPEN_URL", "http://127.0.0.1:1")  # a stand-in's
    assert command("check").facts["console"] == "ok"


def test_working_days_are_looked_at(command: Quxiang) -> None:
    said = command("check").facts["working days"]
    assert said == "ok" or "Mondays to Fridays count as working days there" in said


@pytest.mark.parametrize(
    "words", [("sandbox",), ("population", "create", "--school", "10001", "--graduates", "5")]
)
def test_what_is_for_trials_is_refused_where_people_outside_are_served(
    command: Quxiang, environment: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    environment.setenv("QUXIANG_PUBLIC_URL", "https://qx.example.edu.cn")
    said = command(*words)
    assert (said.status, said.facts["refused"]) == (1, "only_for_trials")
