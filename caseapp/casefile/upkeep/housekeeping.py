"""The hourly clean-up of expired rows, uploads, sessions and keys across the rooms."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.drafts import draft_store, sent_forms
from caseapp.accounts.members import removal
from caseapp.accounts.models import Session
from caseapp.accounts.recovery import member
from caseapp.accounts.signin import throttle
from caseapp.casefile import file_storage
from caseapp.lib import clock
from caseapp.reminders import heartbeat
from caseapp.reminders.models import Channel, Delivery, Fire, OutboxState
from caseapp.reminders.monitoring import unfit_gateways
from caseapp.reminders.planning import checks, outbox, queries
from caseapp.vault import server_keys, shred_keys

MONTH: Final = timedelta(days=30)
DONE, FAILED = "done ", "failed "  # prefixes of the heartbeat names of each step
log = logging.getLogger("caseapp.casefile")


@dataclass(frozen=True)
class HousekeepingStep:
    """One step. `name` has at most 13 characters: doctor shows it, and a heartbeat row is named after it."""

    name: str
    run: Callable[[datetime], object]


def register_step(step: HousekeepingStep) -> None:
    """Add the step of a feature. Raises ValueError for a name that another step has."""
    if any(known.name == step.name for known in STEPS):
        raise ValueError(f"two housekeeping steps are named {step.name}")
    STEPS.append(step)


def delete_expired() -> None:
    """Run every step; one that fails is logged, keeps its state for `caseapp doctor`, and stops no other.

    Sent fire rows and delivery log lines go after 30 days, ended sessions and uploads never filed after one day. Shred
    halves that a crash left behind, counts of tries, expired recovery requests, old opt-outs, drafts, sent forms and
    unused plan keys go too. The reminder rows of the night are counted, and the outbox is rewritten once in 20 hours.
    """
    now = clock.now()
    for step in STEPS:
        _run_step(step, now)


def _run_step(step: HousekeepingStep, now: datetime) -> None:
    try:
        step.run(now)
        heartbeat.beat(f"{DONE}{step.name}")
        heartbeat.end_condition(f"{FAILED}{step.name}")
    except Exception as exc:
        log.error("housekeeping.failed step=%s %s", step.name, exc)
        with suppress(DatabaseError):  # the database may be what fails
            heartbeat.begin_condition(f"{FAILED}{step.name}")


def _rewrite_outbox(now: datetime) -> None:
    last = OutboxState.objects.filter(id=1).values_list("shuffled_at", flat=True).first()
    if last is None or now - last > timedelta(hours=20):
        outbox.rewrite_all()
        OutboxState.objects.filter(id=1).update(shuffled_at=now)


def _delete_old_opt_outs(now: datetime) -> None:
    opt_out_inbox.delete_received_before(now.date() - timedelta(days=opt_out_inbox.KEPT_DAYS))


def _delete_old_tries(now: datetime) -> None:
    throttle.delete_old_counts(now, Channel.objects.values_list("member_id", flat=True))


STEPS: Final = [
    HousekeepingStep("fire rows", lambda now: Fire.objects.filter(sent_on__lt=(now - MONTH).date()).delete()),
    HousekeepingStep("delivery log", lambda now: Delivery.objects.filter(at__lt=now - MONTH).delete()),
    HousekeepingStep("sessions", lambda now: Session.objects.filter(gone_on__lte=now.date()).delete()),
    HousekeepingStep("tries", _delete_old_tries),
    HousekeepingStep("census", lambda _now: checks.run_census()),
    HousekeepingStep("gateways", lambda _now: unfit_gateways.record_unfit_gateways()),
    HousekeepingStep("uploads", lambda now: file_storage.delete_abandoned(now - timedelta(days=1))),
    HousekeepingStep("shred halves", lambda _now: removal.destroy_due_halves()),
    HousekeepingStep("drill copies", lambda now: shred_keys.destroy_drill_copies(now - timedelta(days=1))),
    HousekeepingStep("returns", lambda _now: member.delete_expired()),
    HousekeepingStep("opt-outs", _delete_old_opt_outs),
    HousekeepingStep("drafts", lambda now: draft_store.delete_expired(now.date())),
    HousekeepingStep("sent forms", lambda now: sent_forms.delete_expired(now.date())),
    HousekeepingStep("plan keys", lambda _now: server_keys.destroy_old_plan_keys(queries.plan_key_ids())),
    HousekeepingStep("outbox", _rewrite_outbox),
]
