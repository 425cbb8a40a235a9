"""Shapes of the case itself and of the work done on it."""

from caseapp.vault.registry import Record, record_kind


@record_kind(13, schema=1)
class Note(Record, kw_only=True, omit_defaults=True):
    """Free text of what was said, done or found out."""

    text: str
    story: bool = False  # part of the story: closed until opened
