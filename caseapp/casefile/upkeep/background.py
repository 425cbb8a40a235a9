"""Upkeep in the background of a web process, for members who opened Today: one thread, one short step at a time.

Members take turns. What waits for a turn is the cookie's token alone; each step opens the session with it anew and
drops the keys at its end. So a lock, a sign-out, a removal or a lock-down ends the work at the next turn, also when
another process did it, and a transaction that was not committed is repeated by the next visit. After each step the
thread rests three times as long as the step took, so that it leaves the processor and the database to pages.
"""

import logging
import threading
from collections import deque
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone, translation

from caseapp.accounts.errors import SessionGone, SessionLocked
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import sessions
from caseapp.casefile.upkeep import registry
from caseapp.casefile.upkeep import run as upkeep
from caseapp.casefile.upkeep.registry import UpkeepJob, UpkeepReport
from caseapp.lib import low_priority

STEP: Final = 0.2  # seconds of one step
REST: Final = 3  # seconds of rest for each second of work: at most a quarter of the time is work
LONGEST_REST: Final = 3.0  # seconds, so that no token waits long for the check of its session
VISIT: Final = 900.0  # seconds after which a visit ends; the next opening of Today goes on with the work
SETTLED: Final = 10.0  # seconds after a finished visit in which opening Today again begins none
MOST_VISITS: Final = 16  # members at once; further ones begin when they open Today again
UNCHECKED: Final = 45.0  # seconds after which a token whose session was not checked is dropped
OPENING: Final = "opening the session"  # name in the log for a step that did not get as far as its job
log = logging.getLogger("caseapp.casefile")


@dataclass
class Visit:
    """What is left to do for a member who opened Today. `due` are the jobs of this round, `again` of the next."""

    member: upkeep.Member
    token: str = field(repr=False)
    until: float
    checked_at: float
    due: deque[UpkeepJob[Any]] = field(default_factory=lambda: deque(registry.registered_jobs()))
    again: list[UpkeepJob[Any]] = field(default_factory=list)
    report: UpkeepReport = field(default_factory=UpkeepReport)

    def begin_round(self) -> None:
        """Let the jobs that need another step take turns again."""
        self.due, self.again, self.report = deque(self.again), [], UpkeepReport()


_visits: deque[Visit] = deque()  # those that wait for their turn, the longest waiting first
_at_work: list[Visit] = []  # the visit whose turn it is
_settled: dict[upkeep.Member, float] = {}  # when a visit had nothing more to do
_threads: list[threading.Thread] = []
_guard = threading.Lock()


def begin_visit(token: str, staff: Staff) -> None:
    """Begin the upkeep of a member who opened Today, or let it go on. `token`: the session's cookie."""
    member, now = (staff.org_id, staff.member_id), monotonic()
    with _guard:
        for visit in (*_visits, *_at_work):
            if visit.member == member:
                visit.token, visit.until = token, now + VISIT  # the cookie may be a newer one
                return
        if now - _settled.get(member, now - SETTLED) < SETTLED:
            return
        if (count := len(_visits)) >= MOST_VISITS:
            log.warning("upkeep.postponed members=%d", count)
            return
        _visits.append(Visit(member, token, now + VISIT, now))
        if not _threads:
            # A daemon: a server that stops does not wait for it.
            _threads.append(threading.Thread(target=_work, name="upkeep", daemon=True))
            _threads[0].start()


def take_turn(visit: Visit) -> bool:
    """Take the next step of a visit. Return whether there is more to do and the session may still be used."""
    if not visit.due:
        visit.begin_round()
    try:
        staff = sessions.open(visit.token, is_activity=False)
    except (SessionGone, SessionLocked):
        return False
    except Exception as exc:
        upkeep.log_failure("Today", OPENING, exc)
        upkeep.remember_outcome(visit.member, OPENING, has_failed=True)
        return False
    upkeep.remember_outcome(visit.member, OPENING, has_failed=False)
    if not _may_work(staff, visit.member):
        return False
    job = visit.due.popleft()
    with translation.override(staff.language), timezone.override(ZoneInfo(staff.zone)):
        needs_more = upkeep.take_step(job, staff, STEP, visit.report)
    if needs_more:
        visit.again += [job, *(each for each in registry.registered_jobs() if each.follows is job)]
    return bool(visit.due or visit.again)


def _may_work(staff: Staff, member: upkeep.Member) -> bool:
    """Return whether the member's pages are open to them, and the office is not locked down."""
    is_kept_out = staff.recovery_pending or staff.factor_due or staff.is_awaiting_approval or staff.locked_down
    return not is_kept_out and (staff.org_id, staff.member_id) == member


def _work() -> None:
    low_priority.lower_priority()
    try:
        while (visit := _next_visit()) is not None:
            began = monotonic()
            goes_on = take_turn(visit)
            connection.close_if_unusable_or_obsolete()
            _end_turn(visit, goes_on=goes_on)
            sleep(min(REST * (monotonic() - began), LONGEST_REST))
    finally:
        connection.close()
        with _guard:
            if threading.current_thread() in _threads:  # it failed: what waits begins again when Today is opened
                _visits.clear()
                _at_work.clear()
                _threads.clear()


def _next_visit() -> Visit | None:
    """Take the visit that waited longest, and drop those that are over; None, with the thread signed off, for none."""
    with _guard:
        now = monotonic()
        while _visits:
            visit = _visits.popleft()
            if now < visit.until and now - visit.checked_at < UNCHECKED:
                _at_work[:] = [visit]
                return visit
        _threads.clear()
        return None


def _end_turn(visit: Visit, *, goes_on: bool) -> None:
    with _guard:
        _at_work.clear()
        now = visit.checked_at = monotonic()
        if goes_on:
            _visits.append(visit)
        elif not visit.due and not visit.again:
            for member in [member for member, at in _settled.items() if now - at >= SETTLED]:
                del _settled[member]
            _settled[visit.member] = now
