"""`caseapp doctor` checks that an installation is healthy.

Every check returns one sentence that names no person and no case.
"""

import argparse
import json
import os
import queue
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg

from caseapp.cli import queries, upkeep_check
from caseapp.cli.stack import machine_checks
from caseapp.cli.stack.data_folder import ROLES, DataFolder, choose_folder
from caseapp.cli.stack.database import tables_with_row_security
from caseapp.cli.stack.machine_checks import Unhealthy as Unhealthy
from caseapp.lib import clock
from caseapp.lib.version import program_version

HOUSEKEEPING_LATE = timedelta(hours=3)  # it runs every hour
WORKER_TIMEOUT = 3.0  # seconds for a worker to answer
# Settings that an external PostgreSQL must have, so that no statement and no value reaches its log.
REQUIRED_SETTINGS = {
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_duration_statement": "-1",
    "log_statement": "none",
    "fsync": "on",
}
# Heartbeat rows that mean, when younger than a day, that a person has to act, whatever else runs.
ALARM_SIGNS = {
    "missing": "reminders were missing; what could be was put back",
    "unreached": "a member could not be reached by any channel",
    "unfit gateways": "a gateway for reminders has a host that GATEWAY_HOSTS does not list, or is not allowed any more",
}


@dataclass(frozen=True)
class CheckResult:
    """The result of one check."""

    name: str
    ok: bool
    detail: str


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp doctor`."""
    parser = subparsers.add_parser("doctor", description="Show what is healthy; exit 1 when something is not.")
    parser.add_argument("--only", action="append", default=[], metavar="CHECK", help="Only this check; repeatable")
    parser.add_argument("--json", action="store_true", help="Print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the result of every check. Return 0 when everything is healthy, else 1."""
    findings = run_checks(choose_folder(), only=args.only)
    is_healthy = all(finding.ok for finding in findings)
    if args.json:
        print(json.dumps({"healthy": is_healthy, "checks": [asdict(finding) for finding in findings]}, indent=1))
    else:
        for finding in findings:
            print(f"{'ok ' if finding.ok else 'NOT'}  {finding.name:<20} {finding.detail}")
        print("Everything is healthy." if is_healthy else "Something needs care: see the lines with NOT.")
    return 0 if is_healthy else 1


def run_checks(folder: DataFolder, *, only: Collection[str] = ()) -> list[CheckResult]:
    """Run every check separately, so that one that fails hides no other; `only` those of these names, if any."""
    checks: dict[str, Callable[[], str]] = {
        "settings": machine_checks.check_settings,
        "database": _check_database,
        "migrations": _check_migrations,
        "row security": _check_row_security,
        "roles": _check_roles,
        "database log": _check_database_log,
        "queue": _check_queue,
        "worker": _check_worker,
        "reminders": _check_reminders,
        "returned mail": _check_returned_mail,
        "channels": _check_channels,
        "offices": lambda: _ask_room("offices", folder.secrets),
        "recovery": _check_recovery,
        "lists": _check_lists,
        "upkeep": upkeep_check.check_upkeep,
        "seen versions": _check_seen_versions,
        "housekeeping": _check_housekeeping,
        "keys": _check_keys,
        "backup": lambda: _ask_room("backup"),
        "disk": lambda: machine_checks.check_disk(folder),
        "storage": lambda: machine_checks.check_storage(folder),
        "clock": lambda: machine_checks.check_clock(folder),
        "secrets": lambda: machine_checks.check_secrets(folder),
    }
    return [_run_check(name, check) for name, check in checks.items() if not only or name in only]


def _run_check(name: str, check: Callable[[], str]) -> CheckResult:
    try:
        return CheckResult(name, True, check())
    except Unhealthy as sentence:
        return CheckResult(name, False, str(sentence))
    except psycopg.Error as problem:
        return CheckResult(name, False, f"the database did not answer this ({type(problem).__name__})")
    except Exception as problem:
        # Its text could contain anything, so only its type is shown.
        return CheckResult(name, False, f"could not be looked at ({type(problem).__name__})")


def _check_connection() -> psycopg.Connection[tuple[Any, ...]]:
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise Unhealthy("no database is known: Caseapp does not run here, and DATABASE_URL is not set")
    return psycopg.connect(url, connect_timeout=5)


def _check_database() -> str:
    try:
        with _check_connection() as connection:
            return f"PostgreSQL {connection.info.server_version // 10000} answers"
    except psycopg.OperationalError:
        raise Unhealthy("PostgreSQL is unreachable") from None


def _check_migrations() -> str:
    if not os.environ.get("DATABASE_URL"):
        raise Unhealthy("unknown without a database")
    _set_up_django()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from caseapp.ui import schema_state

    if newer := schema_state.find_newer_migrations():
        raise Unhealthy(
            f"the database was changed by a newer version of Caseapp ({len(newer)} migrations that this one, "
            f"{program_version()}, does not know): install the newer version"
        )
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise Unhealthy(f"{len(missing)} are not applied: run `caseapp migrate`")
    return f"all applied, of Caseapp {program_version()}"


def _check_row_security() -> str:
    with _check_connection() as connection:
        wanted = set(tables_with_row_security(connection))
        forced = queries.tables_with_forced_row_security(connection)
    if not wanted:
        raise Unhealthy("there are no tables yet: run `caseapp migrate`")
    if missing := sorted(wanted - forced):
        raise Unhealthy(f"not forced on {', '.join(missing)}: run `caseapp migrate`")
    return f"forced on {len(wanted)} tables"


def _check_roles() -> str:
    with _check_connection() as connection:
        roles = queries.strong_roles(connection, ROLES.values())
    if missing := sorted(set(ROLES.values()) - set(roles)):
        raise Unhealthy(f"missing: {', '.join(missing)}; run `caseapp migrate` with ADMIN_DATABASE_URL")
    if strong := sorted(name for name, is_strong in roles.items() if is_strong):
        raise Unhealthy(f"may too much (superuser, BYPASSRLS or CREATEROLE): {', '.join(strong)}")
    return "three, none of them strong"


def _check_database_log() -> str:
    with _check_connection() as connection:
        settings = queries.settings_of(connection, REQUIRED_SETTINGS)
    if loud := sorted(name for name, allowed in REQUIRED_SETTINGS.items() if settings.get(name) != allowed):
        raise Unhealthy(f"set these as docs/operations.md says: {', '.join(loud)}")
    return "keeps no statement and no value"


def _check_queue() -> str:
    """Write a message, read it back and remove it: a full or read-only queue still answers a ping."""
    url = os.environ.get("BROKER_URL")
    if not url:
        raise Unhealthy("no queue is known: Caseapp does not run here, and BROKER_URL is not set")
    from kombu import Connection
    from kombu.exceptions import KombuError
    from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError, ResponseError

    try:
        with Connection(url, connect_timeout=3) as broker:
            broker.ensure_connection(max_retries=1, timeout=3)
            probe = broker.SimpleQueue(f"caseapp.doctor.{os.getpid()}")
            probe.put("probe")
            probe.get(timeout=3).ack()
            probe.queue.delete()
    except OutOfMemoryError:
        raise Unhealthy("the queue is full: its memory limit (maxmemory) is reached") from None
    except ReadOnlyError:
        raise Unhealthy("the queue is read-only: BROKER_URL leads to a copy of another server") from None
    except ResponseError as problem:
        raise Unhealthy(f"the queue cannot be written ({type(problem).__name__})") from None
    except queue.Empty:
        raise Unhealthy("the queue loses messages: one that was written is not there") from None
    except (KombuError, RedisError, OSError):
        raise Unhealthy("the queue is unreachable") from None
    return "can be written and read"


def _check_worker() -> str:
    from celery import Celery

    control = Celery(broker=os.environ.get("BROKER_URL")).control
    if not control.broadcast("ping", reply=True, timeout=WORKER_TIMEOUT, limit=1):
        raise Unhealthy(f"none answered within {WORKER_TIMEOUT:.0f} seconds")
    return "answers"


def _check_reminders() -> str:
    with _check_connection() as connection:
        if not queries.has_table(connection, "reminders_heartbeat"):
            raise Unhealthy("there are no tables yet: run `caseapp migrate`")
        up_for = queries.uptime(connection)
    _set_up_django()
    from caseapp.reminders import heartbeat
    from caseapp.reminders.monitoring import status

    if late := status.current().late:
        raise Unhealthy(f"late: {', '.join(late)}; reminders may not be going out")
    seen = heartbeat.last_seen()
    for sign, sentence in ALARM_SIGNS.items():
        if sign in seen and timedelta(0) <= clock.now() - seen[sign] < timedelta(days=1):
            raise Unhealthy(f"{sentence} ({_time_since(seen[sign])}): see the page Reminders")
    if missing := [part for part in status.PARTS if part not in seen]:
        if up_for > status.LATE:
            raise Unhealthy(f"never heard of: {', '.join(missing)}; reminders may not be going out")
        return f"not yet: {', '.join(missing)}"
    return ", ".join(f"{part} {_time_since(seen[part])}" for part in status.PARTS)


def _check_returned_mail() -> str:
    """Open the bounce mailbox directly, so that a new setup is checked without waiting for the next run."""
    _set_up_django()
    from django.conf import settings

    from caseapp.reminders import heartbeat
    from caseapp.reminders.bounces import imap
    from caseapp.reminders.monitoring import status

    read_at = heartbeat.last_seen().get("bounces")
    if not settings.BOUNCES:
        if read_at and clock.now() - read_at <= status.BOUNCES_LATE:
            return f"last read {_time_since(read_at)}; BOUNCES_URL is not known to this command"
        return "not set up: returned messages are not noticed (BOUNCES_URL)"
    try:
        with imap.open_mailbox():
            pass
    except imap.NotLetIn:
        raise Unhealthy("cannot be read: the server did not take user and password") from None
    except imap.NoFolder:
        raise Unhealthy("cannot be read: the server has no such folder, or not to be changed by us") from None
    except imap.IMAP_ERRORS as problem:
        raise Unhealthy(f"cannot be read ({type(problem).__name__})") from None
    if read_at and clock.now() - read_at > status.BOUNCES_LATE:
        raise Unhealthy(f"can be read, and was last read {_time_since(read_at)}: restart worker and beat")
    return f"last read {_time_since(read_at)}" if read_at else "can be read, and was not read yet"


def _check_channels() -> str:
    """Say how many offices an outage of the mail server would silence: no fault of the server, and theirs to mend."""
    _set_up_django()
    from caseapp.accounts.models import Door
    from caseapp.reminders.monitoring import minders

    offices = list(Door.objects.values_list("org_id", flat=True).distinct())
    if not (count := minders.count_by_mail_alone(offices)):
        return "each office has an admin or supervisor who is reached by more than e-mail"
    return (
        f"{count} of {len(offices)} offices have only e-mail for every admin and supervisor: an outage of the mail "
        "server silences them (page Reminders: add another address)"
    )


def _time_since(at: datetime) -> str:
    return f"{max(0, round((clock.now() - at).total_seconds() / 60))} min ago"


def _check_recovery() -> str:
    """Count the live keys that the office's recovery does not cover. The count itself needs no key."""
    _set_up_django()
    from caseapp.accounts.directory import escrow
    from caseapp.accounts.models import Door

    offices = Door.objects.values_list("org_id", flat=True).distinct()
    counts = [escrow.count_covered_keys(org_id) for org_id in offices]
    short = sum(live - covered for live, covered in counts if covered)
    if short:
        raise Unhealthy(f"{short} keys are not covered yet: the people who hold them have to sign in once")
    without = sum(1 for _, covered in counts if not covered)
    return f"{without} of {len(counts)} offices without a recovery set" if without else "every key is covered"


def _check_lists() -> str:
    """Read what signed-in members' upkeep found in the stored lists of cases. Reading it needs no key."""
    _set_up_django()
    from caseapp.accounts.models import Door
    from caseapp.index import health, queries
    from caseapp.index.health import GroupHealth
    from caseapp.vault.tenancy import office_transaction

    states: list[GroupHealth] = []
    for org_id in Door.objects.values_list("org_id", flat=True).distinct():
        with office_transaction(org_id):
            states += queries.health_of(org_id).values()
    broken = [entry for entry in states if entry.state in health.INCOMPLETE]
    if broken:
        done = sum(entry.progress.done for entry in broken)
        total = sum(entry.progress.total for entry in broken)
        raise Unhealthy(
            f"{len(broken)} of {len(states)} lists are damaged, rebuilt {done} of {total}: "
            "a member of the team has to sign in and open Today"
        )
    if not states:
        return "not looked at yet: no member has opened Today"
    waiting = sum(entry.state == health.REQUESTED for entry in states)
    oldest = min(entry.checked_on for entry in states)
    asked = f", {waiting} to be rebuilt" if waiting else ""
    return f"{len(states)} whole{asked}, last looked at on {oldest.isoformat()} or later"


def _check_seen_versions() -> str:
    """Open the memory that notices rows put back to an earlier state."""
    _set_up_django()
    from caseapp.vault import seen_versions

    try:
        seen_versions.check_memory()
    except (sqlite3.Error, OSError) as problem:
        raise Unhealthy(
            f"cannot be read or written ({type(problem).__name__}): rows put back may go unnoticed"
        ) from None
    return "can be read and written"


def _check_housekeeping() -> str:
    _set_up_django()
    from caseapp.casefile.upkeep import housekeeping
    from caseapp.reminders import heartbeat

    seen = heartbeat.last_seen()
    names = [step.name for step in housekeeping.STEPS]
    failed = [
        f"{name} ({_time_since(seen[f'{housekeeping.FAILED}{name}'])})"
        for name in names
        if f"{housekeeping.FAILED}{name}" in seen
    ]
    if failed:
        raise Unhealthy(f"failed: {', '.join(failed)}; the worker's log names the place")
    done = {name: seen[f"{housekeeping.DONE}{name}"] for name in names if f"{housekeeping.DONE}{name}" in seen}
    if not done:
        return "not yet"
    late = [name for name in names if name not in done or clock.now() - done[name] > HOUSEKEEPING_LATE]
    if late:
        raise Unhealthy(f"not done for {HOUSEKEEPING_LATE.total_seconds() / 3600:.0f} hours: {', '.join(late)}")
    return ", ".join(f"{name} {_time_since(at)}" for name, at in done.items())


def _check_keys() -> str:
    """Read when a member's program last refused a key or a change that no entitled member had signed."""
    _set_up_django()
    from caseapp.casefile.access_alerts import REFUSED_SIGN
    from caseapp.reminders import heartbeat

    at = heartbeat.last_seen().get(REFUSED_SIGN)
    if at and timedelta(0) <= clock.now() - at < timedelta(days=1):
        raise Unhealthy(f"some were refused ({_time_since(at)}): an admin has to look at the page People and teams")
    return "none was refused in the last day"


def _ask_room(name: str, *arguments: Path) -> str:
    _set_up_django()
    is_healthy, sentence = import_module(f"caseapp.cli.{name}.health").check_health(*arguments)
    if not is_healthy:
        raise Unhealthy(sentence)
    return str(sentence)


def _set_up_django() -> None:
    # Not at import: the checks that need no Django must work even when the settings are broken.
    import django

    django.setup()
