"""Dealing a recovery set: the only code in which two sheets are in one memory at the same time.

`deal` makes the secret, splits it, seals each share to its holder's public key from the signed directory, and returns
the sealed sheets. For that long, some hundredths of a second of one request, the process knows the secret and every
share. Neither is returned, stored, logged, or part of a response; Python cannot overwrite them, so their bytes may lie
in freed memory of that process until it is reused. From then on a share exists sealed to its holder, then on paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from caseapp.accounts.directory.records import Directory, HolderSheet
from caseapp.accounts.recovery import sheet_rows
from caseapp.vault.core import hybrid, primitives, shares
from caseapp.vault.errors import OpenFailed

SMALLEST_SCHEME = 3  # shares


@dataclass(frozen=True)
class HolderChoice:
    """A chosen holder: a member, or in an office of one a person outside, for whom the member prints the sheet."""

    member: UUID
    is_outside: bool = False
    outside: str = ""


@dataclass(frozen=True)
class DealtSet:
    """A set as it is stored: its public key, and each sheet with its sealed words."""

    public: bytes = field(repr=False)
    sheets: tuple[HolderSheet, ...]
    sealed: tuple[bytes, ...] = field(repr=False)


def deal(org: UUID, people: Directory, needed: int, holders: Sequence[HolderChoice]) -> DealtSet:
    """Deal a new set. Raises NotFound for a holder who is not in the office, OpenFailed if the shares do not fit."""
    secret = primitives.new_key()
    public = shares.derive_key_pair(secret).public
    # In an office of two the third share of two of three is dropped here: there is no holder for it.
    texts = shares.split_secret(secret, needed, max(SMALLEST_SCHEME, len(holders)))[: len(holders)]
    for some in (texts[:needed], texts[-needed:]):
        if not primitives.is_equal(shares.recover_secret(some), secret):
            raise OpenFailed("the shares of a new recovery set do not combine")
    sheets, sealed = [], []
    for choice, words in zip(holders, texts, strict=True):
        person, sheet = people.find_person(choice.member), uuid4()
        sheets.append(
            HolderSheet(
                id=sheet,
                member=choice.member,
                signer=hybrid.signer_id(person.sign_public),
                commitment=shares.commit_to_sheet(words),
                outside=choice.outside,
                is_outside=choice.is_outside,
            )
        )
        sealed.append(sheet_rows.seal_words(org, sheet, choice.member, words, person.hpke_public))
    return DealtSet(public, tuple(sheets), tuple(sealed))
