"""Part of a case's row about its intake."""

import datetime as dt

import msgspec


class IntakeRow(msgspec.Struct, kw_only=True, array_like=True, frozen=True, gc=False):
    """An intake in the queue: one of `records.answer.STATES`, since when, and what the queue shows, texts cut."""

    state: str
    since: dt.date
    about: str = ""
    priority: str = ""
    reason: str = ""
    next_contact_on: dt.date | None = None
    decision: str = ""
    step: str = ""  # the first step that is not saved yet
