"""The page on which a filing is recorded, as finished values."""

from dataclasses import dataclass
from datetime import date

from caseapp.deadlines.panels.case_deadlines import main_date
from caseapp.deadlines.panels.filing_lines import FilingLine, filing_lines
from caseapp.deadlines.panels.receipt import ReceiptPanel, describe_receipt
from caseapp.deadlines.panels.working import format_time
from caseapp.records.deadline import Deadline
from caseapp.ui.display.case_header import CaseHead, case_head
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.rule_names import translate_deadline_name
from caseapp.vault.store import Entry, SealedFile


@dataclass(frozen=True)
class FilingPage:
    """A deadline and its filing so far. `is_closed`: only a rejection can be recorded."""

    head: CaseHead
    deadline_id: str
    what: str
    on: date | None
    due_on: date | None
    due_time: str
    receipt: ReceiptPanel | None
    is_fatal: bool
    is_closed: bool
    lines: tuple[FilingLine, ...]


def filing_page(file: SealedFile, entry: Entry[Deadline], names: MemberNames, *, zone: str) -> FilingPage:
    """Return the page of a deadline on which its filing is recorded."""
    record = entry.record
    return FilingPage(
        head=case_head(file),
        deadline_id=str(entry.id),
        what=translate_deadline_name(record.what),
        on=main_date(record),
        due_on=record.due_on,
        due_time=format_time(record.due_minute),
        receipt=describe_receipt(record, zone),
        is_fatal=record.severity == "fatal",
        is_closed=record.state != "open",
        lines=filing_lines(file, record, names),
    )
