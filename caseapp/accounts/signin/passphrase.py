"""Changing a passphrase, and choosing one after the recovery code was used.

Both replace the member's shred half, so that an old copy of everything with the old passphrase or the old sheet opens
nothing once the half is destroyed. Every wrap of the bundle depends on the half: so the recovery code is renewed in the
same step and typed back, and passkeys are wrapped again when they are next used. The new half is stored next to the old
one until the new bundle is committed (`vault/shred_keys.py`): after any crash, one of the two opens.
"""

import gzip
import re
import unicodedata
from functools import cache
from importlib.resources import files
from uuid import UUID

from django.utils.translation import gettext_noop

from caseapp.accounts.keys import bundles, profile, word_list
from caseapp.accounts.keys.derivation import derivation_slot
from caseapp.accounts.models import Member
from caseapp.accounts.signin import unlock_bundle
from caseapp.lib.errors import EditConflict, Refused
from caseapp.vault import shred_keys
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

MIN_LENGTH = 15  # characters of a chosen passphrase
MAX_TRIES = 3  # repeated when the bundle changed meanwhile, for example by a grant
WRONG = gettext_noop("This is not your passphrase now. Nothing was changed.")
SHORT = gettext_noop("A passphrase has at least 15 characters. The six words are best.")
WEAK = gettext_noop(
    "This passphrase is among the first that are guessed. Take the six words, or a sentence only you would say."
)
NEAR = gettext_noop(
    "This passphrase is made of your name, your e-mail or the office's name. Take the six words, or something else."
)
PLAIN = gettext_noop("This passphrase repeats itself. Take the six words, or a sentence only you would say.")


def change(org_id: UUID, member_id: UUID, *, old: str, new: str, code: str, email: str = "") -> None:
    """Replace passphrase and recovery code by new ones. Sent twice, it is done once.

    The caller has checked that `code` was typed back. `email` is where the member is known to be written to.
    Raises Refused (code="no_match" for the old passphrase; "short", "weak", "near", "plain" for the new one),
    EditConflict, TooMany.
    """
    for _ in range(MAX_TRIES):
        row = _member_row(org_id, member_id)
        try:
            bundle_key = unlock_bundle.by_passphrase(row, old)
        except OpenFailed as exc:
            if _is_done(row, new, code):
                return
            raise Refused("no_match", WRONG) from exc
        check_strength(new, _names_to_avoid(row, bundle_key, email))
        if _replace_bundle(row, bundle_key, new, code):
            return
    raise EditConflict(row.bundle_version)


def replace_after_recovery(
    org_id: UUID, member_id: UUID, bundle_key: bytes, *, new: str, code: str, email: str = ""
) -> None:
    """Replace passphrase and recovery code after a sign-in by recovery code: the used code no longer opens anything."""
    for _ in range(MAX_TRIES):
        row = _member_row(org_id, member_id)
        check_strength(new, _names_to_avoid(row, bundle_key, email))
        if _replace_bundle(row, bundle_key, new, code):
            return
    raise EditConflict(row.bundle_version)


def require_length(new: str) -> str:
    """Return the passphrase in the form that is derived. Raises Refused(code="short")."""
    typed = word_list.normalize_passphrase(new)
    if len(typed) < MIN_LENGTH:
        raise Refused("short", SHORT)
    return typed


def check_strength(new: str, context: tuple[str, ...] = ()) -> None:
    """Raise Refused unless the passphrase is long enough, not a common one, and not made of the names around it.

    context  names that a guesser knows: the office's, the member's, the address
    """
    typed = require_length(new)
    plain = _fold_text(typed)
    if len(set(plain)) < 6 or _is_repetition(plain):
        raise Refused("plain", PLAIN)
    if (
        plain in common_passwords()
        or plain.rstrip("0123456789") in common_passwords()
        or _is_made_of(plain, common_passwords())
    ):
        raise Refused("weak", WEAK)
    rest = plain
    for name in sorted({_fold_text(part) for text in context for part in [text, *text.split()]}, key=len, reverse=True):
        if len(name) >= 4:
            rest = rest.replace(name, "")
    if len(rest) < 8 and rest != plain:
        raise Refused("near", NEAR)


@cache
def common_passwords() -> frozenset[str]:
    """Return the 20,000 most common passwords, as Django ships them; no outside service is asked."""
    packed = (files("django.contrib.auth") / "common-passwords.txt.gz").read_bytes()
    return frozenset(line.strip() for line in gzip.decompress(packed).decode("utf-8").splitlines() if line.strip())


def _replace_bundle(row: Member, bundle_key: bytes, new: str, code: str) -> bool:
    """Write a renewed bundle by compare and swap. Return False when the bundle changed meanwhile."""
    mark, half = shred_keys.begin("members", row.id)
    try:
        with derivation_slot():
            sealed = bundles.renew_credentials(
                bytes(row.bundle),
                row.id,
                bundle_key,
                word_list.normalize_passphrase(new),
                bundles.normalize_recovery_code(code),
                half,
            )
        with office_transaction(row.org_id):
            swapped = Member.objects.filter(
                org_id=row.org_id, id=row.id, bundle_version=row.bundle_version, is_active=True
            ).update(bundle=sealed, bundle_version=row.bundle_version + 1)
    except BaseException:
        # After a lost connection the commit is uncertain: both halves stay, and the next unlock keeps one.
        shred_keys.give_up_unless("members", row.id, mark, is_committed=lambda: _is_replaced(row))
        raise
    if not swapped:
        shred_keys.give_up("members", row.id, mark)
        return False
    shred_keys.finish("members", row.id, mark)
    return True


def _is_replaced(row: Member) -> bool:
    with office_transaction(row.org_id):
        now = Member.objects.filter(org_id=row.org_id, id=row.id).values_list("bundle_version", flat=True).first()
    return now != row.bundle_version


def _is_done(row: Member, new: str, code: str) -> bool:
    """Return whether this very change was already made, by the same form sent before."""
    try:
        unlock_bundle.by_passphrase(row, new)
        unlock_bundle.by_code(row, code)
    except OpenFailed:
        return False
    return True


def _member_row(org_id: UUID, member_id: UUID) -> Member:
    row = unlock_bundle.find_member(org_id, member_id)
    if row is None:
        raise Refused("no_match", WRONG)
    return row


def _names_to_avoid(row: Member, bundle_key: bytes, email: str) -> tuple[str, ...]:
    member_profile = profile.open_profile(bundle_key, row.org_id, row.id, bytes(row.profile))
    parts = " ".join(re.split(r"[^\w]|_", email))  # of ana.ruiz@harbor.example also ana, ruiz and harbor
    return (member_profile.name, member_profile.office_name, email, parts, "caseapp")


def _fold_text(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


def _is_repetition(text: str) -> bool:
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1))


def _is_made_of(text: str, listed: frozenset[str], most: int = 3) -> bool:
    """Return whether up to `most` common passwords in a row make the text."""
    if most == 0:
        return not text
    if not text:
        return True
    return any(text[:cut] in listed and _is_made_of(text[cut:], listed, most - 1) for cut in range(4, len(text) + 1))


def propose_passphrase() -> str:
    """Return six words for a new member; stored nowhere."""
    return word_list.new_passphrase()
