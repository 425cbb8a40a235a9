"""Members' bundles, sealed with this machine's share of the secret: the pepper and the member's shred half."""

from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

from caseapp.vault.core import bundle, recovery
from caseapp.vault.core.bundle import DEFAULT_KDF, Bundle, Kdf
from caseapp.vault.core.keyring import Keyring


@cache
def _read_pepper() -> bytes:
    return Path(settings.PEPPER_FILE).read_bytes()


def _derivation_cost() -> Kdf:
    # Most tests do not need the derivation, so test mode saves its 64 MiB a sign-in; production cannot lower the cost.
    return Kdf(m_kib=1024, t=1, p=1) if settings.MODE == "test" else DEFAULT_KDF


def create(keyring: Keyring, member_id: UUID, bundle_key: bytes, passphrase: str, half: bytes) -> bytes:
    """Return a new member's sealed bundle, opened by the passphrase. Costs one derivation."""
    return bundle.new_bundle(
        keyring,
        member=member_id,
        bundle_key=bundle_key,
        passphrase=passphrase,
        pepper=_read_pepper(),
        shred_half=half,
        kdf=_derivation_cost(),
    )


def unlock_with_passphrase(sealed: bytes, member_id: UUID, passphrase: str, half: bytes) -> bytes:
    """Return the bundle key, opened by passphrase. Costs one derivation. Raises WrongSecret (an OpenFailed)."""
    return Bundle.parse(sealed, member_id).unlock_with_passphrase(passphrase, _read_pepper(), half)


def unlock_with_code(sealed: bytes, member_id: UUID, code: str, half: bytes) -> bytes:
    """Return the bundle key, opened by recovery code. Raises WrongSecret, BadCode.

    The code has 160 bits, so it needs no slow derivation.
    """
    return Bundle.parse(sealed, member_id).unlock_with_code(code, _read_pepper(), half)


def simulate_unlock(passphrase: str) -> None:
    """Spend the time of one unlock for an unknown address, so that timing does not reveal which addresses exist."""
    try:
        bundle.fake_bundle(uuid4(), _derivation_cost()).unlock_with_passphrase(passphrase, _read_pepper(), bytes(32))
    except bundle.WrongSecret:
        return


def simulate_unlock_with_code(code: str) -> None:
    """Do the work of an unlock by recovery code for an unknown address."""
    try:
        bundle.fake_bundle(uuid4(), _derivation_cost()).unlock_with_code(code, _read_pepper(), bytes(32))
    except (bundle.BadCode, bundle.WrongSecret):
        return


def has_recovery_code(opened: Bundle) -> bool:
    """Return whether the bundle opens by a recovery code, which was typed back."""
    return opened.has_kind(bundle.RECOVERY)


def generate_recovery_code() -> str:
    """Return a new recovery code of 160 bits, in groups, with a checksum."""
    return recovery.new_recovery_code()


def normalize_recovery_code(text: str) -> str:
    """Return a typed recovery code in its printed form. Raises BadCode (an OpenFailed)."""
    return recovery.normalise_code(text)


def with_recovery_code(sealed: bytes, member_id: UUID, bundle_key: bytes, code: str, half: bytes) -> bytes:
    """Return the bundle with this recovery code added to the secrets that open it."""
    return Bundle.parse(sealed, member_id).with_code(bundle_key, code, _read_pepper(), half)


def has_prf(sealed: bytes, member_id: UUID) -> bool:
    """Return whether a passkey's own secret opens this bundle without a passphrase."""
    return Bundle.parse(sealed, member_id).has_kind(bundle.PRF)


def unlock_with_prf(sealed: bytes, member_id: UUID, secret: bytes, half: bytes) -> bytes:
    """Return the bundle key, opened by a passkey's own secret. Raises WrongSecret.

    The secret is 32 uniform bytes and needs no slow derivation.
    """
    return Bundle.parse(sealed, member_id).unlock_with_prf(secret, _read_pepper(), half)


def with_prf(sealed: bytes, member_id: UUID, bundle_key: bytes, secret: bytes, half: bytes) -> tuple[bytes, bytes]:
    """Return the bundle with a passkey's secret added to those that open it, and the locator of that wrap."""
    return Bundle.parse(sealed, member_id).with_prf(bundle_key, secret, _read_pepper(), half)


def has_wrap(sealed: bytes, member_id: UUID, locator: bytes) -> bool:
    """Return whether the bundle still has the passkey wrap with this locator."""
    return any(wrap.locator == locator for wrap in Bundle.parse(sealed, member_id).wraps)


def without_wrap(sealed: bytes, member_id: UUID, bundle_key: bytes, locator: bytes) -> bytes:
    """Return the bundle without the passkey wrap of this locator."""
    return Bundle.parse(sealed, member_id).without_passkey(bundle_key, locator)


def renew_credentials(
    sealed: bytes, member_id: UUID, bundle_key: bytes, passphrase: str, code: str, half: bytes
) -> bytes:
    """Return the bundle with a new passphrase and a new recovery code under a new shred half.

    Passkey wraps are removed, since they depend on the old half. Costs one derivation.
    """
    alone = Bundle.parse(sealed, member_id).without_kind(bundle_key, bundle.PRF)
    changed = Bundle.parse(alone, member_id).with_passphrase(
        bundle_key, passphrase, _read_pepper(), half, kdf=_derivation_cost()
    )
    return with_recovery_code(changed, member_id, bundle_key, code, half)


def with_keyring(sealed: bytes, member_id: UUID, bundle_key: bytes, keyring: Keyring) -> bytes:
    """Return the bundle with a changed keyring; the secrets that open it stay the same."""
    return Bundle.parse(sealed, member_id).with_keyring(bundle_key, keyring)
