"""The judgement of signatures at the newest version of the directory that the reader knows. No Django.

What a signed item says about its own time proves nothing: a removed member can still sign anything, under any date.
The item of an active member counts with the rights that member has now. An item signed with any other key counts only
when the office's root named it in that key's `Departure`, with the rights its owner had until then.
"""

from collections.abc import Callable
from functools import lru_cache

from msgspec.structs import replace

from caseapp.accounts.directory.records import ACTIVE, Departure, Directory, Person
from caseapp.vault.core import hybrid
from caseapp.vault.errors import OpenFailed


class NotEntitled(OpenFailed):
    """An item whose signer does not exist, or is not entitled to what it says. `code` is stable."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def verify_signer(people: Directory, signer: bytes, signature: bytes, content: bytes) -> Person:
    """Return the person who signed this content, active or not. Raises NotEntitled, OpenFailed.

    This alone is no authority: see `capacities`.
    """
    person = people.signers.get(signer)
    if person is None:
        raise NotEntitled("signer", "the signer is not in the directory")
    check_signature(person.sign_public, signature, content)
    return person


@lru_cache(maxsize=8192)
def check_signature(public: bytes, signature: bytes, content: bytes) -> None:
    """Check a signature, once in this process: chains are read again and again. Raises OpenFailed."""
    hybrid.verify(public, signature, content)


def capacities(people: Directory, signer: bytes, is_named: Callable[[Departure], bool]) -> tuple[Person, ...]:
    """Return the signer with each set of rights under which the item counts. Raises NotEntitled when there is none.

    is_named  whether a departure of this signer names the item
    """
    person = people.signers.get(signer)
    if person is None:
        raise NotEntitled("signer", "the signer is not in the directory")
    counted = [person] if person.state == ACTIVE else []
    counted += [
        replace(person, role=left.role, is_admin=left.is_admin)
        for left in people.departures
        if left.signer == signer and is_named(left)
    ]
    if not counted:
        raise NotEntitled("signer", "the signer is no longer active, and the directory does not name the item")
    return tuple(counted)


def names_item(digest: bytes) -> Callable[[Departure], bool]:
    """Return the test whether a departure names the stored bytes with this SHA-256."""
    return lambda left: digest in left.items
