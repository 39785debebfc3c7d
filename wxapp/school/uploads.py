"""A form with a list of people: its larger limit holds for the views named here, once signed in."""

from flask.blueprints import BlueprintSetupState
from werkzeug.datastructures import FileStorage

from registry.base.errors import RuleError
from registry.roster.reading import MAX_FILE_BYTES, SENTENCES, refuse_other_ending
from wxapp.core import uploads
from wxapp.school.door import blueprint

FORM_BYTES = 64 * 1024
VIEWS = (
    "wxapp.school.imports.upload",
    "wxapp.school.campaign_writing.read_numbers",
    "wxapp.school.courier_lists.upload_courier_list",
)


@blueprint.record
def _check_csrf_later(state: BlueprintSetupState) -> None:
    """Leave the token's check to `uploaded`: it reads the body, which has to be allowed first."""
    for view in VIEWS:
        uploads.csrf_of(state.app.extensions).exempt(view)


def uploaded(name: str) -> FileStorage:
    """Return the form's file, its token checked.

    Raises RuleError `file_missing`, `too_large`, or `not_spreadsheet` for another kind's name.
    """
    too_large = RuleError("too_large", SENTENCES["too_large"], name)
    file = uploads.uploaded(name, MAX_FILE_BYTES + FORM_BYTES, too_large)
    if file is None:
        raise RuleError("file_missing", "请先选择文件。", name)
    refuse_other_ending(file.filename or "")
    return file
