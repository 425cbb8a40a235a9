"""The repeat: a second message on a day, in other words, when the member has not opened Today after the first.

Only a look at Today silences it (`delivery_log.mark_seen`); an open deadline goes on to lead, supervisor and admins
regardless (`casefile.reminder_plans.reminder_schedule`). It is sent for urgent days, and for a share of the others,
drawn by key, so that a repeat does not reveal to a reader of the mail that the day was urgent; at level constant for
every day. Never in quiet hours.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from caseapp.reminders import choices, queries
from caseapp.reminders.queries import ReminderMember, message_id
from caseapp.reminders.recipients import Recipient
from caseapp.vault.core.labels import LABELS

DAY_MESSAGE_KINDS = ("reminder", "urgent")


def due_repeats(
    people: Sequence[tuple[ReminderMember, datetime]],
    sources: Mapping[UUID, Sequence[ReminderMember]],
    sent_ids: Collection[str],
    now: datetime,
) -> list[tuple[ReminderMember, date]]:
    """Return the members to remind again now, each with the day of the message.

    people    with the time on their own clock
    sources   by member, the members whose days they receive: their own and those of members they stand in for
    sent_ids  today's messages that went out
    """
    asked = [(person, local) for person, local in people if not _is_quiet(person.recipient, local)]
    ids = {
        message_id(person.recipient, local.date(), what): (person, local.date())
        for person, local in asked
        for what in DAY_MESSAGE_KINDS
    }
    unseen = queries.unseen_messages([mid for mid in ids if mid in sent_ids], now - choices.REPEAT_AFTER)
    candidates = {person.member_id: (person, day) for person, day in (ids[mid] for mid in unseen)}
    again = queries.sent_times([message_id(person.recipient, day, "unseen") for person, day in candidates.values()])
    owed = [
        (person, day) for person, day in candidates.values() if message_id(person.recipient, day, "unseen") not in again
    ]
    urgent = queries.members_with_urgent(
        [(source.recipient, day) for person, day in owed for source in sources[person.member_id]]
    )
    return [
        (person, day)
        for person, day in owed
        if queries.is_drawn(person.recipient, day, LABELS["unseen day"])
        or any(origin.member_id in urgent for origin in sources[person.member_id])
    ]


def _is_quiet(recipient: Recipient, local: datetime) -> bool:
    return recipient.settings.is_quiet(local.hour * 60 + local.minute)
