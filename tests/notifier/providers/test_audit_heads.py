"""The head of the audit log's chain, written to a file or an address outside."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from typing_extensions import override

from notifier.providers.audit_heads import read_heads, write_head
from registry.accounts.audit_log.chain import ChainHead

HEAD = ChainHead(7, "a" * 64, 6500, datetime(2026, 6, 10, 2, tzinfo=UTC))
SAID = {"link": 7, "hash": "a" * 64, "total": 6500, "chained_at": "2026-06-10T02:00:00+00:00"}


class Collector(BaseHTTPRequestHandler):
    """Keeps what is posted to it; an address that ends in `full` is refused."""

    taken: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        refused = self.path.endswith("full")
        if not refused:
            self.taken.append(json.loads(body))
        self.send_response(507 if refused else 204)
        self.end_headers()

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[str]:
    Collector.taken = []
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_address_gets_the_head(collector: str) -> None:
    write_head(f"{collector}/heads", HEAD)
    assert Collector.taken == [SAID]


def test_an_address_that_does_not_take_it_is_an_error(collector: str) -> None:
    with pytest.raises(requests.HTTPError, match="507"):
        write_head(f"{collector}/full", HEAD)


def test_a_file_gets_a_line_a_head_and_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "heads"
    write_head(str(file), HEAD)
    write_head(str(file), HEAD)
    assert [json.loads(line) for line in file.read_text().splitlines()] == [SAID, SAID]
    assert read_heads(file) == {7: "a" * 64}


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "heads"
    file.write_text('{"link": 1, "hash": "a"}\nnot a head\n')
    with pytest.raises(ValueError, match="line 2"):
        read_heads(file)
