"""Files as answers: the browser is told what they are and by which name to keep them."""

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response
from werkzeug.http import dump_options_header

from registry.accounts.tables import ROLE_TITLES, Role
from registry.base import large_files, typesetting
from registry.base.file_tables import StoredFile
from registry.base.stamp import Stamp
from registry.codes import regions
from wxapp.core.resources import now, resources
from wxapp.core.who import current_staff


def stamp() -> Stamp:
    """Return who is handed a list now that is kept nowhere, and of which school or unit."""
    staff = current_staff()
    if staff.employer is not None:
        place = staff.employer.unit_name
    else:
        place = staff.school.name if staff.school else regions.region_name(staff.province or "")
    return Stamp(staff.name, now(), place or ROLE_TITLES[Role(staff.role)])


def attachment(content: bytes | Iterator[bytes], media_type: str, name: str) -> Response:
    """Return a file that the browser saves under this name."""
    return _named(Response(content, content_type=media_type), "attachment", name)


def stored(file: StoredFile) -> Response:
    """Return a kept file that the browser saves, sent piece by piece."""
    # Asked for now: what is yielded later has no request around it.
    pieces = large_files.pieces(resources().readers, resources().vault, file)
    response = attachment(pieces, file.media_type, file.name)
    response.headers["Content-Length"] = str(file.size)
    return response


def shown(content: bytes, media_type: str, name: str) -> Response:
    """Return a file that the browser shows, and saves under this name if asked to."""
    return _named(Response(content, content_type=media_type), "inline", name)


def pdf(content: bytes, name: str) -> Response:
    """Return a PDF that the browser saves under this name."""
    return attachment(content, typesetting.MEDIA_TYPE, name)


def _named(response: Response, disposition: str, name: str) -> Response:
    """Name the file as RFC 6266 has it: a name may hold Chinese."""
    header = dump_options_header(disposition, {"filename*": f"UTF-8''{quote(name)}"})
    response.headers["Content-Disposition"] = header
    return response
