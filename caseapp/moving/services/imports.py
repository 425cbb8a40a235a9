"""Acts of a member on an import: begin it, plan it, start and pause it, undo it, try waiting rows again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, team_members
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.recovery import gate
from caseapp.casefile.file_storage import SealedBlob
from caseapp.lib.errors import Refused
from caseapp.moving.services.importing import import_store, sources
from caseapp.moving.services.importing.members import suggest_people
from caseapp.moving.services.importing.shapes import (
    CHECKING,
    DECISIONS,
    DONE,
    READING,
    READY,
    ROWS_AT_ONCE,
    RUNNING,
    UNDOING,
    CheckedRow,
    ImportState,
    PlannedPart,
    SavedPart,
)
from caseapp.moving.services.own_import import package
from caseapp.records.document import FileVersion
from caseapp.vault.tenancy import office_transaction

Upload = tuple[str, SealedBlob]
RECOVERY_FIRST = gettext_noop(
    "Make and check the office's recovery sheets before the first import. An admin finds them at Recovery."
)
NO_FILE = gettext_noop("Choose the file with the rows, a CSV file or an Excel workbook (.xlsx).")
ADMINS_ONLY = gettext_noop("This is an archive that Caseapp exported. Only an admin imports it.")
NO_MAPPING = gettext_noop("Say first what the columns of the file mean.")
NO_TEAM = gettext_noop("Choose the team in which the cases open.")
NOT_YET = gettext_noop("This import is still at work. Pause it first.")


def is_recovery_missing(staff: Staff) -> bool:
    """Return whether the office must make its recovery sheets before an import (shared decision 27)."""
    return gate.recovery_limit(staff.keys) is not None


def begin(staff: Staff, source: Upload | None, documents: Sequence[Upload]) -> UUID:
    """Store an import of uploaded files and return its id. Raises Refused without a file or recovery sheets."""
    permissions.require(staff, "import_cases")
    if is_recovery_missing(staff):
        raise Refused("recovery", RECOVERY_FIRST)
    if source is None:
        raise Refused("source", NO_FILE)
    files = [sources.facts_of(staff, name, blob) for name, blob in (source, *documents)]
    is_archive = _is_own_archive(staff, files[0], source[1].start)
    return import_store.begin_import(staff, files[0], files[1:], is_archive=is_archive)


def _is_own_archive(staff: Staff, file: FileVersion, start: bytes) -> bool:
    """Return whether a file is an archive that Caseapp exported. Raises Refused for an encrypted one, and for members
    who may not import an office.
    """
    if not package.looks_like_archive(start):
        return False
    with sources.open_file(staff, file) as stream:
        if not package.is_package(stream):
            return False
    if not permissions.is_permitted(staff, "export_office"):
        raise Refused("source", ADMINS_ONLY)
    return True


def start_check(staff: Staff, import_id: UUID) -> None:
    """Begin to read all rows and to look for people who are here already; an earlier check is thrown away."""
    with office_transaction(staff.org_id):
        state = import_store.require_step(import_store.lock_import(staff, import_id), READING, READY)
        if state.mapping is None and not state.is_archive:
            raise Refused("mapping", NO_MAPPING)
        import_store.delete_parts(staff, import_id)
        group = state.group or next((team.group for team in staff.keys.teams), None)
        fresh = replace(
            state, step=CHECKING, group=group, parts=0, next=0, read_to=0, counts={}, names={}, people={}, problem=""
        )
        import_store.save_state(staff, import_id, replace(fresh, is_planned=False, paused=False, alike={}))


def read_again(staff: Staff, import_id: UUID) -> None:
    """Go back to how the file is read; nothing was saved yet."""
    with office_transaction(staff.org_id):
        state = import_store.require_step(import_store.lock_import(staff, import_id), READING, CHECKING, READY)
        import_store.save_state(staff, import_id, replace(state, step=READING, paused=False, problem=""))


@dataclass(frozen=True, kw_only=True)
class PlanChoices:
    """Choices of a member for a checked import: the team, the members by name, the default for people who are alike."""

    group: UUID
    default: str
    people: Mapping[str, UUID]


def save_plan(staff: Staff, import_id: UUID, choices: PlanChoices) -> ImportState:
    """Store the choices for a checked import and return its state; people outside the team are left out.

    Raises Refused for a team the member is not in.
    """
    with office_transaction(staff.org_id):
        state = import_store.require_step(import_store.lock_import(staff, import_id), READY)
        if choices.group not in {team.group for team in staff.keys.teams}:
            raise Refused("group", NO_TEAM)
        inside = {member.member_id for member in team_members.members_of_group(staff.keys, choices.group)}
        people = {name: member for name, member in choices.people.items() if member in inside and name in state.names}
        default = choices.default if choices.default in DECISIONS else state.default
        chosen = replace(state, group=choices.group, default=default, people=people, is_planned=True)
        import_store.save_state(staff, import_id, chosen)
    return chosen


def suggest(staff: Staff, state: ImportState) -> dict[str, UUID]:
    """Return the members that names in the file are: as was chosen, else those with the same name."""
    if state.group is None or state.is_planned:
        return dict(state.people)
    with office_transaction(staff.org_id):
        return {**suggest_people(staff, state.group, list(state.names)), **state.people}


def decide_rows(staff: Staff, import_id: UUID, decisions: Mapping[int, str]) -> None:
    """Store what is done about single rows whose person may be here already; "" follows the default."""
    with office_transaction(staff.org_id):
        state = import_store.require_step(import_store.lock_import(staff, import_id), READY)
        kept = {row: choice for row, choice in {**state.decisions, **decisions}.items() if choice in DECISIONS}
        import_store.save_state(staff, import_id, replace(state, decisions=kept))


def start_saving(staff: Staff, import_id: UUID) -> None:
    """Begin to save a checked import. Raises Refused without a team."""
    permissions.require(staff, "import_cases")
    with office_transaction(staff.org_id):
        state = import_store.require_step(import_store.lock_import(staff, import_id), READY)
        if is_recovery_missing(staff):
            raise Refused("recovery", RECOVERY_FIRST)
        if state.group not in {team.group for team in staff.keys.teams}:
            raise Refused("group", NO_TEAM)
        kept = {name: count for name, count in state.counts.items() if name.startswith("check.")}
        people = state.people if state.is_planned else suggest(staff, state)  # as the page showed them
        begun = replace(state, step=RUNNING, next=0, paused=False, problem="", counts=kept, people=people)
        import_store.save_state(staff, import_id, begun)
        audit_trail.record_entry_in_transaction(staff.keys, "import.start", target=state.group)


def pause(staff: Staff, import_id: UUID, *, is_paused: bool) -> None:
    """Pause the work on an import, or let it go on."""
    with office_transaction(staff.org_id):
        state = import_store.lock_import(staff, import_id)
        import_store.save_state(staff, import_id, replace(state, paused=is_paused, problem=""))


def try_waiting_rows(staff: Staff, import_id: UUID) -> int:
    """Put the rows that wait into new parts and go on saving. Return how many there are."""
    waiting: list[CheckedRow] = []
    parts = list(import_store.read_parts(staff, import_id))
    with office_transaction(staff.org_id):
        state = import_store.require_step(import_store.lock_import(staff, import_id), DONE)
        for number, part in parts:
            if not isinstance(part, SavedPart):
                continue
            left = tuple(item for item in part.results if item.result == "waiting" and item.plan is not None)
            if left:
                waiting += [CheckedRow(plan=item.plan) for item in left if item.plan is not None]
                kept = tuple(item for item in part.results if item not in left)
                import_store.write_part(staff, import_id, number, SavedPart(kept))
        for at in range(0, len(waiting), ROWS_AT_ONCE):
            rows = tuple(waiting[at : at + ROWS_AT_ONCE])
            import_store.write_part(staff, import_id, state.parts + at // ROWS_AT_ONCE, PlannedPart(rows))
        counts = {name: count for name, count in state.counts.items() if name != "waiting"}
        more = -(-len(waiting) // ROWS_AT_ONCE)
        if waiting:
            changed = replace(state, step=RUNNING, next=state.parts, parts=state.parts + more, counts=counts)
            import_store.save_state(staff, import_id, replace(changed, paused=False, problem=""))
    return len(waiting)


def add_documents(staff: Staff, import_id: UUID, documents: Sequence[Upload]) -> int:
    """Add files that rows may name to an import. Return how many."""
    files = [sources.facts_of(staff, name, blob) for name, blob in documents]
    with office_transaction(staff.org_id):
        import_store.add_documents(staff, import_id, files)
    return len(files)


def start_undo(staff: Staff, import_id: UUID) -> ImportState:
    """Begin to undo an import, whole or begun, and return its state. Raises Refused while it is saving."""
    permissions.require(staff, "import_cases")
    with office_transaction(staff.org_id):
        state = import_store.require_step(import_store.lock_import(staff, import_id), DONE, RUNNING)
        if state.step == RUNNING and not state.paused:
            raise Refused("step", NOT_YET)
        state = replace(state, step=UNDOING, paused=False, problem="")
        import_store.save_state(staff, import_id, state)
        audit_trail.record_entry_in_transaction(staff.keys, "import.undo", target=state.group)
    return state
