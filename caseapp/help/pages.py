"""The guide as pages show it. Its text is in `texts/`, a file for each language; docs/guide links to the same files."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"
HEADING = re.compile(r"## (?P<title>.+) \{(?P<slug>[a-z-]+)\}")
ITEM = re.compile(r"(?P<mark>\d+\.|-) (?P<text>.+)")


@dataclass(frozen=True)
class Block:
    """A paragraph ("text"), a list of steps ("steps") or a list ("list")."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Topic:
    """A section of the guide; `slug` is its address, the same in all languages."""

    slug: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def words(self) -> str:
        """Return the text to search in: small letters without accents."""
        return without_accents(" ".join((self.title, *(line for block in self.blocks for line in block.lines))))


@cache
def read_guide(language: str) -> tuple[Topic, ...]:
    """Return the topics in a language; English where the language has no guide."""
    path = TEXTS / f"{language.partition('-')[0]}.md"
    text = (path if path.is_file() else TEXTS / "en.md").read_text(encoding="utf-8")
    return tuple(_read_topic(part) for part in text.split("\n## ")[1:])


def find_topics(topics: Iterable[Topic], words: str) -> tuple[Topic, ...]:
    """Return the topics that contain every one of the words, in their order."""
    wanted = without_accents(words).split()
    return tuple(topic for topic in topics if all(word in topic.words for word in wanted))


def without_accents(text: str) -> str:
    """Return a text in small letters without accents, to compare it."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _read_topic(text: str) -> Topic:
    first, _newline, body = text.partition("\n")
    heading = HEADING.fullmatch(f"## {first}")
    assert heading, first
    parts = [part.strip().splitlines() for part in body.strip().split("\n\n")]
    return Topic(heading["slug"], heading["title"], tuple(_read_block(lines) for lines in parts if lines))


def _read_block(lines: Sequence[str]) -> Block:
    items = [ITEM.fullmatch(line) for line in lines]
    marked = [item for item in items if item]
    if len(marked) != len(lines):
        return Block("text", (" ".join(lines),))
    return Block("list" if marked[0]["mark"] == "-" else "steps", tuple(item["text"] for item in marked))
