"""What the clock rings. Each takes nothing, calls one service, answers nothing, and may run twice."""

from celery import shared_task

from caseapp.reminders import heartbeat
from caseapp.reminders.bounces import handle as bounces
from caseapp.reminders.monitoring import inactive_offices as silence
from caseapp.reminders.monitoring import stale_law as behind
from caseapp.reminders.monitoring import status as watchdog
from caseapp.reminders.monitoring import uptime_ping as ping
from caseapp.reminders.planning import outbox
from caseapp.reminders.sending import rounds as delivery


@shared_task(name="reminders.merge_plans")
def merge_plans() -> None:
    """Bring plans into fire rows."""
    heartbeat.beat("worker")
    outbox.merge()


@shared_task(name="reminders.send_due")
def send_due() -> None:
    """Send what is due; rung by beat alone, so it is beat's sign of life."""
    heartbeat.beat("beat")
    delivery.send_due()
    watchdog.tell_missing()
    watchdog.tell_mail_away()
    ping.ping()


@shared_task(name="reminders.self_test")
def self_test() -> None:
    """The daily message to the admins."""
    watchdog.self_test()


@shared_task(name="reminders.read_bounces")
def read_bounces() -> None:
    """Look for messages that came back."""
    bounces.read()


@shared_task(name="reminders.tell_behind")
def tell_behind() -> None:
    """Say that dates wait for somebody to sign in: after the law changed, or because nobody has looked for a week."""
    behind.tell()
    silence.tell()
