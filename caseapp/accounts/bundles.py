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


def with_keyring(sealed: bytes, member_id: UUID, bundle_key: bytes, keyring: Keyring) -> bytes:
    """The bundle with a changed keyring, the ways in unchanged."""
    return Bundle.parse(sealed, member_id).with_keyring(bundle_key, keyring)
