"""Every table of the product in one metadata: what migrations are compared with."""

import notifier.ledger.mini_tables
import notifier.ledger.poster_tables
import notifier.ledger.tables
import registry.accounts.audit_log.tables
import registry.accounts.campus_tables
import registry.accounts.employer_tables
import registry.accounts.school_tables
import registry.accounts.tables
import registry.base.file_tables
import registry.breaches.tables
import registry.interface.tables
import registry.numbers.posting.tables
import registry.numbers.tables
import registry.province.forwarding_tables
import registry.record.contact_tables
import registry.record.count_tables
import registry.record.list_tables
import registry.record.privacy_tables
import registry.record.province_tables
import registry.record.tables
import registry.review.tables
import registry.roster.tables
import registry.second_factor.tables
import registry.signing.employer_papers
import registry.signing.employer_text_tables
import registry.signing.paper_tables
import registry.signing.supplement_tables
import registry.signing.tables
import registry.signing.termination_tables
import registry.statistics.figure_tables
import registry.tasks.earlier_tables
import registry.tasks.tables
from registry.base.database import Base

TABLES = (
    notifier.ledger.mini_tables,
    notifier.ledger.poster_tables,
    notifier.ledger.tables,
    registry.accounts.audit_log.tables,
    registry.accounts.campus_tables,
    registry.accounts.employer_tables,
    registry.accounts.school_tables,
    registry.accounts.tables,
    registry.base.file_tables,
    registry.breaches.tables,
    registry.interface.tables,
    registry.numbers.posting.tables,
    registry.numbers.tables,
    registry.province.forwarding_tables,
    registry.record.contact_tables,
    registry.record.count_tables,
    registry.record.list_tables,
    registry.record.privacy_tables,
    registry.record.province_tables,
    registry.record.tables,
    registry.review.tables,
    registry.roster.tables,
    registry.second_factor.tables,
    registry.signing.employer_papers,
    registry.signing.employer_text_tables,
    registry.signing.paper_tables,
    registry.signing.supplement_tables,
    registry.signing.tables,
    registry.signing.termination_tables,
    registry.statistics.figure_tables,
    registry.tasks.earlier_tables,
    registry.tasks.tables,
)
"""The modules that say what the tables are; imported, so that the metadata knows them."""

metadata = Base.metadata


def is_on_sqlite(_object: object, name: str | None, kind: str, *_: object) -> bool:
    """Say whether SQLite has a thing of the metadata: all but an index of PostgreSQL's own kind."""
    return (kind, name) != ("index", "ix_audit_entry_people")
