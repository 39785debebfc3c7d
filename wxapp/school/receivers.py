"""The directory of receivers (收档单位): where the school has posted files."""

from flask import render_template, request

from registry.numbers.posting import directory
from wxapp.core.db import reading
from wxapp.core.lists import read_place
from wxapp.school.door import blueprint, staff_context

LONGEST = 80
"""Characters of what is looked for."""


@blueprint.get("/receivers", endpoint="receivers")
def show_receivers() -> str:
    """Show the units that files were posted to, those posted to last first."""
    words, school_id = request.args.get("q", "").strip()[:LONGEST], staff_context().scope.school_id
    with reading() as session:
        page = directory.page(session, school_id, words, read_place(request.args))
    return render_template("school/receivers.html", page=page, words=words)
