"""Signatures of requests and answers: who asked, and whether a conflict officer answered."""

from uuid import UUID

from caseapp.accounts.directory import members
from caseapp.accounts.directory.chains import authority, group_chains
from caseapp.accounts.directory.records import Directory, Person
from caseapp.accounts.keys.staff import Keys
from caseapp.conflicts.services import content
from caseapp.conflicts.services.content import SignedContent
from caseapp.vault.core import hybrid
from caseapp.vault.core.inboxes import conflict_requests
from caseapp.vault.errors import OpenFailed


def sign_request(keys: Keys, row: UUID, body: bytes) -> bytes:
    """Return a request signed by the asker."""
    return _sign(keys, body, conflict_requests.signed_request(keys.org_id, row, body))


def sign_answer(keys: Keys, row: UUID, body: bytes) -> bytes:
    """Return an answer signed by the officer."""
    return _sign(keys, body, conflict_requests.signed_answer(keys.org_id, row, body))


def _sign(keys: Keys, body: bytes, signed: bytes) -> bytes:
    private = keys.keyring.sign_private
    signer = hybrid.signer_id(hybrid.derive_verify_key(private))
    return content.encode(SignedContent(signer, hybrid.sign(private, signed), body))


def open_request(keys: Keys, row: UUID, plain: bytes) -> tuple[bytes, Person]:
    """Return a request's content and the person who signed it. Raises OpenFailed."""
    signed = content.decode_signed(plain)
    expected = conflict_requests.signed_request(keys.org_id, row, signed.content)
    people = members.read_directory(keys, accepts_older=True)
    return signed.content, authority.verify_signer(people, signed.signer, signed.signature, expected)


def open_answer(keys: Keys, row: UUID, plain: bytes) -> tuple[bytes, Person]:
    """Return an answer's content and the officer who signed it. Raises OpenFailed when no officer did.

    The officers' chain, which the root signs, names everyone who was one: an answer is shown after its officer left.
    `checks.is_officer_now` says who is one still.
    """
    signed = content.decode_signed(plain)
    people = members.read_directory(keys, accepts_older=True)
    expected = conflict_requests.signed_answer(keys.org_id, row, signed.content)
    person = authority.verify_signer(people, signed.signer, signed.signature, expected)
    if not _was_officer(keys, people, person):
        raise OpenFailed(f"conflict request {row}: answered by someone who is no conflict officer")
    return signed.content, person


def _was_officer(keys: Keys, people: Directory, person: Person) -> bool:
    if people.conflicts is None:
        return False
    states = group_chains.read_states(keys, people, [people.conflicts.group])
    return any(person.member_id in state.past_holders for state in states.values())
