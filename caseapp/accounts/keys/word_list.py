"""Generated passphrases: six words of the EFF long list (7,776 words), about 77 bits."""

import secrets
import unicodedata
from functools import cache
from importlib.resources import files

WORD_COUNT = 6


@cache
def load_words() -> tuple[str, ...]:
    """Return the EFF's long word list, as the `xkcdpass` wheel ships it."""
    text = (files("xkcdpass") / "static" / "eff-long").read_text("ascii")
    words = tuple(line.split()[-1] for line in text.splitlines() if line.strip())
    if len(words) != 7776 or len(set(words)) != 7776:
        raise RuntimeError("the word list is not the one we know")
    return words


def new_passphrase() -> str:
    """Return six random words with single spaces."""
    return " ".join(secrets.choice(load_words()) for _ in range(WORD_COUNT))


def words_for_digest(digest: bytes) -> tuple[str, ...]:
    """Return six words for 32 bytes, always the same ones: two people read them to each other to compare keys."""
    number, words = int.from_bytes(digest, "big"), []
    for _ in range(WORD_COUNT):
        number, index = divmod(number, len(load_words()))
        words.append(load_words()[index])
    return tuple(words)


def normalize_passphrase(text: str) -> str:
    """Return a passphrase in the form that is derived: NFKC, outer space removed, each run of spaces one space.

    Case is kept. People write words down with line breaks, which must not lock them out.
    """
    return " ".join(unicodedata.normalize("NFKC", text).split())
