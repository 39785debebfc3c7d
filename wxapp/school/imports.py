"""Roster imports: the file, a dry run first, then what was planned is applied."""

from flask import render_template

from wxapp.school.door import blueprint, school_only


@blueprint.get("/imports", endpoint="imports")
def show_imports() -> str:
    """Show the form for a file and the imports so far."""
    school_only()
    return render_template("school/imports.html", imports=[])
