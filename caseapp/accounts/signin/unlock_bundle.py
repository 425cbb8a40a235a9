"""Opening a bundle by passphrase, recovery code or a passkey's secret, with the current shred half."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

from caseapp.accounts.keys import bundles, word_list
from caseapp.accounts.keys.derivation import derivation_slot
from caseapp.accounts.models import Member
from caseapp.vault import shred_keys
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction


def find_member(org_id: UUID, member_id: UUID) -> Member | None:
    """Return the row of a member who has not been removed."""
    with office_transaction(org_id):
        return Member.objects.filter(org_id=org_id, id=member_id, is_active=True).first()


def is_recovery_code(text: str) -> bool:
    """Return whether this is a whole recovery code with a right checksum; six words never are."""
    try:
        bundles.normalize_recovery_code(text)
    except OpenFailed:
        return False
    return True


def by_passphrase(row: Member, passphrase: str) -> bytes:
    """Return the bundle key, opened by passphrase. Costs one derivation. Raises OpenFailed (WrongSecret), TooMany."""
    typed = word_list.normalize_passphrase(passphrase)

    def attempt(half: bytes) -> bytes:
        with derivation_slot():
            return bundles.unlock_with_passphrase(bytes(row.bundle), row.id, typed, half)

    return _try_halves(row.id, attempt)


def by_code(row: Member, code: str) -> bytes:
    """Return the bundle key, opened by recovery code. Raises OpenFailed."""
    return _try_halves(row.id, lambda half: bundles.unlock_with_code(bytes(row.bundle), row.id, code, half))


def by_prf(row: Member, secret: bytes) -> bytes:
    """Return the bundle key, opened by a passkey's own secret. Raises OpenFailed."""
    return _try_halves(row.id, lambda half: bundles.unlock_with_prf(bytes(row.bundle), row.id, secret, half))


def simulate_unlock(passphrase: str) -> None:
    """Do the work of an unlock by passphrase for an unknown address, with the look-up of a shred half.

    Raises TooMany.
    """
    with suppress(OpenFailed):
        shred_keys.candidate_halves("members", uuid4())
    with derivation_slot():
        bundles.simulate_unlock(word_list.normalize_passphrase(passphrase))


def simulate_unlock_with_code(code: str) -> None:
    """Do the work of an unlock by recovery code for an unknown address, with the look-up of a shred half."""
    with suppress(OpenFailed):
        shred_keys.candidate_halves("members", uuid4())
    bundles.simulate_unlock_with_code(code)


def _try_halves(member_id: UUID, attempt: Callable[[bytes], bytes]) -> bytes:
    """Try each shred half and keep the one that opens.

    Usually there is one; a crash during a passphrase change leaves two.
    """
    candidates = shred_keys.candidate_halves("members", member_id)
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
