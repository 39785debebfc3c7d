"""Append-only files of one JSON object a line: what must survive a restart."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

Record = dict[str, Any]


class Journal:
    """One file that is appended to; without a path it forgets everything at the end."""

    def __init__(self, path: Path | None, *, fsync: bool = False) -> None:
        self._path = path
        self._fsync = fsync
        self._file: TextIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)

    def replay(self) -> Iterator[Record]:
        """Yield every record; a last line cut off by a crash was never promised and is left out."""
        if self._path is None or not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.endswith("\n"):
                    yield json.loads(line)

    def rewrite(self, records: Iterable[Record]) -> None:
        """Replace the file by these records, all or nothing."""
        if self._path is None:
            return
        self.close()
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.writelines(_line(record) for record in records)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def append(self, record: Record) -> None:
        """Write one record and hand it to the operating system, or to the disk with fsync."""
        if self._path is None:
            return
        if self._file is None:
            self._trim(self._path)
            self._file = self._path.open("a", encoding="utf-8")
        self._file.write(_line(record))
        self._file.flush()
        if self._fsync:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file; the next append opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @staticmethod
    def _trim(path: Path) -> None:
        """Cut off a half line, so that the next record does not grow on it."""
        if not path.exists():
            return
        whole = path.read_bytes()
        if whole and not whole.endswith(b"\n"):
            os.truncate(path, whole.rfind(b"\n") + 1)


def _line(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
