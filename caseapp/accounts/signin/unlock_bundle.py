"""Opening a bundle by passphrase, recovery code or a passkey's secret, with the current shred half."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

from caseapp.accounts.keys import bundles, word_list
from caseapp.accounts.keys.derivation import one_derivation
from caseapp.accounts.models import Member
from caseapp.vault import shred_keys
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office


def member(org_id: UUID, member_id: UUID) -> Member | None:
    """Return the row of a member who has not been removed."""
    with office(org_id):
        return Member.objects.filter(org_id=org_id, id=member_id, is_active=True).first()


def is_code(text: str) -> bool:
    """Return whether this is a whole recovery code with a right checksum; six words never are."""
    try:
        bundles.normal_code(text)
    except OpenFailed:
        return False
    return True


def by_passphrase(row: Member, passphrase: str) -> bytes:
    """Return the bundle key, opened by passphrase. Costs one derivation. Raises OpenFailed (WrongSecret), TooMany."""
    typed = word_list.as_typed(passphrase)

    def attempt(half: bytes) -> bytes:
        with one_derivation():
            return bundles.unlock(bytes(row.bundle), row.id, typed, half)

    return _with_half(row.id, attempt)


def by_code(row: Member, code: str) -> bytes:
    """Return the bundle key, opened by recovery code. Raises OpenFailed."""
    return _with_half(row.id, lambda half: bundles.unlock_with_code(bytes(row.bundle), row.id, code, half))


def by_prf(row: Member, secret: bytes) -> bytes:
    """Return the bundle key, opened by a passkey's own secret. Raises OpenFailed."""
    return _with_half(row.id, lambda half: bundles.unlock_with_prf(bytes(row.bundle), row.id, secret, half))


def pretend(passphrase: str) -> None:
    """Do the work of an unlock by passphrase for an unknown address, with the look-up of a shred half.

    Raises TooMany.
    """
    with suppress(OpenFailed):
        shred_keys.candidates("members", uuid4())
    with one_derivation():
        bundles.pretend(word_list.as_typed(passphrase))


def _with_half(member_id: UUID, attempt: Callable[[bytes], bytes]) -> bytes:
    """Try each shred half and keep the one that opens.

    Usually there is one; a crash during a passphrase change leaves two.
    """
    candidates = shred_keys.candidates("members", member_id)
    for mark, half in candidates[:-1]:
        try:
            opened = attempt(half)
        except OpenFailed:
            continue
        shred_keys.finish("members", member_id, mark)
        return opened
    mark, half = candidates[-1]
    opened = attempt(half)
    shred_keys.finish("members", member_id, mark)
    return opened
