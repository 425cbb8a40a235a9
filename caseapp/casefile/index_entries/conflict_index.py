"""Entry that a save writes for the conflict officers, in the same transaction, when it touched a name or a number.

The case's access list remembers what was written last, so that any other save writes nothing. The entry is sealed to
the officers' group: the member who saves cannot read the index, nor what they wrote into it themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.directory import members
from caseapp.accounts.directory.records import ConflictGroup
from caseapp.accounts.keys.staff import Keys
from caseapp.index import text_keys
from caseapp.index.conflicts import rows, store
from caseapp.index.conflicts.rows import ConflictEntry, ConflictPerson
from caseapp.index.conflicts.store import PublicKey
from caseapp.records.case import Case
from caseapp.records.party import Party
from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.head import Access
from caseapp.vault.store import Draft, SealedFile


@dataclass(frozen=True)
class FiledCase:
    """A case whose names are written to the conflict officers with this save."""

    file: SealedFile = field(repr=False)
    people: tuple[ConflictPerson, ...] = field(repr=False)
    public: PublicKey


def prepare(keys: Keys, draft: Draft) -> FiledCase | None:
    """Return what this save writes, and note it in the case's access list; None when nothing changed.

    Call it before the draft is written. An office without a conflict officer writes nothing.
    """
    return prepare_for(find_group(keys), draft)


def find_group(keys: Keys) -> ConflictGroup | None:
    """Return the officers' group, or None in an office without a conflict officer. A job asks once for many cases."""
    group = members.read_directory(keys).conflicts
    return group if group is not None and group.public else None


def prepare_for(group: ConflictGroup | None, draft: Draft) -> FiledCase | None:
    """Do as `prepare` for a group that was found just now."""
    if group is None:
        return None
    people = people_of(draft.file)
    digest = primitives.digest(
        LABELS["conflict index"] + group.group.bytes + draft.file.id.bytes + rows.encode_people(people)
    )
    entry = draft.file.get_only(Access)
    known = entry.record
    if known.conflict_since == group.since and primitives.is_equal(known.conflict_digest, digest):
        return None
    draft.change(entry.id, replace(known, conflict_since=group.since, conflict_digest=digest))
    return FiledCase(draft.file, people, _public_key_of(group))


def write(keys: Keys, filed: Sequence[FiledCase]) -> None:
    """Write what `prepare` returned, as one part. Call it after the drafts were written, in the same transaction."""
    if filed:
        entries = [ConflictEntry(case.file.id.bytes, case.file.head_version, case.people) for case in filed]
        store.add_entries(keys.org_id, filed[0].public, entries)


def write_destroyed(keys: Keys, case_id: UUID, version: int) -> None:
    """Write that a case was destroyed: an officer's session then takes its names out of the index."""
    write_all_destroyed(keys, [(case_id, version)])


def write_all_destroyed(keys: Keys, cases: Sequence[tuple[UUID, int]]) -> None:
    """Write that cases were destroyed, each given as (id, version of its head), as one part."""
    if group := find_group(keys):
        entries = [ConflictEntry(case_id.bytes, version, None) for case_id, version in cases]
        store.add_entries(keys.org_id, _public_key_of(group), entries)


def people_of(file: SealedFile) -> tuple[ConflictPerson, ...]:
    """Return all people of a case as the conflict officers read them; the case's own numbers are with the lead."""
    case = file.get_only(Case).record
    entries = sorted(file.entries_of(Party), key=lambda entry: (entry.record.role != "lead", entry.id))
    own = _numbers_of((*case.court_numbers, *case.receipts, *case.external_ids.values()))
    people = []
    for at, entry in enumerate(entries):
        people.append(person_of(entry.record, more_numbers=() if at else own))
    return tuple(people)


def person_of(party: Party, *, more_numbers: Sequence[str] = ()) -> ConflictPerson:
    """Return a person of a case as the conflict officers read them."""
    numbers = _numbers_of((*(number for _, number in party.other_numbers), *party.external_ids.values()))
    phones = (number for contact in party.contacts for number in text_keys.phone_digits(contact.text))
    birth = party.birth
    return ConflictPerson(
        tuple(dict.fromkeys(name.full for name in (party.name, *party.other_names) if name.full)),
        party.a_number,
        tuple(dict.fromkeys((*numbers, *more_numbers))),
        tuple(dict.fromkeys(phones)),
        birth.year if birth is not None else 0,
    )


def _numbers_of(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(text_keys.normalise_number, texts))))


def _public_key_of(group: ConflictGroup) -> PublicKey:
    return PublicKey(group.group, group.epoch, group.public)
