"""Many cases saved in one transaction: one part of each group's index, one audit entry that the caller writes.

An import commits some hundred cases at a time. What each case needs of its own (its key, its signed access, its
reminder plan) is the same as in `transaction.save_draft`; what they share is read and written once.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from caseapp.accounts.directory import team_members
from caseapp.accounts.directory.team_members import Colleague
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import removal
from caseapp.accounts.models import Destruction
from caseapp.casefile import file_storage
from caseapp.casefile.case_keys import GroupCache, refresh_access
from caseapp.casefile.index_entries import conflict_index, index_row
from caseapp.casefile.reminder_plans import reminder_schedule
from caseapp.index import store as index
from caseapp.index.rows import CaseRow
from caseapp.index.store import GroupPublicKey
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.reminders.planning import plan
from caseapp.reminders.planning.plan import Series
from caseapp.vault import delete_rows, store
from caseapp.vault.head import Access
from caseapp.vault.store import Draft, SealedFile

Rows = dict[UUID, list[tuple[UUID, CaseRow | None]]]


def save_drafts(staff: Staff, drafts: Sequence[Draft]) -> None:
    """Write new and locked drafts with their reminder plans and index rows, in the caller's transaction.

    Nothing of it is in the audit trail: the caller writes one entry for all. The index heads are locked last.
    """
    keys, rows = staff.keys, Rows()
    public: dict[UUID, GroupPublicKey] = {}
    teams: dict[UUID, tuple[Colleague, ...]] = {}
    ended: list[UUID] = []
    held, groups, officers = keys, GroupCache(), conflict_index.find_group(keys)
    filed: list[conflict_index.FiledCase | None] = []
    plans: list[tuple[list[Series], list[Series]]] = []
    for draft in drafts:
        ended += refresh_access(keys, draft, groups)
        access = draft.file.get_only(Access).record
        reminder_schedule.update_plans(draft, _team_of(staff, draft, access, teams), zone=staff.zone)
        plans.append(reminder_schedule.series_changes(draft))
        filed.append(conflict_index.prepare_for(officers, draft))
    store.write_drafts(drafts)
    for draft in drafts:
        access = draft.file.get_only(Access).record
        row = index_row.build_row(draft.file)
        for group_id in (access.home_group_id, *(share.key.group for share in access.shares)):
            rows.setdefault(group_id, []).append((draft.file.id, row))
        if access.public:
            public[access.home_group_id] = GroupPublicKey(access.public_epoch, access.public)
        held = held.with_extra_groups(*(share.key for share in access.shares))
    plan.write_many(keys.org_id, plans)
    conflict_index.write(keys, [case for case in filed if case is not None])
    index.save(held, rows, public=public)
    for share_id in ended:
        index.drop(keys.org_id, share_id)


def _team_of(
    staff: Staff, draft: Draft, access: Access, teams: dict[UUID, tuple[Colleague, ...]]
) -> tuple[Colleague, ...]:
    """Return the team of a draft's case; of cases that are not shared it is read once for each home group."""
    if access.shares:
        return team_members.team_of_case(staff.keys, draft.file)
    known = teams.get(access.home_group_id)
    if known is None:
        known = teams[access.home_group_id] = team_members.team_of_case(staff.keys, draft.file)
    return known


def remove_files(staff: Staff, files: Sequence[SealedFile]) -> None:
    """Destroy cases that a job had opened and that no person changed, in the caller's transaction; they are locked.

    Their reminders, documents, rows and index lines go, and with the commit their shred halves. The caller writes one
    audit entry for all.
    """
    org_id, rows = staff.org_id, Rows()
    plans: list[tuple[list[Series], list[Series]]] = []
    blobs: set[UUID] = set()
    for file in files:
        access = file.get_only(Access).record
        dated: list[reminder_schedule.Dated] = [*file.entries_of(Deadline), *file.entries_of(Hearing)]
        series = [item for entry in dated for item in reminder_schedule.series_of(entry, access.token_key)]
        blobs |= {version.blob for entry in file.entries_of(Document) for version in entry.record.files}
        delete_rows.delete_rows(file)
        plans.append(([], series))
        rows.setdefault(access.home_group_id, []).append((file.id, None))
    plan.write_many(org_id, plans)
    file_storage.release_blobs(org_id, blobs)
    cases = [file.id for file in files]
    Destruction.objects.bulk_create(
        [Destruction(org_id=org_id, subject=case_id, folder="cases") for case_id in cases], ignore_conflicts=True
    )
    conflict_index.write_all_destroyed(staff.keys, [(file.id, file.head_version + 1) for file in files])
    index.save(staff.keys, rows)
    # robust: the cases are gone already, so an error is only logged; the next housekeeping destroys the halves.
    transaction.on_commit(lambda: file_storage.record_released(org_id, blobs), robust=True)
    transaction.on_commit(lambda: removal.destroy_shred_halves(org_id, cases), robust=True)
