"""Generated passphrases: six of 6,861 words of the EFF's long list, about 76 bits."""

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


@cache
def load_calm_words() -> tuple[str, ...]:
    """Return the words of the list that are fit to be read aloud by people who were detained, beaten or bereaved.

    `words_left_out.txt` names the others by theme. Words on paper (recovery sheets) are of the whole list: they stay.
    """
    lines = (files("caseapp.accounts.keys") / "words_left_out.txt").read_text("ascii").splitlines()
    left_out = {word for line in lines if not line.startswith("#") for word in line.split()}
    return tuple(word for word in load_words() if word not in left_out)


def new_passphrase() -> str:
    """Return six random words with single spaces."""
    return " ".join(secrets.choice(load_calm_words()) for _ in range(WORD_COUNT))


def words_for_digest(digest: bytes) -> tuple[str, ...]:
    """Return six words for 32 bytes, always the same ones: they are printed on recovery sheets."""
    return _choose_words(digest, load_words())


def spoken_words_for_digest(digest: bytes) -> tuple[str, ...]:
    """Return six words for 32 bytes that two people read to each other at once; they are stored and printed nowhere."""
    return _choose_words(digest, load_calm_words())


def _choose_words(digest: bytes, words: tuple[str, ...]) -> tuple[str, ...]:
    number, chosen = int.from_bytes(digest, "big"), []
    for _ in range(WORD_COUNT):
        number, index = divmod(number, len(words))
        chosen.append(words[index])
    return tuple(chosen)


def normalize_passphrase(text: str) -> str:
    """Return a passphrase in the form that is derived: NFKC, outer space removed, each run of spaces one space.

    Case is kept. People write words down with line breaks, which must not lock them out.
    """
    return " ".join(unicodedata.normalize("NFKC", text).split())
