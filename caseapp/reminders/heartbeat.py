"""Heartbeats of the parts that must not stop unnoticed."""

from datetime import datetime

from caseapp.lib import clock
from caseapp.reminders.models import Heartbeat


def beat(name: str) -> None:
    """Record that the part `name` was alive just now: beat, worker, claim, self-test or bounces."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": clock.now().replace(microsecond=0)})


def begin_condition(name: str) -> None:
    """Record the start of a condition, unless it has already started."""
    Heartbeat.objects.get_or_create(name=name, defaults={"at": clock.now().replace(microsecond=0)})


def end_condition(name: str) -> None:
    """Delete the record of a condition that is over."""
    Heartbeat.objects.filter(name=name).delete()


def last_seen() -> dict[str, datetime]:
    """Return by name when each part was last alive."""
    return dict(Heartbeat.objects.values_list("name", "at"))
