"""The proxy of deploy/ writes no address that is itself a key into its log."""

import re
from pathlib import Path

import pytest

from tests.wxapp.site import Site

SECRETS = {"token", "secret"}
"""Names of what in a path opens something, for whoever has it."""
FILES = ("evidence", "documents", "files")
KEY = "Zx9_-" * 5
MASK = re.compile(r"~(\^\S+) (\S+);")


@pytest.fixture
def nginx(repository: Path) -> str:
    """Give the configuration of nginx that is delivered."""
    return (repository / "deploy/nginx.conf").read_text(encoding="utf-8")


def shown(nginx: str, path: str) -> str:
    """Return what the log shows of a path, as nginx's `map` has it."""
    [table] = re.findall(r"map \$uri \$shown \{(.*?)\n? *\}\n", nginx, re.DOTALL)
    for pattern, said in MASK.findall(table):
        if found := re.match(pattern, path):
            return re.sub(r"\$(\d)", lambda which: found[int(which[1])], said)
    return path


def test_no_key_of_a_link_or_a_document_is_written(site: Site, nginx: str) -> None:
    rules = [rule for rule in site.app.url_map.iter_rules() if rule.arguments]
    keyed = [
        rule.rule
        for rule in rules
        if rule.arguments & SECRETS or any(f"{each}/<" in rule.rule for each in FILES)
    ]
    assert len(keyed) > 8
    paths = [re.sub(r"<[^>]+>", KEY, rule) for rule in keyed]
    assert [path for path in paths if shown(nginx, path).endswith(KEY)] == []


def test_other_addresses_are_written_as_they_are(nginx: str) -> None:
    for path in ("/verify/file", "/g/evidence", "/school/offline", "/v", "/g/authorization/face"):
        assert shown(nginx, path) == path


def test_nothing_else_writes_whole_addresses(nginx: str) -> None:
    """What nginx says of an error holds the whole line of the request."""
    assert re.findall(r"error_log \S+ (\w+);", nginx) == ["crit"]
    assert re.findall(r"access_log \S+ (\w+);", nginx) == ["plain"]
    [line] = re.findall(r"log_format plain (.*);", nginx)
    assert set(re.findall(r"\$\w+", line)) <= {
        "$remote_addr",
        "$time_iso8601",
        "$request_method",
        "$shown",
        "$status",
    }
