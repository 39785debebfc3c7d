"""What was found right once stays known: to all processes of tests, and to the next run.

Each would read the same pages strictly again, which takes longer than making them. What is kept is
a hash of the page and of all that has a say in the finding, so a changed page, a changed check or
another version of the parser is looked at anew.
"""

from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "build" / "known-pages"
PARSERS = ("beautifulsoup4", "html5lib")
SIZE = sha256().digest_size


class KnownPages:
    """Hashes in a file that every process adds to, and reads on where it has not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = set[bytes]()
        self._read = 0

    def has(self, page: str) -> bool:
        """Say whether nothing was wrong with a page, whoever found it."""
        wanted = _hashed(page)
        if wanted not in self._known:
            self._read_on()
        return wanted in self._known

    def add(self, page: str) -> None:
        """Keep that nothing is wrong with a page."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:  # so few bytes are added at once, or not
            file.write(_hashed(page))

    def _read_on(self) -> None:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._read)
            found = file.read()
        whole = len(found) - len(found) % SIZE
        self._known.update(found[at : at + SIZE] for at in range(0, whole, SIZE))
        self._read += whole


@cache
def known_by(checks: Path) -> KnownPages:
    """Find what these checks, as they stand in a file, found right with these parsers."""
    said = checks.read_bytes() + " ".join(map(version, PARSERS)).encode()
    return KnownPages(FOLDER / sha256(said).hexdigest())


def _hashed(page: str) -> bytes:
    return sha256(page.encode(errors="surrogatepass")).digest()
