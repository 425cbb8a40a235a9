"""Celery app. Tasks carry only ids, keep no results and may run twice; the database row is the truth."""

import os
from contextlib import suppress

import django
from celery import Celery
from celery.signals import beat_init, worker_init
from django.db import DatabaseError, InterfaceError

from caseapp.lib import memory
from caseapp.lib.logs import quiet_logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caseapp.config.settings")

app = Celery("caseapp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 600, "socket_connect_timeout": 2},
    timezone="UTC",
    beat_scheduler="caseapp.config.alive:MarkingScheduler",
    beat_schedule={
        "merge-plans": {"task": "reminders.merge_plans", "schedule": 60.0, "options": {"expires": 55}},
        "send-due": {"task": "reminders.send_due", "schedule": 60.0, "options": {"expires": 55}},
        "self-test": {"task": "reminders.self_test", "schedule": 60.0, "options": {"expires": 55}},
        "read-bounces": {"task": "reminders.read_bounces", "schedule": 300.0, "options": {"expires": 280}},
        "audit-checkpoint": {"task": "audit.checkpoint", "schedule": 300.0, "options": {"expires": 280}},
        "tell-behind": {"task": "reminders.tell_behind", "schedule": 900.0, "options": {"expires": 800}},
        "housekeeping": {"task": "reminders.housekeeping", "schedule": 3600.0, "options": {"expires": 3000}},
    },
)
app.steps["worker"].add("caseapp.config.alive:WorkerAlive")
app.autodiscover_tasks(["caseapp.audit", "caseapp.reminders", "caseapp.casefile"])


@beat_init.connect
@worker_init.connect
def _keep_memory_private(**_: object) -> None:
    memory.keep_private()
    quiet_logs.install()


@beat_init.connect
@worker_init.connect
def _refuse_newer_database(**_: object) -> None:
    """End the process, with one sentence, before it touches a database that a newer program migrated."""
    django.setup()
    from caseapp.ui import schema_state

    with suppress(DatabaseError, InterfaceError):  # unreachable: the process waits for it, as ever
        if schema_state.find_newer_migrations():
            raise SystemExit("The database was changed by a newer version of Caseapp: install that version.")
