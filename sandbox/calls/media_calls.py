"""Files the account uploads and fetches again."""

from typing import Any

from sandbox.calls.asked import Asked
from sandbox.errors import Refusal
from sandbox.media import MediaFile
from sandbox.world import World

PICTURE = "image"


def upload(world: World, asked: Asked) -> dict[str, Any]:
    """Keep a file for three days."""
    kind = asked.query.get("type", "")
    file = _sent(world, asked, kind)
    named = "thumb_media_id" if kind == "thumb" else "media_id"
    return {"type": kind, named: world.media.keep(file), "created_at": int(file.at)}


def upload_picture(world: World, asked: Asked) -> dict[str, Any]:
    """Keep a picture for articles; its address is the answer."""
    return {"url": f"{asked.origin}/media/{world.media.keep(_sent(world, asked, PICTURE))}"}


def _sent(world: World, asked: Asked, kind: str) -> MediaFile:
    """Return the file of the form; raise Refusal 41005 where there is none."""
    sent = asked.files.get("media")
    if sent is None:
        raise Refusal(41005)
    return MediaFile(kind, sent.filename, sent.content_type, sent.file.read(), world.now())


def fetch(world: World, asked: Asked) -> MediaFile:
    """Return a file as it was uploaded."""
    return world.media.get(asked.query.get("media_id"), world.now())
