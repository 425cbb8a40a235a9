"""Record shape of a note on a case."""

from caseapp.vault.registry import Record, record_kind


@record_kind(13, schema=1)
class Note(Record, kw_only=True, frozen=True, omit_defaults=True):
    """Free text about something said, done or learned."""

    text: str
    story: bool = False  # part of the client's story: shown closed until a reader opens it
