"""A group whose dates wait for the law as it is: who hears of it on which morning, with nobody signed in."""

import datetime as dt
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction

from caseapp import rules
from caseapp.index import queries
from caseapp.lib import clock, recompute_mark
from caseapp.reminders import recipients, tasks
from caseapp.reminders.monitoring import stale_law
from caseapp.reminders.sending import messages
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box

pytestmark = pytest.mark.django_db(transaction=True)
ORG, OTHER, ADMIN, STAFF, GROUP = (UUID(int=0xA0 + number) for number in range(5))
CHANGED = dt.datetime(2026, 12, 7, 15, 0, tzinfo=dt.UTC)  # Monday
URGENT = messages.message_for("urgent", "en").subject


@pytest.fixture
def box(box: Box, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setattr(clock, "now", lambda: CHANGED)
    for org, people in ((ORG, ((ADMIN, "ana"), (STAFF, "ben"))), (OTHER, ((ADMIN, "lena"),))):
        with office_transaction(org):
            for member, name in people:
                recipients.set_address(
                    org, member, address=f"{name}@office.test", language="en", zone="UTC", admin=member == ADMIN
                )
            queries.create_head(org, GROUP, 1, rules.pack_version())
    return box


def _told(box: Box, monkeypatch: pytest.MonkeyPatch, days: int, hour: int = 8) -> list[str]:
    """Who gets a message when the clock rings twice at this hour, so many days after the change."""
    at = dt.datetime.combine(CHANGED.date() + dt.timedelta(days=days), dt.time(hour), dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: at)
    before = len(box.letters)
    with acting_as("clock"):
        tasks.notify_stale_offices()
        tasks.notify_stale_offices()
    new = box.letters[before:]
    assert {letter["Subject"] for letter in new} <= {URGENT}
    return sorted(str(letter["To"]).partition("@")[0] for letter in new)


def _owe(org: UUID, mark: str) -> None:
    with office_transaction(org):
        queries.set_law_mark(org, GROUP, mark, instead_of=rules.pack_version())


def test_nobody_hears_anything_while_all_is_computed(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [_told(box, monkeypatch, day) for day in range(4)] == [[], [], [], []]


def test_the_whole_office_hears_on_two_mornings_then_the_admins_each_day(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    _owe(ORG, recompute_mark.owed_mark(CHANGED.date()))
    assert _told(box, monkeypatch, 0, hour=20) == []
    assert _told(box, monkeypatch, 1, hour=6) == []
    assert _told(box, monkeypatch, 1) == ["ana", "ben"]
    assert _told(box, monkeypatch, 1, hour=15) == []
    assert _told(box, monkeypatch, 2) == ["ana", "ben"]
    assert _told(box, monkeypatch, 3) == ["ana"]
    assert _told(box, monkeypatch, 4) == ["ana"]


def test_work_begun_and_not_finished_is_still_owed_from_its_first_day(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    _owe(ORG, recompute_mark.in_progress_mark(rules.pack_version(), "0" * 32, CHANGED.date()))
    assert _told(box, monkeypatch, 1) == ["ana", "ben"]


def test_a_new_pack_is_owed_from_the_day_the_clock_first_saw_it(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    with acting_as("clock"):
        tasks.notify_stale_offices()  # the clock knows the law of today
    monkeypatch.setattr(rules, "pack_version", lambda: "2026.12.09-0123456789ab")
    assert _told(box, monkeypatch, 2) == []  # the day it came
    assert _told(box, monkeypatch, 3) == ["ana", "ben", "lena"]
    assert stale_law.first_seen_on("2026.12.09-0123456789ab") == dt.date(2026, 12, 9)


def test_the_clock_sees_of_the_index_how_far_it_is_and_nothing_else(box: Box) -> None:
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with acting_as("clock"), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT group_id FROM index_head")


@pytest.mark.parametrize("text", ["", "~", "~2026131", "x@y~20261124", "0@0~99999999", "2026.11.24-abc"])
def test_a_mark_that_says_nothing_is_read_as_nothing(text: str) -> None:
    assert recompute_mark.parse_mark(text) == recompute_mark.Mark("", "", None)


def test_a_mark_is_read_as_it_was_written_and_fits_its_column() -> None:
    case = "0123456789abcdef0123456789abcdef"
    mark = recompute_mark.in_progress_mark("2026.11.24-1a2b3c4d5e6f", case, dt.date(2026, 11, 24))
    assert recompute_mark.parse_mark(mark) == recompute_mark.Mark("1a2b3c4d5e6f", "0123456789ab", dt.date(2026, 11, 24))
    assert recompute_mark.parse_mark(recompute_mark.owed_mark(dt.date(2026, 11, 24))).since == dt.date(2026, 11, 24)
    assert len(mark) <= 40
