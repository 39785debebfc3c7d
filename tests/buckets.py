"""A bucket for tests: one of a real object store that the environment names, or a stand-in here.

`QUXIANG_TEST_BUCKET` is `URL KEY_ID SECRET` of a bucket that may be emptied. The stand-in checks
signatures as our own code makes them; that those are S3's is held by a vector made with its SDK.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from pydantic import SecretStr
from typing_extensions import override

from runtime.object_store import BucketAccess, signed_headers

REGION = "us-east-1"


@dataclass
class BucketHost(ThreadingHTTPServer):
    """Keeps objects in memory and answers as S3 does: PUT, GET, DELETE, each of them signed."""

    access: BucketAccess = field(init=False)
    objects: dict[str, bytes] = field(default_factory=dict)
    refuses: bool = False
    """Answers 503 to everything, as a store does that is being looked after."""
    says_nothing: bool = False
    """Answers 200 and nothing to everything, as what stands before a store may do."""

    def __post_init__(self) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        url = f"http://127.0.0.1:{self.server_port}/evidence"
        self.access = BucketAccess(url, REGION, "AKEXAMPLE", SecretStr("made up, of no use"))

    __hash__ = object.__hash__


class _Handler(BaseHTTPRequestHandler):
    server: BucketHost
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        """Keep an object."""
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self._may(content):
            self.server.objects[self.path] = content
            self._say(200)

    def do_GET(self) -> None:
        """Give an object back."""
        if self._may():
            found = self.server.objects.get(self.path)
            if found is None:
                self._say(404, b"<Error><Code>NoSuchKey</Code></Error>")
            else:
                self._say(200, found)

    def do_DELETE(self) -> None:
        """Forget an object."""
        if self._may():
            self.server.objects.pop(self.path, None)
            self._say(204)

    def _may(self, content: bytes = b"") -> bool:
        if self.server.says_nothing:
            self._say(200)
            return False
        if self.server.refuses:
            self._say(503, b"<Error><Code>SlowDown</Code></Error>")
            return False
        said = self.headers.get("x-amz-date", "")
        at = datetime.strptime(said, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        access = self.server.access
        address = urlsplit(access.url)
        url = f"{address.scheme}://{address.netloc}{self.path}"
        wanted = signed_headers(access, self.command, url, content, at)
        if any(self.headers.get(name) != value for name, value in wanted.items()):
            self._say(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
            return False
        return True

    def _say(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: tests read what the product logs."""


@contextmanager
def running_bucket() -> Iterator[BucketHost]:
    """Run the stand-in until the block ends."""
    host = BucketHost()
    thread = threading.Thread(target=host.serve_forever, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        host.shutdown()
        host.server_close()
        thread.join()


def bucket_elsewhere() -> BucketAccess | None:
    """Return the bucket of a real object store that the environment names."""
    given = os.environ.get("QUXIANG_TEST_BUCKET", "").split()
    return BucketAccess(given[0], REGION, given[1], SecretStr(given[2])) if given else None
