"""Whatever table says something of a graduate, undoing an import knows what to do about it."""

from migrations.metadata import metadata
from notifier.ledger.tables import Binding, Message
from registry.interface.tables import FeedChange, SourceRecord
from registry.numbers.posting.tables import Posting
from registry.numbers.tables import Authentication, IssuedNumber
from registry.record.province_tables import ProvinceEntry
from registry.record.tables import Confirmation
from registry.review.tables import Application
from registry.signing.tables import Invitation, OfflineRequest
from registry.tasks import roster_undo


def test_every_table_about_a_graduate_is_in_the_way_or_goes_with_her() -> None:
    numbered = {Authentication, IssuedNumber, Posting, ProvinceEntry}
    numbered |= {SourceRecord, FeedChange}
    in_the_way = {Application, Confirmation, Invitation, OfflineRequest, *numbered}
    tables = in_the_way | {Binding, Message, *roster_undo.REMOVED}
    of_agreements = {"agreement_paper", "supplement", "termination", "termination_document"}
    named = {each.__tablename__ for each in tables} | {"agreement", *of_agreements}
    named |= {"evidence", "task_application", "breach_report"}  # of applications, who was bound
    named.add("forwarded_entry")  # of a batch that was filed
    about_her = {
        table.name
        for table in metadata.tables.values()
        if any(key.column.table.name == "graduate" for key in table.foreign_keys)
    }
    assert about_her == named
