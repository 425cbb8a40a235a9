"""Today says when the last backup was made, to admins, and that the office was restored, to everyone."""

import datetime as dt
from uuid import uuid4

import pytest
from django.utils import translation

from caseapp.casefile.models import ReplayedEnd
from caseapp.lib import clock
from caseapp.reminders.models import Heartbeat
from caseapp.today import backups
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 30, 15, 0, tzinfo=dt.UTC)  # Monday, 10:00 AM in New York


@pytest.fixture(autouse=True)
def frozen_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def _beat(name: str, **ago: float) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"at": NOW - dt.timedelta(**ago)})


def test_admins_read_when_the_last_backup_was_made_and_what_is_wrong() -> None:
    ana = cast.found()
    cast.colleague_of(ana)
    ben = cast.signed_in("ben@office.test")

    def read() -> list[tuple[str, bool]]:
        with office_transaction(ana.org_id):
            assert backups.backup_lines(ben, has_cases=True) == ()
            return [(line.sentence, line.is_grave) for line in backups.backup_lines(ana, has_cases=True)]

    assert backups.backup_lines(ana, has_cases=False) == ()
    assert [grave for _, grave in read()] == [True]
    assert read()[0][0].startswith("No backup was made yet.")
    _beat("backup", hours=7)
    assert read() == [("Last backup: Mon, Nov 30, 2026, 3:00 AM.", False)]
    _beat("backup short", hours=7)
    assert read()[0][0].startswith("Backups need attention: the last one is of Mon, Nov 30, 2026, 3:00 AM.")
    Heartbeat.objects.filter(name="backup short").delete()
    _beat("backup failed", hours=1)
    assert [grave for _, grave in read()] == [True]
    Heartbeat.objects.filter(name="backup failed").delete()
    _beat("backup", days=8)
    assert [grave for _, grave in read()] == [True]


def test_everyone_reads_that_the_office_was_restored_and_admins_what_ended_again() -> None:
    ana = cast.found()
    cast.colleague_of(ana)
    ben = cast.signed_in("ben@office.test")
    _beat("backup", days=3)
    _beat("restored backup", days=3)
    _beat("restored", days=1)
    with office_transaction(ana.org_id):
        for kind in ("cases", "cases", "members"):
            ReplayedEnd.objects.create(org_id=ana.org_id, subject=uuid4(), kind=kind)
        for_ben = [line.sentence for line in backups.backup_lines(ben, has_cases=True)]
        for_ana = [line.sentence for line in backups.backup_lines(ana, has_cases=True)]
    assert len(for_ben) == 1
    assert for_ben[0].startswith(
        "This office was restored on Sun, Nov 29, 2026, 10:00 AM from the backup of Fri, Nov 27, 2026, 10:00 AM."
    )
    assert "destroyed cases 2, removed members 1" in for_ana[1]
    _beat("restored", days=15)
    with office_transaction(ana.org_id):
        assert backups.backup_lines(ben, has_cases=True) == ()


def test_a_sentence_that_ends_with_an_hour_has_one_period_in_spanish() -> None:
    ana = cast.found()
    for name in ("backup", "restored", "restored backup"):
        _beat(name, hours=7)
    with translation.override("es"), office_transaction(ana.org_id):
        sentences = [line.sentence for line in backups.backup_lines(ana, has_cases=True)]
    assert all("a.\u00a0m." in sentence for sentence in sentences), sentences
    assert not any(".." in sentence for sentence in sentences), sentences
