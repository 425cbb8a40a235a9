"""Members' bundles with this machine's part of the secret: the pepper and the member's shred half."""

from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

from caseapp.vault.core import bundle, recovery
from caseapp.vault.core.bundle import DEFAULT_KDF, Bundle, Kdf
from caseapp.vault.core.keyring import Keyring


@cache
def _pepper() -> bytes:
    return Path(settings.PEPPER_FILE).read_bytes()


def _cost() -> Kdf:
    # Tests of everything but the derivation itself do not spend 64 MiB a sign-in; production cannot lower it.
    return Kdf(m_kib=1024, t=1, p=1) if settings.MODE == "test" else DEFAULT_KDF


def create(keyring: Keyring, member_id: UUID, bundle_key: bytes, passphrase: str, half: bytes) -> bytes:
    """A new member's sealed bundle, opened by the passphrase. Costs one derivation."""
    return bundle.new_bundle(
        keyring,
        member=member_id,
        bundle_key=bundle_key,
        passphrase=passphrase,
        pepper=_pepper(),
        shred_half=half,
        kdf=_cost(),
    )


def unlock(sealed: bytes, member_id: UUID, passphrase: str, half: bytes) -> bytes:
    """The bundle key. Costs one derivation. Raises WrongSecret (an OpenFailed)."""
    return Bundle.parse(sealed, member_id).unlock_passphrase(passphrase, _pepper(), half)


def unlock_with_code(sealed: bytes, member_id: UUID, code: str, half: bytes) -> bytes:
    """The bundle key by recovery code; it has 160 bits and needs no slow derivation. Raises WrongSecret, BadCode."""
    return Bundle.parse(sealed, member_id).unlock_code(code, _pepper(), half)


def pretend(passphrase: str) -> None:
    """The work of `unlock` for an address nobody has, so that time tells nothing."""
    try:
        bundle.fake_bundle(uuid4(), _cost()).unlock_passphrase(passphrase, _pepper(), bytes(32))
    except bundle.WrongSecret:
        return


def has_recovery(opened: Bundle) -> bool:
    """Whether a recovery code was typed back."""
    return opened.has(bundle.RECOVERY)


def new_code() -> str:
    """A recovery code of 160 bits, in groups, with a checksum."""
    return recovery.new_recovery_code()


def normal_code(text: str) -> str:
    """A code as printed, from what was typed. Raises BadCode (an OpenFailed)."""
    return recovery.normalise_code(text)


def with_code(sealed: bytes, member_id: UUID, bundle_key: bytes, code: str, half: bytes) -> bytes:
    """The bundle with this code as a further way in."""
    return Bundle.parse(sealed, member_id).with_code(bundle_key, code, _pepper(), half)


def has_prf(sealed: bytes, member_id: UUID) -> bool:
    """Whether some passkey opens this bundle by itself."""
    return Bundle.parse(sealed, member_id).has(bundle.PRF)


def unlock_with_prf(sealed: bytes, member_id: UUID, secret: bytes, half: bytes) -> bytes:
    """The bundle key by a passkey's own secret (32 uniform bytes, no slow derivation). Raises WrongSecret."""
    return Bundle.parse(sealed, member_id).unlock_prf(secret, _pepper(), half)


def with_prf(sealed: bytes, member_id: UUID, bundle_key: bytes, secret: bytes, half: bytes) -> tuple[bytes, bytes]:
    """The bundle with a passkey's secret as a further way in, and that way's locator."""
    return Bundle.parse(sealed, member_id).with_prf(bundle_key, secret, _pepper(), half)


def has_way(sealed: bytes, member_id: UUID, locator: bytes) -> bool:
    """Whether the passkey's way in with this locator still stands."""
    return any(way.locator == locator for way in Bundle.parse(sealed, member_id).wraps)


def without_way(sealed: bytes, member_id: UUID, bundle_key: bytes, locator: bytes) -> bytes:
    """The bundle without that way in."""
    return Bundle.parse(sealed, member_id).without_way(bundle_key, locator)


def renewed(sealed: bytes, member_id: UUID, bundle_key: bytes, passphrase: str, code: str, half: bytes) -> bytes:
    """The bundle with a new passphrase and a new recovery code under a new half; passkeys' own ways in are gone.

    Costs one derivation.
    """
    alone = Bundle.parse(sealed, member_id).without(bundle_key, bundle.PRF)
    changed = Bundle.parse(alone, member_id).with_passphrase(bundle_key, passphrase, _pepper(), half, kdf=_cost())
    return with_code(changed, member_id, bundle_key, code, half)


def with_keyring(sealed: bytes, member_id: UUID, bundle_key: bytes, keyring: Keyring) -> bytes:
    """The bundle with a changed keyring, the ways in unchanged."""
    return Bundle.parse(sealed, member_id).with_keyring(bundle_key, keyring)
