"""Passphrases made for people: six words of the EFF long list (7,776 words), about 77 bits."""

import secrets
import unicodedata
from functools import cache
from importlib.resources import files

WORDS = 6


@cache
def word_list() -> tuple[str, ...]:
    """The EFF's long word list, as the `xkcdpass` wheel carries it."""
    text = (files("xkcdpass") / "static" / "eff-long").read_text("ascii")
    words = tuple(line.split()[-1] for line in text.splitlines() if line.strip())
    if len(words) != 7776 or len(set(words)) != 7776:
        raise RuntimeError("the word list is not the one we know")
    return words


def new_passphrase() -> str:
    """Six random words with single spaces."""
    return " ".join(secrets.choice(word_list()) for _ in range(WORDS))


def of_digest(digest: bytes) -> tuple[str, ...]:
    """Six words for 32 bytes, the same for everybody: two people read them to each other to compare keys."""
    number, found = int.from_bytes(digest, "big"), []
    for _ in range(WORDS):
        number, place = divmod(number, len(word_list()))
        found.append(word_list()[place])
    return tuple(found)


def as_typed(text: str) -> str:
    """A passphrase as it goes into the key derivation: NFKC, outer space removed, runs of space made one.

    Case is kept. People write words down with line breaks; that must not lock them out.
    """
    return " ".join(unicodedata.normalize("NFKC", text).split())
