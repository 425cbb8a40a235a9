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
    status.warn_of_missing()
    status.warn_of_mail_outage()
    uptime_ping.ping_monitor()


@shared_task(name="reminders.self_test")
def send_self_tests() -> None:
    """Send the daily self-test to the admins."""
    status.send_self_tests()


@shared_task(name="reminders.read_bounces")
def read_bounces() -> None:
    """Process messages that bounced."""
    handle.process_mailbox()


@shared_task(name="reminders.tell_behind")
def notify_stale_offices() -> None:
    """Notify offices whose dates wait for a sign-in: after a change of law, or after a week without a look at Today."""
    stale_law.notify_members()
    inactive_offices.notify_admins()
