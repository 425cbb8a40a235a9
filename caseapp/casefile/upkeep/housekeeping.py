"""The hourly clean-up of expired rows, uploads, sessions and keys across the rooms."""

from datetime import timedelta

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.members import removal
from caseapp.accounts.models import Session
from caseapp.accounts.recovery import member
from caseapp.casefile import file_storage
from caseapp.lib import clock
from caseapp.reminders.models import Delivery, Fire, OutboxState
from caseapp.reminders.planning import checks, outbox, queries
from caseapp.vault import server_keys


def delete_expired() -> None:
    """Delete what has expired, count the reminder rows of the night and rewrite the outbox once in 20 hours.

    Sent fire rows and delivery log lines go after 30 days, ended sessions and uploads never filed after one day. Shred
    halves that a crash left behind, expired recovery requests, old opt-outs and unused plan keys go too.
    """
    now = clock.now()
    month = now - timedelta(days=30)
    Fire.objects.filter(sent_on__lt=month.date()).delete()
    Delivery.objects.filter(at__lt=month).delete()
    Session.objects.filter(gone_on__lte=now.date()).delete()
    checks.run_census()
    file_storage.delete_abandoned(now - timedelta(days=1))
    removal.destroy_due_halves()
    member.delete_expired()
    opt_out_inbox.delete_received_before(now.date() - timedelta(days=opt_out_inbox.KEPT_DAYS))
    server_keys.destroy_old_plan_keys(queries.plan_key_ids())
    last = OutboxState.objects.filter(id=1).values_list("shuffled_at", flat=True).first()
    if last is None or now - last > timedelta(hours=20):
        outbox.rewrite_all()
        OutboxState.objects.filter(id=1).update(shuffled_at=now)
