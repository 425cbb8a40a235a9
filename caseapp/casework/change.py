"""How every change of a case is made: lock, change records, plan reminders, write the index, commit as one."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts import roster
from caseapp.accounts.keys import Keys, Staff
from caseapp.cases import access
from caseapp.casework import reminding, summary
from caseapp.index import store as index
from caseapp.index.rows import CaseRow
from caseapp.index.store import Public
from caseapp.reminders import plan
from caseapp.vault import holders, store
from caseapp.vault.core import hybrid
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.errors import NoKey
from caseapp.vault.head import Access
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office


@contextmanager
def changing(staff: Staff, case_id: UUID) -> Iterator[Draft]:
    """The case, locked, as a draft; what was put into the draft is written when the block ends without an error.

    Raises NotFound, Refused(code="damaged"); inside the block EditConflict.
    """
    with office(staff.org_id):
        draft = Draft(access.open_case(staff.keys, case_id, lock=True), by=staff.member_id)
        yield draft
        finish(staff, draft)


@contextmanager
def opening(staff: Staff, group: GroupKey) -> Iterator[Draft]:
    """A new case of a group, as a draft; stored when the block ends without an error."""
    with office(staff.org_id):
        draft = store.new_file(staff.keys, [group])
        yield draft
        finish(staff, draft)


def finish(staff: Staff, draft: Draft, *, gone_from: tuple[UUID, ...] = ()) -> None:
    """Write the draft. The order is the lock order: case, records, outbox, and the index's heads last.

    `gone_from` are groups in whose index the case stood until now.
    """
    keys: Keys = staff.keys
    tend(keys, draft)
    reminding.replan(draft, roster.team_of(keys, draft.file), zone=staff.zone)
    adds, withdraws = reminding.series(draft)
    store.write(draft)
    plan.write(keys.org_id, adds, withdraws)
    save_row(keys, draft, summary.row_of(draft.file), gone_from)


def tend(keys: Keys, draft: Draft) -> None:
    """Keep the list of who holds the case true: shares that ended go, the home group's public key is the newest."""
    entry = draft.file.one(Access)
    access = entry.record
    today = keys.share_day
    lasting = tuple(share for share in access.shares if share.key.until is None or share.key.until >= today)
    try:
        home = keys.group(access.home)
    except NoKey:
        return  # a colleague it is shared with: they cannot wrap a new key for the home group
    ended = len(lasting) < len(access.shares)
    if home.epoch != access.public_epoch or ended:
        public = hybrid.public_of(home.hpke_private) if home.hpke_private else b""
        draft.change(entry.id, replace(access, public=public, public_epoch=home.epoch, shares=lasting))
    if ended:
        holders.renew(draft, (home, *(share.key for share in lasting)))


def save_row(keys: Keys, draft: Draft, row: CaseRow, gone_from: tuple[UUID, ...]) -> None:
    """The case's row into the index of its group and of each share; `gone_from` are groups that lose it."""
    access = draft.file.one(Access).record
    changes: dict[UUID, list[tuple[UUID, CaseRow | None]]] = {
        group_id: [(draft.file.id, row)] for group_id in (access.home, *(share.key.group for share in access.shares))
    }
    changes.update({group_id: [(draft.file.id, None)] for group_id in gone_from})
    public = {access.home: Public(access.public_epoch, access.public)} if access.public else {}
    index.save(keys.plus(*(share.key for share in access.shares)), changes, public=public)
