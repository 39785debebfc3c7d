"""A document of a termination that comes in with a form: looked into before anything is written."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from notifier.providers import virus_scan
from registry.base.errors import RuleError
from registry.review import evidence_types
from registry.signing.termination_documents import TerminationProof
from wxapp.core import uploads
from wxapp.core.resources import resources

FILE = "file"
FORM_BYTES = 64 * 1024


def check_tokens_later(blueprint: Blueprint, *views: str) -> None:
    """Leave the check of these views' tokens to `read_proof`: it allows for the body first."""

    @blueprint.record
    def exempt(state: BlueprintSetupState) -> None:
        for view in views:
            uploads.csrf_of(state.app.extensions).exempt(view)


def read_chosen() -> TerminationProof:
    """Return the document of the form as `read_proof` does; raise `file_missing` without one."""
    found = read_proof()
    if found is None:
        raise RuleError("file_missing", "请先选择文件或拍照，再点上传。", FILE)
    return found


def read_proof() -> TerminationProof | None:
    """Return the document of the form, its token checked; None where none was chosen.

    Raises RuleError with a code of `evidence_types.SENTENCES`, or of the virus scan.
    """
    too_large = evidence_types.refusal("file_too_large")
    file = uploads.uploaded(FILE, evidence_types.MOST_BYTES + FORM_BYTES, too_large)
    if file is None:
        return None
    document = evidence_types.checked(file.stream.read())
    virus_scan.refuse_infected(resources().settings.clamd, document.content)
    return TerminationProof(resources().vault, file.filename or "", document)
