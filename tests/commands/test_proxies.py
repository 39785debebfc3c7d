"""A proxy is for what leaves this machine, and for each client alike."""

import pycurl
import pytest
import requests

from commands.proxies import settle_proxies
from sandbox.config import Config
from sandbox.testing import RunningSandbox

NOBODY = "http://127.0.0.1:1"


def test_all_clients_read_the_same() -> None:
    surroundings = {"HTTPS_PROXY": NOBODY, "NO_PROXY": "db.example.edu.cn"}
    settle_proxies(surroundings)
    assert surroundings["https_proxy"] == surroundings["HTTPS_PROXY"] == NOBODY
    assert surroundings["no_proxy"] == "db.example.edu.cn,localhost,127.0.0.1,::1"
    settle_proxies(surroundings)
    assert surroundings["no_proxy"].count("localhost") == 1


def test_loopback_is_reached_whatever_proxy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    for name in ("http_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")  # set, so that what is settled goes with the test
    settle_proxies()
    with RunningSandbox(Config(redirect_host="localhost")) as running:
        address = f"{running.url}/control/settings"
        assert requests.get(address, timeout=5).ok
        assert _status_by_libcurl(address) == 200


def _status_by_libcurl(address: str) -> int:
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, address)
    curl.setopt(pycurl.WRITEFUNCTION, lambda _: None)
    curl.perform()
    status = int(curl.getinfo(pycurl.RESPONSE_CODE))
    curl.close()
    return status
