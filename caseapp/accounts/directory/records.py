"""What the signed directory and the groups' descriptors hold. No Django: `caseapp recover` reads them offline."""

from datetime import datetime
from functools import cached_property
from uuid import UUID

import msgspec
from msgspec.structs import replace

from caseapp.lib.errors import NotFound
from caseapp.vault.core import hybrid

# REPLACED: the keys somebody had before they came back with new ones. What they signed with the old ones still counts.
ACTIVE, REMOVED, REPLACED = "active", "removed", "replaced"


class Person(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One member. Keys are public ones. A removed one stays listed: what they signed before still verifies."""

    member_id: UUID
    name: str
    role: str
    is_admin: bool
    hpke_public: bytes
    sign_public: bytes
    state: str = ACTIVE

    def __repr__(self) -> str:
        return f"<Person {self.member_id}>"


class RecoverySet(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The shares that are out: `needed` of `holders` open; `tested_at` is the last test opening that succeeded."""

    needed: int
    holders: int
    made_at: datetime
    tested_at: datetime | None = None


class NextSet(msgspec.Struct, kw_only=True, frozen=True):
    """A set that one admin made and another has not confirmed yet; until then the shares that are out count."""

    public: bytes
    needed: int
    holders: int
    by: UUID
    made_at: datetime


class Directory(msgspec.Struct, kw_only=True, dict=True):
    """`recovery_public` is the office's recovery key, empty until recovery was set up; `auditors_public` is
    that of the audit trail. An admin changes it; everybody of the office reads it.
    """

    version: int
    people: tuple[Person, ...]
    recovery_public: bytes = b""
    auditors_public: bytes = b""
    recovery: RecoverySet | None = None
    recovery_next: NextSet | None = None

    @cached_property
    def active(self) -> tuple[Person, ...]:
        """Who is here now, by name."""
        here = (person for person in self.people if person.state == ACTIVE)
        return tuple(sorted(here, key=lambda person: person.name.casefold()))

    @cached_property
    def verifiers(self) -> dict[bytes, bytes]:
        """Signer id to verifying key, of everybody who ever was here."""
        return {hybrid.signer_id(person.sign_public): person.sign_public for person in self.people}

    def person(self, member_id: UUID) -> Person:
        """Somebody who is here. Raises NotFound."""
        for person in self.active:
            if person.member_id == member_id:
                return person
        raise NotFound(f"member {member_id}")

    def with_keys(self, member_id: UUID, *, hpke_public: bytes, sign_public: bytes) -> "Directory":
        """Somebody who is here, with new public keys; the old ones stay, for old signatures. Raises NotFound."""
        old = self.person(member_id)
        new = replace(old, hpke_public=hpke_public, sign_public=sign_public)
        past = replace(old, state=REPLACED, is_admin=False)
        return replace(self, people=(*(p for p in self.people if p is not old), past, new))

    def __repr__(self) -> str:
        return f"<Directory version {self.version}, {len(self.people)} people>"


class Descriptor(msgspec.Struct, kw_only=True, frozen=True):
    """What the whole office knows of a group."""

    group: UUID
    kind: str
    epoch: int
    public: bytes
    members: tuple[UUID, ...]
