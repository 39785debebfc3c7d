"""The rows of the audit log that tests ask for: what was done, apart from what was looked at."""

from registry.accounts.audit_log.words import SEEN
from registry.accounts.tables import AuditEntry

PAGES = [action for action in SEEN.words if action.startswith("seen_")]
"""What a page leaves that was only looked at."""
DEEDS = AuditEntry.action.not_in([*PAGES, "refused"])
"""The condition of rows that say more."""
