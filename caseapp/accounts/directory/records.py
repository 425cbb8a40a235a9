"""Records of the signed directory and of the groups' descriptors. No Django: `caseapp recover` reads them offline."""

from datetime import datetime
from functools import cached_property
from uuid import UUID

import msgspec
from msgspec.structs import replace

from caseapp.accounts.keys import permissions
from caseapp.lib.errors import NotFound
from caseapp.vault.core import hybrid

# REPLACED: a member's keys from before a recovery. What was signed with them counts only as far as a `Departure` says.
ACTIVE, REMOVED, REPLACED = "active", "removed", "replaced"


class Person(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One member, with public keys. A removed member stays listed: what a `Departure` names of them still counts.

    is_supervising  marked by an admin as a supervising attorney: chooses positions, confirms rules, accepts dates
    is_conflict_officer  marked by an admin as a conflict officer next to another role, as in a small office
    """

    member_id: UUID
    name: str
    role: str
    is_admin: bool
    hpke_public: bytes
    sign_public: bytes
    state: str = ACTIVE
    is_supervising: bool = False  # added later: False in a directory of an older program
    is_conflict_officer: bool = False  # added later, as above

    @property
    def checks_conflicts(self) -> bool:
        """Return whether they are a conflict officer, by role or by mark."""
        return self.is_conflict_officer or self.role == permissions.CONFLICT_OFFICER

    def __repr__(self) -> str:
        return f"<Person {self.member_id}>"


class HolderSheet(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One sheet of a recovery set: who opens it in their own session, and what its words are checked against.

    id          of its row, which alone would not say whose it is
    signer      signer id of the member's keys when the set was made: with other keys they cannot collect the sheet
    commitment  public part of the sheet's own signing key, derived from its words
    outside     name on the envelope, for a person outside an office of one; the member prints it for them
    """

    id: UUID
    member: UUID
    signer: bytes
    commitment: bytes
    outside: str = ""
    is_outside: bool = False

    def __repr__(self) -> str:
        return f"<HolderSheet {self.id}>"


class RecoverySet(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The recovery shares in use: `needed` of `holders` open the keys; `tested_at` is the last drill with real sheets.

    `sheets` is empty in a set of an older program, whose sheets were all shown to the admin who made it.
    """

    needed: int
    holders: int
    made_at: datetime
    tested_at: datetime | None = None
    sheets: tuple[HolderSheet, ...] = ()


class ProposedRecoverySet(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A recovery set that one admin made and that does not count yet; until it does the shares in use stay valid."""

    public: bytes
    needed: int
    holders: int
    by: UUID
    made_at: datetime
    sheets: tuple[HolderSheet, ...] = ()


class Departure(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The part of a signing key that still counts after its owner was removed, returned with new keys, or lost rights.

    Everything is named by its SHA-256, as it was stored at that moment: what the key signs later, under whatever date,
    is not among it.

    signer          signer id of the key
    role, is_admin  the rights of its owner until then
    heads           (group, newest link of its chain) of each group that the owner was in
    items           rosters of those groups, and the grants of the office that were not collected yet
    """

    signer: bytes
    role: str
    is_admin: bool = False
    heads: tuple[tuple[UUID, bytes], ...] = ()
    items: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        return f"<Departure with {len(self.heads)} groups>"


class ConflictGroup(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The group of the conflict officers, as every member who saves a case needs it.

    public  its public key of `epoch`; empty while the office has no conflict officer
    since   the epoch from which its index counts: no officer can open what was written under an older one
    """

    group: UUID
    epoch: int
    public: bytes
    since: int

    def __repr__(self) -> str:
        return f"<ConflictGroup {self.group} epoch {self.epoch}>"


class Directory(msgspec.Struct, kw_only=True, frozen=True, dict=True):
    """The office's directory. An admin changes it; every member of the office reads it.

    recovery_public  the office's recovery key, empty until recovery was set up
    auditors_public  the public key of the audit trail
    anchored         every group has a chain (`chain.py`); only offices of an older program have groups without one
    office_file      id of the office's own sealed file; None in an office that is not anchored
    founded_at       when the office was set up; None in offices of an older program
    departures       the signing keys whose authority ended, oldest first
    conflicts        the group of the conflict officers; None before the office had the first one
    """

    version: int
    people: tuple[Person, ...]
    recovery_public: bytes = b""
    auditors_public: bytes = b""
    recovery: RecoverySet | None = None
    recovery_next: ProposedRecoverySet | None = None
    anchored: bool = False
    office_file: UUID | None = None
    departures: tuple[Departure, ...] = ()
    founded_at: datetime | None = None
    conflicts: ConflictGroup | None = None

    @cached_property
    def active_people(self) -> tuple[Person, ...]:
        """Return the active members, by name."""
        active = (person for person in self.people if person.state == ACTIVE)
        return tuple(sorted(active, key=lambda person: person.name.casefold()))

    @cached_property
    def verifiers(self) -> dict[bytes, bytes]:
        """Return signer id to verifying key, of every person ever listed.

        A signature that verifies says who signed, not that they were entitled to: `authority.py` decides that.
        """
        return {signer: person.sign_public for signer, person in self.signers.items()}

    @cached_property
    def signers(self) -> dict[bytes, Person]:
        """Return signer id to the person, of every signing key ever listed."""
        return {hybrid.signer_id(person.sign_public): person for person in self.people}

    @cached_property
    def active_ids(self) -> frozenset[UUID]:
        """Return the ids of the active members."""
        return frozenset(person.member_id for person in self.active_people)

    @cached_property
    def supervising_people(self) -> tuple[Person, ...]:
        """Return the active supervising attorneys, by name."""
        return tuple(person for person in self.active_people if person.is_supervising)

    @cached_property
    def conflict_officers(self) -> tuple[Person, ...]:
        """Return the active conflict officers, by name."""
        return tuple(person for person in self.active_people if person.checks_conflicts)

    @cached_property
    def sheet_printer(self) -> UUID | None:
        """Return the member who printed every recovery sheet, in an office of one; None where no member saw two."""
        sheets = self.recovery.sheets if self.recovery is not None else ()
        return sheets[0].member if sheets and any(sheet.is_outside for sheet in sheets) else None

    def find_person(self, member_id: UUID) -> Person:
        """Return an active member. Raises NotFound."""
        for person in self.active_people:
            if person.member_id == member_id:
                return person
        raise NotFound(f"member {member_id}")

    def with_keys(self, member_id: UUID, *, hpke_public: bytes, sign_public: bytes) -> "Directory":
        """Return the directory with new public keys for an active member. Raises NotFound, OpenFailed.

        The old keys stay listed, for old signatures. A new verifying key of low order is refused.
        """
        hybrid.require_sound_verify_key(sign_public)
        old = self.find_person(member_id)
        new = replace(old, hpke_public=hpke_public, sign_public=sign_public)
        past = replace(old, state=REPLACED, is_admin=False, is_supervising=False, is_conflict_officer=False)
        return replace(self, people=(*(p for p in self.people if p is not old), past, new))

    def __repr__(self) -> str:
        return f"<Directory version {self.version}, {len(self.people)} people>"


class Descriptor(msgspec.Struct, kw_only=True, frozen=True):
    """A group as the whole office can see it."""

    group: UUID
    kind: str
    epoch: int
    public: bytes
    members: tuple[UUID, ...]
