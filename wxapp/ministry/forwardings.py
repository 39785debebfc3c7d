"""What provinces forwarded: the Ministry reads the counts and fetches the signed files."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from registry.base.errors import NotFound
from registry.codes import categories, regions
from registry.province import batches, forwardings, receipts
from registry.province.forwarding_states import TITLES
from wxapp.core import downloads
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.core.who import current_staff
from wxapp.ministry.door import blueprint, year


@blueprint.get("/forwardings", endpoint="forwardings")
def show_forwardings() -> str:
    """Show what provinces sent of a cohort, newest first."""
    with reading() as session:
        rows = forwardings.sent_up(session, year(), request.args.get("before", ""))
    return render_template(
        "ministry/forwardings.html",
        rows=rows,
        region_name=regions.region_name,
        titles=TITLES,
        older=rows[-1].key if len(rows) == forwardings.PAGE else None,
    )


@blueprint.get("/forwardings/<key>", endpoint="forwarding")
def show_forwarding(key: str) -> str:
    """Show what one forwarding holds, in numbers, and how its receipt stands."""
    with reading() as session:
        found = forwardings.find_sent(session, key)
        parts = forwardings.batches_in(session, found)
        file = forwardings.file_of(session, found, now())
        erased = receipts.erased_since(session, found)
    return render_template(
        "ministry/forwarding.html",
        forwarding=found,
        parts=parts,
        erased=erased,
        file=file,
        province_name=regions.region_name(found.province),
        category_title=categories.category_title,
        titles=TITLES,
    )


@blueprint.post("/forwardings/<key>/file", endpoint="fetch_forwarding")
def fetch_forwarding(key: str) -> ResponseReturnValue:
    """Send the signed file, and keep in the log that the Ministry took it."""
    with writing() as session:
        found = forwardings.find_sent(session, key)
        file = forwardings.file_of(session, found, now())
        if file is None:
            raise NotFound("文件（保存 90 天）")
        signed = batches.signature(current_staff())
        forwardings.note(session, found, signed, "forwarding_fetched", now())
    return downloads.stored(file)
