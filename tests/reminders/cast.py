"""The office that most tests of reminders are about: who is in it, what they do, and the clock that is moved.

`ANA` is the one who is reminded, `BEN` and `EVA` are colleagues. Nobody is in it until a test admits them.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from django.db import connection
from msgspec.structs import replace

from caseapp.lib import clock
from caseapp.reminders import choices, queries, recipients
from caseapp.reminders.bounces import handle
from caseapp.reminders.monitoring import status
from caseapp.reminders.planning import outbox, plan
from caseapp.reminders.planning.plan import Series
from caseapp.reminders.recipients import RecipientSettings, ReminderAddress
from caseapp.reminders.sending import delivery_log, rounds
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import server_keys
from caseapp.vault.core import operational, primitives
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.reminders.gateway import Gateway

ORG, ANA, BEN, EVA = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)
MONDAY = dt.date(2026, 12, 7)
DAY = dt.timedelta(days=1)
Move = Callable[..., None]  # the fixture `at`: a day, an hour and perhaps a minute


class Clock:
    """Stands at a moment until it is moved."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment

    def now(self) -> dt.datetime:
        return self.moment

    def pass_by(self, **more: float) -> None:
        self.moment += dt.timedelta(**more)


def stop_clock(monkeypatch: pytest.MonkeyPatch, moment: dt.datetime) -> Clock:
    """Let time stand at `moment` (aware), when this process began, until the test moves it.

    Days without items are silent meanwhile, so that what is counted is what was planned.
    """
    moving = Clock(moment)
    monkeypatch.setattr(clock, "now", moving.now)
    monkeypatch.setattr(status, "_started", moment)
    monkeypatch.setattr(choices, "OTHER_DAYS", 0)
    return moving


def mail_of(member: UUID) -> str:
    """The e-mail that `admit` gives them."""
    return f"m{member.int}@office.test"


def by_text(phone: Gateway, to: str = "5550122") -> tuple[ReminderAddress, ...]:
    """The other addresses of a member who has one telephone, behind this gateway."""
    return (ReminderAddress(kind="text", address=phone.address(to), shown="json"),)


def admit(
    member: UUID = ANA, *, zone: str = "UTC", admin: bool = False, supervisor: bool = False, **chosen: object
) -> None:
    """Somebody with an e-mail, in English; `chosen` are fields of their `Ways`."""
    with office_transaction(ORG):
        recipients.set_address(
            ORG, member, address=mail_of(member), language="en", zone=zone, admin=admin, supervisor=supervisor
        )
        recipients.change_settings(ORG, member, lambda ways: replace(ways, **chosen))


def ways_of(member: UUID) -> RecipientSettings:
    """As they stand now."""
    with office_transaction(ORG):
        reached = recipients.get(ORG, member)
    assert reached is not None
    return reached.settings


def series_of(member: UUID, *days: dt.date, urgent: bool = False) -> Series:
    """The reminders of one thing, written nowhere yet; `urgent` is said of all its days or of none."""
    return Series(primitives.new_key()[:16], member, days, frozenset(days if urgent else ()))


def write_plan(adds: Sequence[Series], withdraws: Sequence[Series] = ()) -> None:
    """As a save does; it counts once it is merged."""
    with office_transaction(ORG):
        plan.write(ORG, adds, withdraws)


def plan_days(member: UUID, *days: dt.date, urgent: bool = False) -> Series:
    """A series that was saved and merged."""
    series = series_of(member, *days, urgent=urgent)
    write_plan([series])
    merge()
    return series


def merge() -> int:
    """One run of the clock; how many plans it took in."""
    with acting_as("clock"):
        return outbox.merge()


def send_due() -> int:
    """One round of the clock; how many were told."""
    with acting_as("clock"):
        return rounds.send_due()


def read_bounces() -> int:
    """One look of the clock into the mailbox; how many notices counted."""
    with acting_as("clock"):
        return handle.process_mailbox()


def fire_of(member: UUID, day: dt.date) -> operational.ReminderDay | None:
    """What is merged for a member and day."""
    with office_transaction(ORG), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, sealed FROM reminders_fire WHERE lookup = %s", [queries.day_lookup(ORG, member, day)]
        )
        row = cursor.fetchone()
    return operational.open_fire(server_keys.operational_key(), ORG, row[0], bytes(row[1])) if row else None


def holds(series: Series, day: dt.date, *, member: UUID | None = None) -> bool:
    """Whether this day of the series is merged for this member; None: for whom it was made."""
    whose = member or series.member
    fire = fire_of(whose, day)
    return fire is not None and fire.has_token(series.token_for(day)) and fire.member == whose


def log_lines() -> list[tuple[str, str, str]]:
    """(what, by, state) of each line of the log, oldest first."""
    with office_transaction(ORG):
        return [(line.what, line.by, line.state) for line in reversed(delivery_log.entries_of(ORG))]


def addressees(box: Box) -> list[str]:
    """To whom the letters went, in the order in which they arrived."""
    return [str(letter["To"]) for letter in box.letters]
