"""Campuses that others wrote, as real peers: django-cas-server and oidc-provider-mock.

They bring Django and more along, and so live in an environment of their own, made once in CI.
"""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup

from commands.ports import LOOPBACK, any_port
from tests.lacking import do_without
from tests.waiting import PATIENCE

WANTED = Path(__file__).with_name("campus_peers.txt")
FOLDER = Path(__file__).parents[3] / "build" / "campus-peers"
START_SECONDS = 60.0
CAS_SETTINGS = """
SECRET_KEY = "made up"
ROOT_URLCONF = "campus_urls"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
                  "django.contrib.sessions", "django.contrib.messages",
                  "django.contrib.staticfiles", "cas_server"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware",
              "django.middleware.locale.LocaleMiddleware",
              "django.middleware.common.CommonMiddleware",
              "django.middleware.csrf.CsrfViewMiddleware",
              "django.contrib.auth.middleware.AuthenticationMiddleware",
              "django.contrib.messages.middleware.MessageMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
              "OPTIONS": {"context_processors": ["django.template.context_processors.request",
                          "django.contrib.auth.context_processors.auth",
                          "django.contrib.messages.context_processors.messages"]}}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "campus.db"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
STATIC_URL = "/static/"
CAS_AUTH_CLASS = "cas_server.auth.TestAuthUser"
CAS_TEST_USER, CAS_TEST_PASSWORD, CAS_TEST_ATTRIBUTES = %r, %r, %r
"""
CAS_URLS = """
from django.urls import include, path
urlpatterns = [path("cas/", include("cas_server.urls", namespace="cas_server"))]
"""
CAS_CLIENT = """
import django
django.setup()
from cas_server.models import ReplaceAttributName, ServicePattern
client = ServicePattern.objects.create(pos=100, name="quxiang", pattern=%r, single_log_out=True)
for name in %r:
    ReplaceAttributName.objects.create(name=name, service_pattern=client)
"""


def peers() -> Path:
    """Return the Python that has the peers; without it, and out of CI, the test is skipped."""
    FOLDER.parent.mkdir(exist_ok=True)
    python, made = FOLDER / "bin" / "python", FOLDER / "made"
    with FOLDER.with_suffix(".lock").open("w") as lock:  # of two processes one makes it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made.exists() and made.read_bytes() == WANTED.read_bytes():
            return python
        if os.environ.get("CI") != "true":
            do_without("campuses of others are installed and tried by make test CI=true alone")
        _run([sys.executable, "-m", "venv", "--clear", FOLDER])
        _run([python, "-m", "pip", "install", "--quiet", "--requirement", WANTED])
        made.write_bytes(WANTED.read_bytes())
    return python


@contextmanager
def run_cas(
    folder: Path, service: str, user: str, password: str, attributes: Mapping[str, object]
) -> Iterator[str]:
    """Run a CAS server that knows one person and one service, whose address begins so."""
    python, port = peers(), any_port()
    settings = CAS_SETTINGS % (user, password, dict(attributes))
    (folder / "campus_settings.py").write_text(settings, encoding="utf-8")
    (folder / "campus_urls.py").write_text(CAS_URLS, encoding="utf-8")
    django: list[str | Path] = [python, "-m", "django"]
    _run([*django, "migrate", "--verbosity=0"], folder)
    _run([python, "-c", CAS_CLIENT % (f"^{service}", list(attributes))], folder)
    command = [*django, "runserver", "--noreload", f"{LOOPBACK}:{port}"]
    with _running(command, folder, f"http://{LOOPBACK}:{port}/cas/login"):
        yield f"http://{LOOPBACK}:{port}/cas"


@contextmanager
def run_oidc(folder: Path, *people: Mapping[str, object]) -> Iterator[str]:
    """Run a provider of OpenID Connect that knows people, each by what is claimed of them."""
    program, port = peers().with_name("oidc-provider-mock"), any_port()
    known = [word for each in people for word in ("--user-claims", json.dumps(each))]
    command: list[str | Path] = [program, "--port", str(port), "--require-nonce", "True", *known]
    address = f"http://{LOOPBACK}:{port}"
    with _running(command, folder, f"{address}/.well-known/openid-configuration"):
        yield address


class PeerBrowser:
    """A browser at a campus: fills in the forms that it shows."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def sign_in(self, address: str, **values: str) -> str:
        """Fill in the first form there; return where the campus leads to then."""
        shown = self._session.get(address, timeout=PATIENCE)
        form = BeautifulSoup(shown.text, "html.parser").find("form")
        assert form is not None, shown.text
        fields = {str(each["name"]): str(each.get("value", "")) for each in form.select("[name]")}
        target = urljoin(shown.url, str(form.get("action", "")) or shown.url)
        answer = self._session.post(
            target, fields | values, allow_redirects=False, timeout=PATIENCE
        )
        assert answer.is_redirect, answer.text
        return answer.headers["Location"]

    def go(self, address: str) -> str:
        """Open an address of somebody who is signed in; return where it leads to, if anywhere."""
        answer = self._session.get(address, allow_redirects=False, timeout=PATIENCE)
        return answer.headers.get("Location", "")


@contextmanager
def _running(command: Sequence[str | Path], folder: Path, until: str) -> Iterator[None]:
    with (folder / "peer.log").open("wb") as log:
        running = subprocess.Popen(
            command, cwd=folder, env=_environment(folder), stdout=log, stderr=log
        )
    try:
        _wait_for(until, running, folder / "peer.log")
        yield
    finally:
        running.kill()
        running.wait()


def _wait_for(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    latest = time.monotonic() + START_SECONDS
    while running.poll() is None and time.monotonic() < latest:
        try:
            requests.get(address, timeout=PATIENCE).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"a campus did not start: {log.read_text(errors='replace')}")


def _run(command: Sequence[str | Path], folder: Path | None = None) -> None:
    done = subprocess.run(
        command, cwd=folder, env=_environment(folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def _environment(folder: Path | None) -> dict[str, str]:
    return os.environ | {"DJANGO_SETTINGS_MODULE": "campus_settings", "PYTHONPATH": str(folder)}
