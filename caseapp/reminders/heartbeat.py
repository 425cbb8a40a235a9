"""Signs of life of the parts that must not fall silent."""

from datetime import datetime

from caseapp.lib import clock
from caseapp.reminders.models import Heartbeat


def beat(name: str) -> None:
    """beat, worker, claim, self-test or bounces was alive just now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": clock.now().replace(microsecond=0)})


def begin(name: str) -> None:
    """Something began just now, if it has not before."""
    Heartbeat.objects.get_or_create(name=name, defaults={"at": clock.now().replace(microsecond=0)})


def end(name: str) -> None:
    """It is over."""
    Heartbeat.objects.filter(name=name).delete()


def seen() -> dict[str, datetime]:
    """Name -> when it was last alive."""
    return dict(Heartbeat.objects.values_list("name", "at"))
