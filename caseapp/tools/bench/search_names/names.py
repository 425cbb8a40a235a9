"""Spellings of given and family names by language, from the two committed files; other files are refused."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEVELOPMENT: Final = "development"
HELD_OUT: Final = "held_out"
DIGESTS: Final = {
    DEVELOPMENT: "838cd4f8566ac354712e0d8749b1f2025324732158dab0743a940e527e22f4ac",
    HELD_OUT: "6da0929949e68d14e706323da6b2d68418d7634e86cab00d64ed408dbf412f56",
}
FOLDER: Final = Path(__file__).parent


class OtherNames(Exception):
    """The file of names is not the one that the figures of search are about."""


@dataclass(frozen=True)
class NameSpellings:
    """The spellings of one name: in Latin letters, and in the script of its language."""

    language: str
    kind: str  # given or family
    latin: tuple[str, ...]
    own: tuple[str, ...]


def read_names(half: str, folder: Path = FOLDER) -> list[NameSpellings]:
    """Return the names of a half. Raises OtherNames."""
    content = (folder / f"{half}.tsv").read_bytes()
    if hashlib.sha256(content).hexdigest() != DIGESTS[half]:
        raise OtherNames(f"{half}.tsv has another digest than the one that was committed with the bench.")
    return [_read_line(line) for line in content.decode().splitlines()]


def _read_line(line: str) -> NameSpellings:
    language, kind, latin, own = line.split("\t")
    return NameSpellings(language, kind, tuple(latin.split()), tuple(own.split()))
