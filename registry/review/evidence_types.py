"""What an uploaded document really is: read from its content, never from its name."""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from registry.base.errors import RuleError

MOST_BYTES = 10 * 1024 * 1024
SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
AT_ONCE = 2
"""Documents that one process has opened at the same time: each may take much memory."""
WAIT_SECONDS = 30.0
SENTENCES = {
    "file_empty": "这个文件是空的，请重新选择。",
    "file_too_large": "文件超过 10 MB，请压缩或重新拍照后再上传。",
    "file_type": "只能上传 PDF、JPG、PNG 文件。如果是其他格式，请截图或另存为 PDF 后上传。",
    "file_damaged": "文件不完整或已损坏，无法打开，请重新导出或拍照后上传。",
    "file_active": "这个 PDF 里带有脚本、附件或自动操作。请用“打印”另存为 PDF，或拍照后上传。",
    "file_encrypted": "这个 PDF 设有密码或限制。请用“打印”另存为不加密的 PDF，或拍照后上传。",
    "files_busy": "现在上传的人太多，文件没有保存。请稍等一分钟再上传。",
}

_turns = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class CheckedDocument:
    """A document that may be kept: its media type and its bytes, a picture's written anew."""

    media_type: str
    content: bytes


def refusal(code: str) -> RuleError:
    """Return the refusal of a document."""
    return RuleError(code, SENTENCES[code], "file")


def checked(content: bytes) -> CheckedDocument:
    """Open a document in a process of its own, and return what of it may be kept.

    Raises RuleError with a code of SENTENCES. It takes up to seconds: call it before a transaction.
    """
    if not content:
        raise refusal("file_empty")
    if len(content) > MOST_BYTES:
        raise refusal("file_too_large")
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise refusal("files_busy")
    try:
        line, _, kept = _opened(content).partition(b"\n")
    finally:
        _turns.release()
    said = json.loads(line or b"{}")
    if said.get("type") not in SUFFIXES:
        raise refusal(said.get("refused", "file_damaged"))
    return CheckedDocument(said["type"], kept)


def _opened(content: bytes) -> bytes:
    """Return what the other process says; nothing where it was ended by its limits."""
    command = [sys.executable, "-B", "-s", "-P", "-m", "registry.review.document_process"]
    env = {"PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(  # noqa: S603 - our own program, by its path
        command, input=content, capture_output=True, env=env, check=False
    )
    return ended.stdout if ended.returncode == 0 else b""
