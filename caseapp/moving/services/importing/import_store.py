"""Imports of a member, sealed to that member: states, parts of rows, and the files in storage that belong to them.

The id of a row is an HMAC that only the member's keys make. Of a removed member the rows stay that no key
opens; they go with their day.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec
from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.casefile import file_storage
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.moving.models import Import, ImportFile, ImportPart
from caseapp.moving.reading.settings import Answers, Mapping, ReadSettings
from caseapp.moving.services.importing.shapes import READING, ImportState, Part
from caseapp.records.document import FileVersion
from caseapp.vault.core.inboxes import imports
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

PLACES = 32  # imports of one member that are kept at a time
KEPT_DAYS = 30  # after the last act: for as long it can be undone
TOO_MANY = gettext_noop("You have 32 imports. Remove one that is done from the list first.")
MOVED_ON = gettext_noop("This import is past that step. Nothing was changed.")
_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_states = msgspec.msgpack.Decoder(ImportState)
_parts: "msgspec.msgpack.Decoder[Part]" = msgspec.msgpack.Decoder(Part)


def begin_import(
    staff: Staff, source: FileVersion, documents: Sequence[FileVersion] = (), *, is_archive: bool = False
) -> UUID:
    """Store a new import of these uploaded files and return its id. Raises Refused when there are too many."""
    keys = staff.keys
    with office_transaction(keys.org_id):
        ids = _ids_of(keys)
        taken = set(Import.objects.filter(org_id=keys.org_id, id__in=ids).values_list("id", flat=True))
        free = [number for number, row_id in enumerate(ids) if row_id not in taken]
        if not free:
            raise Refused("files", TOO_MANY)
        state = ImportState(
            number=free[0], name=source.name, began_at=clock.now(), source=source, is_archive=is_archive
        )
        Import.objects.create(
            org_id=keys.org_id, id=ids[free[0]], sealed=_seal(keys, ids[free[0]], state), gone_on=_last_day()
        )
        _link_files(keys, ids[free[0]], (source, *documents))
        save_state(staff, ids[free[0]], replace(state, documents=tuple(documents)))
    return ids[free[0]]


def add_documents(staff: Staff, import_id: UUID, documents: Sequence[FileVersion]) -> None:
    """Add files that rows may name to an import, in the caller's transaction."""
    _link_files(staff.keys, import_id, documents)
    state = lock_import(staff, import_id)
    save_state(staff, import_id, replace(state, documents=(*state.documents, *documents)))


def _link_files(keys: Keys, import_id: UUID, files: Sequence[FileVersion]) -> None:
    for file in files:
        file_storage.mark_linked(keys.org_id, file.blob)
    ImportFile.objects.bulk_create(
        [ImportFile(org_id=keys.org_id, blob_id=file.blob, import_id=import_id) for file in files]
    )


def list_imports(staff: Staff) -> list[tuple[UUID, ImportState]]:
    """Return the member's imports, the newest first. One that does not open is left out; it goes with its day."""
    keys = staff.keys
    with office_transaction(keys.org_id):
        rows = list(Import.objects.filter(org_id=keys.org_id, id__in=_ids_of(keys)))
    states = [(row.id, state) for row in rows if (state := _open_or_none(keys, row)) is not None]
    return sorted(states, key=lambda item: item[1].began_at, reverse=True)


def open_import(staff: Staff, import_id: UUID) -> ImportState:
    """Return the state of an import of the member. Raises NotFound, also for an import of another member."""
    with office_transaction(staff.org_id):
        row = Import.objects.filter(org_id=staff.org_id, id=_require_own(staff.keys, import_id)).first()
    return _open(staff.keys, row, import_id)


def lock_import(staff: Staff, import_id: UUID) -> ImportState:
    """Return the state of an import, locked until the caller's transaction ends. Raises NotFound."""
    rows = Import.objects.select_for_update().filter(org_id=staff.org_id, id=_require_own(staff.keys, import_id))
    return _open(staff.keys, rows.first(), import_id)


def save_state(staff: Staff, import_id: UUID, state: ImportState) -> None:
    """Store the state of an import, in the caller's transaction; it is kept for another 30 days."""
    Import.objects.filter(org_id=staff.org_id, id=import_id).update(
        sealed=_seal(staff.keys, import_id, state), gone_on=_last_day()
    )


def save_settings(
    staff: Staff,
    import_id: UUID,
    *,
    settings: ReadSettings | None = None,
    mapping: Mapping | None = None,
    answers: Answers | None = None,
) -> None:
    """Store how the file is read; None leaves one of them unchanged. Raises NotFound, and Refused once it is read."""
    with office_transaction(staff.org_id):
        state = require_step(lock_import(staff, import_id), READING)
        changed = replace(
            state,
            settings=state.settings if settings is None else settings,
            mapping=state.mapping if mapping is None else mapping,
            answers=state.answers if answers is None else answers,
        )
        save_state(staff, import_id, changed)


def note_problem(staff: Staff, import_id: UUID, code: str) -> None:
    """Store why the work on an import stopped; it waits until a member goes on with it."""
    with office_transaction(staff.org_id):
        save_state(staff, import_id, replace(lock_import(staff, import_id), problem=code, paused=True))


def require_step(state: ImportState, *steps: str) -> ImportState:
    """Return the state if the import is at one of these steps. Raises Refused."""
    if state.step not in steps:
        raise Refused("step", MOVED_ON)
    return state


def remembered_mapping(staff: Staff, preset: str) -> Mapping | None:
    """Return the columns that the member chose last for files of a preset."""
    for _, state in list_imports(staff):
        if state.mapping is not None and state.mapping.preset == preset:
            return state.mapping
    return None


def remove_import(staff: Staff, import_id: UUID) -> None:
    """Remove an import from the list, with its rows and the files that no case contains. What it saved stays."""
    with office_transaction(staff.org_id):
        lock_import(staff, import_id)
        _delete(staff.org_id, import_id)


def write_part(staff: Staff, import_id: UUID, number: int, part: Part) -> None:
    """Store a part of an import, in the caller's transaction; it replaces the one with its number."""
    sealed = imports.seal_part(staff.keys.bundle_key, staff.org_id, import_id, number, _encoder.encode(part))
    ImportPart.objects.bulk_create(
        [ImportPart(org_id=staff.org_id, import_id=import_id, number=number, sealed=sealed)],
        update_conflicts=True,
        unique_fields=["org_id", "import_id", "number"],
        update_fields=["sealed"],
    )


def read_part(staff: Staff, import_id: UUID, number: int) -> Part:
    """Return one part of an import. Raises NotFound, OpenFailed."""
    rows = ImportPart.objects.filter(org_id=staff.org_id, import_id=import_id, number=number)
    sealed = rows.values_list("sealed", flat=True).first()
    if sealed is None:
        raise NotFound(f"part {number} of import {import_id}")
    return _open_part(staff, import_id, number, bytes(sealed))


def read_parts(staff: Staff, import_id: UUID) -> Iterator[tuple[int, Part]]:
    """Yield the parts of an import in order. Opens a transaction for each."""
    with office_transaction(staff.org_id):
        rows = ImportPart.objects.filter(org_id=staff.org_id, import_id=import_id)
        numbers = sorted(rows.values_list("number", flat=True))
    for number in numbers:
        with office_transaction(staff.org_id):
            part = read_part(staff, import_id, number)
        yield number, part


def delete_parts(staff: Staff, import_id: UUID) -> None:
    """Delete the parts of an import, in the caller's transaction."""
    ImportPart.objects.filter(org_id=staff.org_id, import_id=import_id).delete()


def forget_file(staff: Staff, blob_id: UUID) -> None:
    """Take a file out of its import, in the caller's transaction: a case contains it from now on."""
    ImportFile.objects.filter(org_id=staff.org_id, blob_id=blob_id).delete()


def delete_expired(today: dt.date) -> int:
    """Delete the imports whose day has come, of every office the role sees. Return how many. Run on a schedule."""
    rows = list(Import.objects.filter(gone_on__lte=today).values_list("org_id", "id"))
    for org_id, import_id in rows:
        files = list(ImportFile.objects.filter(org_id=org_id, import_id=import_id).values_list("blob_id", flat=True))
        file_storage.destroy_blobs(org_id, files)
        ImportFile.objects.filter(org_id=org_id, import_id=import_id).delete()
        ImportPart.objects.filter(org_id=org_id, import_id=import_id).delete()
        Import.objects.filter(org_id=org_id, id=import_id).delete()
    return len(rows)


def _delete(org_id: UUID, import_id: UUID) -> None:
    files = list(ImportFile.objects.filter(org_id=org_id, import_id=import_id).values_list("blob_id", flat=True))
    file_storage.release_blobs(org_id, files)
    ImportFile.objects.filter(org_id=org_id, import_id=import_id).delete()
    ImportPart.objects.filter(org_id=org_id, import_id=import_id).delete()
    Import.objects.filter(org_id=org_id, id=import_id).delete()


def _open_part(staff: Staff, import_id: UUID, number: int, sealed: bytes) -> Part:
    plain = imports.open_part(staff.keys.bundle_key, staff.org_id, import_id, number, sealed)
    try:
        return _parts.decode(plain)
    except msgspec.MsgspecError as exc:
        raise OpenFailed("part of an import of another form") from exc


def _ids_of(keys: Keys) -> list[UUID]:
    return [imports.row_id_of(keys.bundle_key, number) for number in range(PLACES)]


def _require_own(keys: Keys, import_id: UUID) -> UUID:
    if import_id not in _ids_of(keys):
        raise NotFound(f"import {import_id}")
    return import_id


def _last_day() -> dt.date:
    return clock.now().date() + dt.timedelta(days=KEPT_DAYS)


def _seal(keys: Keys, import_id: UUID, state: ImportState) -> bytes:
    return imports.seal_state(keys.bundle_key, keys.org_id, import_id, _encoder.encode(state))


def _open(keys: Keys, row: Import | None, import_id: UUID) -> ImportState:
    state = _open_or_none(keys, row) if row is not None else None
    if state is None:
        raise NotFound(f"import {import_id}")
    return state


def _open_or_none(keys: Keys, row: Import) -> ImportState | None:
    try:
        return _states.decode(imports.open_state(keys.bundle_key, row.org_id, row.id, bytes(row.sealed)))
    except (OpenFailed, msgspec.MsgspecError):
        return None
