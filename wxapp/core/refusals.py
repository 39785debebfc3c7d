"""What HTTP says of a refusal by a rule, wherever it is answered: one status for each code."""

from flask import g, has_request_context

from registry.base.errors import RuleError

REFUSED = 400
STATUSES = {
    "not_found": 404,
    "read_only": 403,
    "no_signing": 403,
    "no_managing": 403,
    "no_export": 403,
    "cursor_unknown": 409,
    "cursor_expired": 410,
    "no_batch": 422,
    "no_record": 422,
    "parameter_wrong": 422,
    "source_id_disagrees": 422,
    "too_many_records": 422,
    "too_large": 413,
    "too_many_attempts": 429,
    "too_many_reveals": 429,
    "campus_away": 503,
    "face_check_away": 503,
    "file_store_away": 503,
    "files_busy": 503,
    "ledger_behind": 503,
    "scanner_away": 503,
}
"""Code of a RuleError -> status; all others are `REFUSED`."""


def status_of(refusal: RuleError) -> int:
    """Return the HTTP status a refusal is answered with; the request's line in the log names it."""
    if has_request_context():
        g.refused = refusal.code
    return STATUSES.get(refusal.code, REFUSED)
