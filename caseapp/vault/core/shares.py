"""The office's recovery secret on paper: SLIP-39 shares. Enough shares recover it; fewer reveal nothing.

The secret is 32 random bytes; the office's recovery key pair is derived from it, so each holder needs only 33 words.
Each sheet has a signing key of its own, derived from its words: the public part is the commitment by which a sheet is
checked without another one, and a signature with it shows that its words were typed.
"""

import re
from collections.abc import Iterable, Sequence

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics

from caseapp.lib.text.digits import normalise_digits
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.hybrid import KeyPair
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

SCHEMES = ((2, 3), (3, 5))  # (number of shares needed, number of shares in total)
SHEET_WORDS = 33
_PRIVATE = 96  # ML-KEM seed 64 | X25519 32


class BadShares(OpenFailed):
    """The shares do not recover the secret; the message says what a holder can do."""


def split_secret(secret: bytes, needed: int, holders: int) -> tuple[str, ...]:
    """Split a secret. Return one text of 33 words for each holder. Raises ValueError for a scheme not in SCHEMES."""
    if (needed, holders) not in SCHEMES or len(secret) != primitives.KEY_LENGTH:
        raise ValueError("a secret of 32 bytes, by two of three or three of five")
    return tuple(str(text) for text in generate_mnemonics(1, [(needed, holders)], secret)[0])


def recover_secret(shares: Iterable[str]) -> bytes:
    """Return the secret. Raises BadShares for a misspelt word, a share of another set, a repeated share or too few."""
    given = [normalise_share(text) for text in shares]
    for number, text in enumerate(given, start=1):
        try:
            Share.from_mnemonic(text)
        except (MnemonicError, LookupError, ValueError):
            raise BadShares(f"Share {number} has a word that is not right. Check it against the paper.") from None
    if len(set(given)) != len(given):
        raise BadShares("The same share was given twice.")
    try:
        secret = bytes(combine_mnemonics(given))
    except (MnemonicError, LookupError, ValueError):
        raise BadShares("These shares do not belong together, or there are too few of them.") from None
    if len(secret) != primitives.KEY_LENGTH:
        raise BadShares("These are shares of something else.")
    return secret


def normalise_share(text: str) -> str:
    """Return the printed form of a typed share: lower case, single spaces, without the numbers of the words."""
    words = re.findall(r"[a-z0-9]+", normalise_digits(text).lower())
    return " ".join(word for word in words if not word.isdecimal())


def derive_key_pair(secret: bytes) -> KeyPair:
    """Return the office's recovery key pair, derived from the secret."""
    private = primitives.expand(secret, LABELS["office recovery"], _PRIVATE)
    return KeyPair(private, hybrid.derive_public_key(private))


def derive_sheet_key(text: str) -> bytes:
    """Return the private signing key (Ed25519, 32 bytes) of the sheet with these words. Raises BadShares.

    The value of one share is 32 uniform bytes: the key reveals nothing of the secret, and nothing less than all the
    words makes it.
    """
    words = normalise_share(text)
    try:
        share = Share.from_mnemonic(words)
    except (MnemonicError, LookupError, ValueError):
        raise BadShares("These are not the words of a sheet.") from None
    if len(share.value) != primitives.KEY_LENGTH:
        raise BadShares("These are not the words of a sheet.")
    return primitives.expand(share.value, LABELS["recovery sheet key"] + primitives.digest(words.encode()))


def commit_to_sheet(text: str) -> bytes:
    """Return the 32 bytes by which these words are recognised, and no others. Raises BadShares."""
    return hybrid.derive_verify_key(derive_sheet_key(text))


def threshold_and_number(shares: Sequence[str]) -> tuple[int, int]:
    """Return (shares needed, number of the first given share), for "share 2 of a 3-of-5 set". Raises BadShares."""
    try:
        share = Share.from_mnemonic(normalise_share(shares[0]))
    except (MnemonicError, LookupError, ValueError):
        raise BadShares("This share has a word that is not right. Check it against the paper.") from None
    return int(share.member_threshold), int(share.index) + 1
