"""Files an account uploads: kept for three days, as the platform keeps temporary media.

Source: the pages of /cgi-bin/media/upload and /cgi-bin/media/get.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from sandbox.errors import Refusal

MB = 1 << 20
MOST_BYTES = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "thumb": 64 * 1024}
LIFE = 3 * 86_400
MOST_KEPT = 100
"""Files: the oldest goes for the next one."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One file; `at` is in seconds."""

    kind: str
    name: str
    content_type: str
    content: bytes
    at: float


class Media:
    """Files by media id; a restart forgets them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, MediaFile] = OrderedDict()

    def keep(self, file: MediaFile) -> str:
        """Keep a file and return its id; raise Refusal 40004, 41005 or 40006."""
        if file.kind not in MOST_BYTES:
            raise Refusal(40004)
        if not file.content:
            raise Refusal(41005)
        if len(file.content) > MOST_BYTES[file.kind]:
            raise Refusal(40006)
        media_id = secrets.token_urlsafe(48)
        self._kept[media_id] = file
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return media_id

    def get(self, media_id: object, at: float) -> MediaFile:
        """Return a file; raise Refusal 40007 for one that is not there, or not any more."""
        file = self._kept.get(media_id) if isinstance(media_id, str) else None
        if file is None or at - file.at > LIFE:
            raise Refusal(40007)
        return file
