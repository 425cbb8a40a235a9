"""What the clock rings. Each takes nothing, calls one service, answers nothing, and may run twice."""

from celery import shared_task

from caseapp.reminders import heartbeat
from caseapp.reminders.bounces import handle
from caseapp.reminders.monitoring import inactive_offices, stale_law, status, uptime_ping
from caseapp.reminders.planning import outbox
from caseapp.reminders.sending import rounds


@shared_task(name="reminders.merge_plans")
def merge_plans() -> None:
    """Bring plans into fire rows."""
    heartbeat.beat("worker")
    outbox.merge()


@shared_task(name="reminders.send_due")
def send_due() -> None:
    """Send what is due; rung by beat alone, so it is beat's sign of life."""
    heartbeat.beat("beat")
    rounds.send_due()
    status.tell_missing()
    status.tell_mail_away()
    uptime_ping.ping()


@shared_task(name="reminders.self_test")
def self_test() -> None:
    """The daily message to the admins."""
    status.self_test()


@shared_task(name="reminders.read_bounces")
def read_bounces() -> None:
    """Look for messages that came back."""
    handle.read()


@shared_task(name="reminders.tell_behind")
def tell_behind() -> None:
    """Say that dates wait for somebody to sign in: after the law changed, or because nobody has looked for a week."""
    stale_law.tell()
    inactive_offices.tell()
