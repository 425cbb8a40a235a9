"""Record shape of a conflict check that was asked for about a case."""

from uuid import UUID

from caseapp.vault.registry import Record, record_kind


@record_kind(24, schema=1)
class ConflictCheck(Record, kw_only=True, frozen=True, omit_defaults=True):
    """A request to the conflict officer. `entered_by` asked, at `entered_at`.

    request     id of its row
    answer_key  opens the officer's answer: everyone who can open the case reads it
    asked       SHA-256 of the names and numbers that were asked about
    people      how many
    """

    request: UUID
    answer_key: bytes
    asked: bytes
    people: int = 0

    def __repr__(self) -> str:
        return f"<ConflictCheck {self.request}>"
