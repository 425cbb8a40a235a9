"""A member's bundle (format 03): the sealed keyring and the wraps of its key. Opening it is the only passphrase check.

03 | kdf 01 | m u32 KiB | t u8 | p u8 | salt 16 | count u8 | (kind u8 | WRAP-S 90) * count | nonce 12 | ciphertext | tag
S   = Argon2id(NFKC passphrase as UTF-8, salt, m, t, p), or the 20 bytes of the recovery code
KEK = HKDF-SHA-256(ikm = S, salt = pepper | shred half, info = "kek/1" | member 16)
WRAP-S: the bundle key under KEK, object id = member, context = "bundle-wrap/1" | member 16 | kind u8,
        epoch = number of the pepper
keyring key     = HKDF-Expand(bundle key, "bundle/1")
associated data = "bundle/1" | member 16 | everything before the nonce, so that an old wrap cannot be restored alone
plaintext       = length u32 | keyring | zeros up to a multiple of 4096
"""

import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from caseapp.lib import low_priority
from caseapp.vault.core import primitives, recovery, wraps
from caseapp.vault.core.keyring import Keyring
from caseapp.vault.core.labels import LABELS
from caseapp.vault.core.recovery import BadCode, new_recovery_code, normalise_code
from caseapp.vault.errors import OpenFailed, UnknownFormat

__all__ = [
    "DEFAULT_KDF",
    "BadCode",
    "Bundle",
    "Kdf",
    "Wrap",
    "WrongSecret",
    "derive",
    "fake_bundle",
    "new_bundle",
    "new_recovery_code",
    "normalise_code",
    "pepper_numbers",
]

FORMAT = 3
ARGON2ID = 1
PASSPHRASE, RECOVERY, PRF = 1, 2, 3  # kinds of wraps
SALT = 16
STEP = 4096
_HEADER = struct.Struct(">BBIBB16sB")
_WRAP = 1 + wraps.WRAP_LENGTH
_MAX_WRAPS = 16
_MAX_LENGTH = 4 * 1024 * 1024


class WrongSecret(OpenFailed):
    """The passphrase, recovery code or passkey secret does not open this bundle."""


@dataclass(frozen=True)
class Kdf:
    """Cost of Argon2id: memory in KiB, passes, lanes. The default exceeds what ASVS 5.0 requires (46 MiB, 1 pass).

    Raises ValueError beyond 1 GiB, 10 passes or 8 lanes: a manipulated row must not exhaust the machine.
    """

    m_kib: int = 65536
    t: int = 3
    p: int = 1

    def __post_init__(self) -> None:
        if not (1 <= self.p <= 8 and 1 <= self.t <= 10 and 8 * self.p <= self.m_kib <= 1024 * 1024):
            raise ValueError("Argon2id cost is out of bounds")


DEFAULT_KDF = Kdf()


def derive(passphrase: str, salt: bytes, kdf: Kdf) -> bytes:
    """Return 32 bytes by Argon2id. The passphrase is not cut, and is normalised (NFKC, UTF-8) to suit any keyboard."""
    secret = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    return low_priority.run(hash_secret_raw, secret, salt, kdf.t, kdf.m_kib, kdf.p, primitives.KEY_LENGTH, Type.ID)


@dataclass(frozen=True)
class Wrap:
    """The bundle key wrapped under one secret (passphrase, recovery code or passkey), and the kind of that secret."""

    kind: int
    blob: bytes = field(repr=False)

    @property
    def pepper_number(self) -> int:
        """Return the number of the server's pepper that the wrap was made with."""
        return wraps.epoch_of(self.blob)

    @property
    def locator(self) -> bytes:
        """Return the 8 bytes of the wrap that only its own secret can produce."""
        return self.blob[2 : 2 + wraps.KID]


@dataclass(frozen=True)
class Bundle:
    """A parsed bundle. Methods that begin with `with` return new bytes to store and do not change this object."""

    member: UUID
    kdf: Kdf
    salt: bytes = field(repr=False)
    wraps: tuple[Wrap, ...]
    sealed: bytes = field(repr=False)

    @classmethod
    def parse(cls, blob: bytes, member: UUID) -> "Bundle":
        """Parse the bytes without authenticating them. Raises UnknownFormat, OpenFailed."""
        if not _HEADER.size <= len(blob) <= _MAX_LENGTH:
            raise OpenFailed(f"bundle of {len(blob)} bytes")
        form, kdf_id, m_kib, t, p, salt, count = _HEADER.unpack_from(blob)
        if form != FORMAT or kdf_id != ARGON2ID:
            raise UnknownFormat(f"bundle format {form}, kdf {kdf_id}")
        end = _HEADER.size + _WRAP * count
        if count > _MAX_WRAPS or len(blob) < end + primitives.NONCE_LENGTH + STEP + primitives.TAG_LENGTH:
            raise OpenFailed("bundle is cut short")
        try:
            kdf = Kdf(m_kib, t, p)
        except ValueError as exc:
            raise OpenFailed("bundle: Argon2id cost is out of bounds") from exc
        entries = (blob[at : at + _WRAP] for at in range(_HEADER.size, end, _WRAP))
        return cls(member, kdf, salt, tuple(Wrap(entry[0], entry[1:]) for entry in entries), blob[end:])

    def has_kind(self, kind: int) -> bool:
        """Return whether the bundle has a wrap of this kind."""
        return any(wrap.kind == kind for wrap in self.wraps)

    def unlock_with_passphrase(self, passphrase: str, pepper: bytes, shred_half: bytes) -> bytes:
        """Return the bundle's key. Costs the full Argon2id work (memory: `kdf.m_kib`). Raises WrongSecret."""
        return self._unwrap_bundle_key(PASSPHRASE, derive(passphrase, self.salt, self.kdf), pepper, shred_half)

    def unlock_with_code(self, code: str, pepper: bytes, shred_half: bytes) -> bytes:
        """Return the bundle's key by recovery code. Raises BadCode if it is mistyped, WrongSecret if it is wrong."""
        return self._unwrap_bundle_key(RECOVERY, recovery.code_bytes(code), pepper, shred_half)

    def unlock_with_prf(self, secret: bytes, pepper: bytes, shred_half: bytes) -> bytes:
        """Return the bundle's key by the 32 secret bytes from a passkey (WebAuthn PRF). Raises WrongSecret."""
        return self._unwrap_bundle_key(PRF, _check_prf_secret(secret), pepper, shred_half)

    def open_keyring(self, bundle_key: bytes) -> Keyring:
        """Open and return the keyring, as every request does. Raises OpenFailed, UnknownFormat."""
        key = primitives.expand(bundle_key, LABELS["bundle"])
        plain = primitives.open_sealed(key, self.sealed, self._associated_data(), what=f"bundle {self.member}")
        return Keyring.decode(primitives.remove_padding(plain, STEP, what=f"bundle {self.member}"))

    def with_keyring(self, bundle_key: bytes, keyring: Keyring) -> bytes:
        """Return the bundle with a changed keyring; key and wraps stay. Raises OpenFailed if the key is wrong."""
        self.open_keyring(bundle_key)
        return self._seal_keyring(bundle_key, keyring)

    def with_passphrase(
        self,
        bundle_key: bytes,
        passphrase: str,
        pepper: bytes,
        shred_half: bytes,
        *,
        kdf: Kdf = DEFAULT_KDF,
        pepper_number: int = 1,
    ) -> bytes:
        """Return the bundle with a new passphrase (or a stronger cost) in place of the old one, under a new salt.

        Wraps of other kinds stay; they work only with the shred half that they were made with.
        """
        salt = primitives.random_bytes(SALT)
        wrap = _make_wrap(
            PASSPHRASE, derive(passphrase, salt, kdf), bundle_key, self.member, pepper, shred_half, pepper_number
        )
        changed = replace(self, kdf=kdf, salt=salt, wraps=(wrap, *self._wraps_of_other_kinds(PASSPHRASE)))
        return changed._seal_keyring(bundle_key, self.open_keyring(bundle_key))

    def with_code(
        self, bundle_key: bytes, code: str, pepper: bytes, shred_half: bytes, *, pepper_number: int = 1
    ) -> bytes:
        """Return the bundle with this recovery code in place of any earlier one. Raises BadCode."""
        wrap = _make_wrap(
            RECOVERY, recovery.code_bytes(code), bundle_key, self.member, pepper, shred_half, pepper_number
        )
        changed = replace(self, wraps=(*self._wraps_of_other_kinds(RECOVERY), wrap))
        return changed._seal_keyring(bundle_key, self.open_keyring(bundle_key))

    def with_prf(
        self, bundle_key: bytes, secret: bytes, pepper: bytes, shred_half: bytes, *, pepper_number: int = 1
    ) -> tuple[bytes, bytes]:
        """Return the bundle with one more wrap, for a passkey's secret, and its locator, needed to remove it later."""
        wrap = _make_wrap(PRF, _check_prf_secret(secret), bundle_key, self.member, pepper, shred_half, pepper_number)
        kept = (*(old for old in self.wraps if old.locator != wrap.locator), wrap)
        return replace(self, wraps=kept)._seal_keyring(bundle_key, self.open_keyring(bundle_key)), wrap.locator

    def without_passkey(self, bundle_key: bytes, locator: bytes) -> bytes:
        """Return the bundle without the passkey wrap that has this locator; other wraps stay."""
        kept = tuple(wrap for wrap in self.wraps if wrap.kind != PRF or wrap.locator != locator)
        return replace(self, wraps=kept)._seal_keyring(bundle_key, self.open_keyring(bundle_key))

    def without_kind(self, bundle_key: bytes, kind: int) -> bytes:
        """Return the bundle without the wraps of one kind."""
        return replace(self, wraps=self._wraps_of_other_kinds(kind))._seal_keyring(
            bundle_key, self.open_keyring(bundle_key)
        )

    def _unwrap_bundle_key(self, kind: int, secret: bytes, pepper: bytes, shred_half: bytes) -> bytes:
        kek = _derive_kek(secret, self.member, pepper, shred_half)
        for wrap in self.wraps:
            if wrap.kind != kind:
                continue
            try:
                return wraps.open_key(kek, wrap.blob, object_id=self.member.bytes, ctx=_wrap_context(self.member, kind))
            except OpenFailed:
                continue
        raise WrongSecret(f"bundle {self.member} does not open")

    def _wraps_of_other_kinds(self, kind: int) -> tuple[Wrap, ...]:
        return tuple(wrap for wrap in self.wraps if wrap.kind != kind)

    def _pack_header(self) -> bytes:
        cost = self.kdf
        head = _HEADER.pack(FORMAT, ARGON2ID, cost.m_kib, cost.t, cost.p, self.salt, len(self.wraps))
        return head + b"".join(bytes([wrap.kind]) + wrap.blob for wrap in self.wraps)

    def _associated_data(self) -> bytes:
        return LABELS["bundle"] + self.member.bytes + self._pack_header()

    def _seal_keyring(self, bundle_key: bytes, keyring: Keyring) -> bytes:
        key = primitives.expand(bundle_key, LABELS["bundle"])
        return self._pack_header() + primitives.seal(
            key, primitives.add_padding(keyring.encode(), STEP), self._associated_data()
        )


def new_bundle(
    keyring: Keyring,
    *,
    member: UUID,
    bundle_key: bytes,
    passphrase: str,
    pepper: bytes,
    shred_half: bytes,
    kdf: Kdf = DEFAULT_KDF,
    pepper_number: int = 1,
) -> bytes:
    """Return the bytes of a new member's bundle, opened by the passphrase. Costs the full Argon2id work."""
    salt = primitives.random_bytes(SALT)
    wrap = _make_wrap(PASSPHRASE, derive(passphrase, salt, kdf), bundle_key, member, pepper, shred_half, pepper_number)
    return Bundle(member, kdf, salt, (wrap,), b"")._seal_keyring(bundle_key, keyring)


def fake_bundle(member: UUID, kdf: Kdf = DEFAULT_KDF) -> Bundle:
    """Return a bundle that no secret opens, so that sign-in for an unknown account takes as long as for a known one.

    `unlock_with_passphrase` does the full Argon2id work and `unlock_with_code` its short one, then they raise
    WrongSecret.
    """
    fakes = tuple(
        Wrap(kind, b"\x01\x01" + primitives.random_bytes(wraps.WRAP_LENGTH - 2)) for kind in (PASSPHRASE, RECOVERY)
    )
    return Bundle(member, kdf, primitives.random_bytes(SALT), fakes, primitives.random_bytes(STEP + 28))


def pepper_numbers(bundle: Bundle) -> Iterable[int]:
    """Return the pepper numbers of the wraps; a wrap with an older pepper is renewed at the next sign-in."""
    return (wrap.pepper_number for wrap in bundle.wraps)


def _wrap_context(member: UUID, kind: int) -> bytes:
    return LABELS["bundle wrap"] + member.bytes + bytes([kind])


def _derive_kek(secret: bytes, member: UUID, pepper: bytes, shred_half: bytes) -> bytes:
    # Fixed widths: otherwise bytes could move between pepper and shred half and give the same salt.
    if len(pepper) != primitives.KEY_LENGTH or len(shred_half) != primitives.KEY_LENGTH:
        raise ValueError("pepper and shred half have 32 bytes")
    hkdf_info = LABELS["member kek"] + member.bytes
    return HKDF(hashes.SHA256(), primitives.KEY_LENGTH, salt=pepper + shred_half, info=hkdf_info).derive(secret)


def _check_prf_secret(secret: bytes) -> bytes:
    if len(secret) != primitives.KEY_LENGTH:
        raise WrongSecret("a passkey's secret has 32 bytes")
    return secret


def _make_wrap(
    kind: int, secret: bytes, bundle_key: bytes, member: UUID, pepper: bytes, shred_half: bytes, pepper_number: int
) -> Wrap:
    kek = _derive_kek(secret, member, pepper, shred_half)
    ctx = _wrap_context(member, kind)
    return Wrap(kind, wraps.seal_key(kek, bundle_key, object_id=member.bytes, ctx=ctx, epoch=pepper_number))
