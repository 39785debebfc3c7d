"""A scanner sees a document before it is kept; without its word nothing is."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from commands.ports import any_port
from notifier.providers import virus_scan
from notifier.providers.virus_scan import CHUNK, answers, refuse_infected
from registry.base.errors import RuleError

SIGNATURE = b"X5O!P%@AP"


class Clamd(socketserver.StreamRequestHandler):
    """Answer INSTREAM as clamd does: what holds the signature is found."""

    answer = ""

    @override
    def handle(self) -> None:
        asked = self.rfile.read(6)
        if asked == b"zPING\0":
            self.wfile.write(b"PONG\0")
            return
        assert asked + self.rfile.read(4) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(self.rfile.read(4)):
            content += self.rfile.read(size)
        said = "stream: Eicar-Signature FOUND" if SIGNATURE in content else "stream: OK"
        self.wfile.write((type(self).answer or said).encode() + b"\0")


@pytest.fixture
def clamd(tmp_path: Path) -> Iterator[str]:
    path = tmp_path / "clamd"
    with socketserver.ThreadingUnixStreamServer(str(path), Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"unix:{path}"
        server.shutdown()


def test_what_is_clean_is_let_through(clamd: str) -> None:
    refuse_infected(clamd, b"a" * (CHUNK * 3 + 1))


def test_what_is_infected_is_refused_wherever_it_lies(clamd: str) -> None:
    with pytest.raises(RuleError, match="file_infected"):
        refuse_infected(clamd, b"a" * (CHUNK - 3) + SIGNATURE)


@pytest.mark.parametrize("answer", ["INSTREAM size limit exceeded. ERROR", "?", "stream: ERROR"])
def test_without_its_word_nothing_is_kept(
    clamd: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Clamd, "answer", answer)
    with pytest.raises(RuleError, match="scanner_away"):
        refuse_infected(clamd, b"a")


def test_while_it_is_away_nothing_is_kept(tmp_path: Path) -> None:
    for address in (f"127.0.0.1:{any_port()}", f"unix:{tmp_path / 'nothing'}"):
        with pytest.raises(RuleError, match="scanner_away"):
            refuse_infected(address, b"a")


def test_one_that_says_nothing_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(virus_scan, "SECONDS", 0.2)
    path = tmp_path / "silent"
    listens = socketserver.UnixStreamServer(str(path), Clamd)  # and never answers
    with listens, pytest.raises(RuleError, match="scanner_away"):
        refuse_infected(f"unix:{path}", b"a")


def test_it_is_asked_whether_it_is_there(clamd: str, tmp_path: Path) -> None:
    assert answers(clamd)
    assert not answers(f"unix:{tmp_path / 'nothing'}")


def test_without_an_address_there_is_none() -> None:
    refuse_infected("", SIGNATURE)
