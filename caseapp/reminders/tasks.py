"""Celery tasks of reminders. Each has no arguments, calls services, returns nothing and may run twice."""

from celery import shared_task

from caseapp.reminders import heartbeat
from caseapp.reminders.bounces import handle
from caseapp.reminders.monitoring import inactive_offices, stale_law, status, uptime_ping
from caseapp.reminders.planning import outbox
from caseapp.reminders.sending import rounds


@shared_task(name="reminders.merge_plans")
def merge_plans() -> None:
    """Merge plans into fire rows."""
    heartbeat.beat("worker")
    outbox.merge()


@shared_task(name="reminders.send_due")
def send_due() -> None:
    """Send what is due. Only beat starts this task, so it also records beat's heartbeat."""
    heartbeat.beat("beat")
    rounds.send_due()
    status.tell_missing()
    status.tell_mail_away()
    uptime_ping.ping()


@shared_task(name="reminders.self_test")
def self_test() -> None:
    """Send the daily self-test to the admins."""
    status.self_test()


@shared_task(name="reminders.read_bounces")
def read_bounces() -> None:
    """Process messages that bounced."""
    handle.read()


@shared_task(name="reminders.tell_behind")
def tell_behind() -> None:
    """Notify offices whose dates wait for a sign-in: after a change of law, or after a week without a look at Today."""
    stale_law.tell()
    inactive_offices.tell()
