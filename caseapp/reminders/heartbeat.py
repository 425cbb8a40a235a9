"""Signs of life of the parts that must not fall silent."""

from datetime import datetime

from caseapp.lib import clock
from caseapp.reminders.models import Heartbeat


def beat(name: str) -> None:
    """beat, worker, claim, self-test or bounces was alive just now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": clock.now().replace(microsecond=0)})


def seen() -> dict[str, datetime]:
    """Name -> when it was last alive."""
    return dict(Heartbeat.objects.values_list("name", "at"))
