"""The rest of a restore, for members with keys: lists without destroyed cases, the directory without removed members.

A restore of an older backup deletes the rows of cases destroyed since, and ends the access of members removed since
(`cli/backup/replay.py`). It has no key, so the lists still name the cases and the signed directory the members. The
rows of `ReplayedEnd` stay, because each team cleans its own list, and are deleted with the office. A row counts only
where the signed journal of destructions, which is outside the database, names the same end.
"""

import logging
from collections.abc import Collection
from typing import Final
from uuid import UUID

from caseapp.accounts.directory import members
from caseapp.accounts.directory.records import ACTIVE
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import destruction_journal
from caseapp.casefile.models import ReplayedEnd
from caseapp.casefile.upkeep import registry
from caseapp.casefile.upkeep.registry import UpkeepJob, UpkeepTurn
from caseapp.index import reader
from caseapp.index import store as index
from caseapp.team.services.removal import remove_member
from caseapp.vault.core.archive.journal import DestroyedKind
from caseapp.vault.tenancy import office_transaction

log = logging.getLogger("caseapp.team")


def complete_replayed_ends(staff: Staff) -> int:
    """Remove destroyed cases from the member's lists and, for an admin, removed members from the directory.

    Return how many lists and members changed. One small query where no restore repeated anything.
    """
    with office_transaction(staff.org_id):
        rows = list(ReplayedEnd.objects.filter(org_id=staff.org_id).values_list("kind", "subject"))
    if not rows:
        return 0
    done = _clean_lists(staff, [subject for kind, subject in rows if kind == "cases"])
    return done + _complete_removals(staff, {subject for kind, subject in rows if kind == "members"})


def _clean_lists(staff: Staff, case_ids: Collection[UUID]) -> int:
    """Remove these cases from the lists that have them, and write those lists anew, so that nothing of them remains."""
    with office_transaction(staff.org_id):
        view = reader.open_readable_view(staff.keys, zone=staff.zone)
        listed = {case_id: groups for case_id in case_ids if (groups := tuple(view.listed_rows(case_id)))}
        listed = {case_id: listed[case_id] for case_id in _confirmed("cases", staff, listed)}
        group_ids = sorted({group_id for groups in listed.values() for group_id in groups})
        for group_id in group_ids:
            gone = [(case_id, None) for case_id, groups in listed.items() if group_id in groups]
            index.save(staff.keys, {group_id: gone})
    for group_id in group_ids:
        index.change_epoch(staff.keys, group_id)
    return len(group_ids)


def _complete_removals(staff: Staff, member_ids: Collection[UUID]) -> int:
    """Remove members again from the signed directory, with new keys for their teams. Only an admin's keys can."""
    if not member_ids or not staff.is_admin or not staff.keys.keyring.org_root_private:
        return 0
    with office_transaction(staff.org_id):
        people = members.read_directory(staff.keys).people
    active = [person.member_id for person in people if person.member_id in member_ids and person.state == ACTIVE]
    left = _confirmed("members", staff, active)
    for member_id in left:
        remove_member(staff, member_id)
        log.warning("restore.removal_completed")
    return len(left)


def _confirmed(kind: DestroyedKind, staff: Staff, subjects: Collection[UUID]) -> list[UUID]:
    """Return the subjects that the signed journal of destructions names too. A row alone is no reason to end anything.

    Otherwise who writes into the database could have an admin's program remove a member, or hide that a case is gone.
    """
    confirmed = destruction_journal.confirmed_subjects(kind, staff.org_id, subjects)
    if len(confirmed) < len(subjects):
        log.error("restore.end_without_journal count=%d", len(subjects) - len(confirmed))
    return [subject for subject in subjects if subject in confirmed]


def _complete(turn: UpkeepTurn) -> int:
    return complete_replayed_ends(turn.staff)


# Before the jobs that read the lists: a destroyed case is not to be reported as missing.
COMPLETE_REPLAYED_ENDS: Final = UpkeepJob("ends after a restore", 12, _complete, 0)


def register_jobs() -> None:
    """Register the job. Called once, when Django has loaded all models."""
    registry.register(COMPLETE_REPLAYED_ENDS)
