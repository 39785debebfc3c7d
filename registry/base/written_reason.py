"""A reason that somebody has to write: for a return, a correction, a request to void."""

from registry.base.errors import RuleError
from registry.base.text import clean

REASON_LENGTH = 200
"""Characters of a reason, everywhere."""


def written_reason(text: str, missing: str, field: str = "reason") -> str:
    """Return the reason as it is kept; `missing` is the sentence for an empty one.

    Raises RuleError `reason_missing` or `reason_too_long`; of another field, with its name in
    front: `note_missing`, `note_too_long`.
    """
    reason = clean(text)
    if not reason:
        raise RuleError(f"{field}_missing", missing, field)
    if len(reason) > REASON_LENGTH:
        raise RuleError(f"{field}_too_long", f"原因请控制在 {REASON_LENGTH} 字以内。", field)
    return reason
