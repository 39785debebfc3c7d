"""The form with a file of invitations: its larger limit holds for the view named here."""

from flask.blueprints import BlueprintSetupState
from werkzeug.datastructures import FileStorage

from registry.base.errors import RuleError
from registry.roster.reading import refuse_other_ending
from registry.roster.titled_sheets import MAX_SHEET_BYTES
from wxapp.core import uploads
from wxapp.employer.door import blueprint

FORM_BYTES = 64 * 1024
VIEW = "wxapp.employer.sheets.upload_sheet"


@blueprint.record
def _check_csrf_later(state: BlueprintSetupState) -> None:
    """Leave the token's check to `uploaded`: it reads the body, which has to be allowed first."""
    uploads.csrf_of(state.app.extensions).exempt(VIEW)


def uploaded() -> FileStorage:
    """Return the form's file, its token checked.

    Raises RuleError `file_missing`, `too_large`, or `not_spreadsheet` for another kind's name.
    """
    megabytes = MAX_SHEET_BYTES >> 20
    too_large = RuleError("too_large", f"文件超过 {megabytes} MB，请分成几个文件。", "file")
    file = uploads.uploaded("file", MAX_SHEET_BYTES + FORM_BYTES, too_large)
    if file is None:
        raise RuleError("file_missing", "请先选择文件。", "file")
    refuse_other_ending(file.filename or "")
    return file
