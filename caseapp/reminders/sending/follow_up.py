"""The repeat: a second message on a day, in other words, when the member has not opened Today after the first.

Only a look at Today silences it (`delivery_log.saw`); an open deadline goes on to lead, supervisor and admins
regardless (`casefile.reminder_schedule`). It is sent for urgent days, and for a share of the others, drawn by key, so
that a repeat does not reveal to a reader of the mail that the day was urgent; at level constant for every day. Never in
quiet hours.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from caseapp.reminders import choices, queries
from caseapp.reminders.queries import Person, message_id
from caseapp.reminders.recipients import Reached

DAYS_MESSAGES = ("reminder", "urgent")


def wanted(
    people: Sequence[tuple[Person, datetime]],
    sources: Mapping[UUID, Sequence[Person]],
    told: Collection[str],
    now: datetime,
) -> list[tuple[Person, date]]:
    """Return the members to remind again now, each with the day of the message.

    people    with the time on their own clock
    sources   by member, the members whose days they receive: their own and those of members they stand in for
    sent_ids  today's messages that went out
    """
    asked = [(person, local) for person, local in people if not _is_quiet(person.reached, local)]
    ids = {
        message_id(person.reached, local.date(), what): (person, local.date())
        for person, local in asked
        for what in DAYS_MESSAGES
    }
    unseen = queries.unseen([mid for mid in ids if mid in told], now - choices.UNSEEN_AFTER)
    candidates = {person.member_id: (person, day) for person, day in (ids[mid] for mid in unseen)}
    again = queries.logged([message_id(person.reached, day, "unseen") for person, day in candidates.values()])
    owed = [
        (person, day) for person, day in candidates.values() if message_id(person.reached, day, "unseen") not in again
    ]
    urgent = queries.urgent_among(
        [(source.reached, day) for person, day in owed for source in sources[person.member_id]]
    )
    return [
        (person, day)
        for person, day in owed
        if queries.is_drawn(person.reached, day, b"unseen day")
        or any(origin.member_id in urgent for origin in sources[person.member_id])
    ]


def _is_quiet(reached: Reached, local: datetime) -> bool:
    return reached.ways.is_quiet(local.hour * 60 + local.minute)
