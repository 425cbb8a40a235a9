"""Fictional people made of names of one language each, and searches for some of them in another spelling."""

import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from caseapp.tools.bench.search_names.names import NameSpellings

FAMILY_FIRST: Final = frozenset(("chinese", "korean", "vietnamese"))
TWO_FAMILIES: Final = frozenset(("spanish", "portuguese"))
PATRONYMIC: Final = frozenset(("amharic", "tigrinya"))  # a father's given name is in place of a family name
PATRONYMIC_TOO: Final = frozenset(("arabic", "persian", "urdu"))  # for half of the people
CLOSED_UP: Final = frozenset(("chinese", "korean"))  # own script without spaces
OWN_SCRIPT_EVERY: Final = 10  # one stored name in so many is in its own script
MOST_OFTEN: Final = 100  # languages are as frequent as they have family names, up to so many
# Of ten searches; with these shares pg_trgm finds 0.97 (0.95 was known of it) among the first ten of 20,000 names.
KINDS: Final = (
    "spelling",
    "order",
    "spellings",
    "part",
    "spelling",
    "spellings",
    "order",
    "divided",
    "spelling",
    "spelling",
)
LATIN, OWN = "Latin spellings", "own script"


@dataclass(frozen=True)
class FictionalPerson:
    """A fictional person: the parts of the name in the order of the language, and how it is stored."""

    parts: tuple[NameSpellings, ...]
    written: tuple[str, ...]
    in_own_script: bool

    @property
    def name(self) -> str:
        """Return the name as it is stored."""
        return _compose(self.parts[0].language, self.written, own=self.in_own_script)


@dataclass(frozen=True)
class Search:
    """A typed text, and the stored name that it should find."""

    text: str
    wanted: str
    kind: str


@dataclass(frozen=True)
class Yardstick:
    """Stored names, all different, and the searches of each sort."""

    names: list[str]
    searches: dict[str, list[Search]]


def make_yardstick(names: Sequence[NameSpellings], count: int, *, searches: int) -> Yardstick:
    """Return `count` stored names, and `searches` searches of each sort for some of them: the same in every run.

    The people searched for are the same at every count. No other stored name has the words of one of them or of a
    search.
    """
    draw = random.Random(20261124)  # noqa: S311  # fictional people, no key
    people = _draw_people(names, draw)
    asked: dict[str, list[Search]] = {LATIN: [], OWN: []}
    stored: dict[str, str] = {}  # words of the name: name
    taken = set[str]()
    while min(map(len, asked.values())) < searches:
        person = next(people)
        sort = LATIN if len(asked[LATIN]) < searches else OWN
        search = _make_search(person, sort, KINDS[len(asked[sort]) % len(KINDS)], draw)
        keys = {_words_key(person.name), _words_key(search.text)} if search else set()
        if search is None or taken & keys or len(keys) < 2:
            continue
        taken |= keys
        asked[sort].append(search)
        stored[_words_key(person.name)] = person.name
    while len(stored) < count:
        person = next(people)
        key = _words_key(person.name)
        if key not in taken:
            stored.setdefault(key, person.name)
    listed = sorted(stored.values())
    draw.shuffle(listed)
    return Yardstick(listed, asked)


def _draw_people(names: Sequence[NameSpellings], draw: random.Random) -> Iterator[FictionalPerson]:
    """Yield fictional people: languages equally often, few common and many rare names."""
    lists: dict[tuple[str, str], list[NameSpellings]] = {}
    for name in names:
        lists.setdefault((name.language, name.kind), []).append(name)
    for listed in lists.values():
        draw.shuffle(listed)
    weights = {key: [1 / (rank + 10) for rank in range(len(listed))] for key, listed in lists.items()}
    languages = sorted({language for language, kind in lists if kind == "given"})
    shares = [min(MOST_OFTEN, len(lists.get((language, "family"), lists[language, "given"]))) for language in languages]

    def pick(language: str, kind: str, count: int) -> list[NameSpellings]:
        key = (language, kind if (language, kind) in lists else "given")
        return draw.choices(lists[key], weights[key], k=count)

    while True:
        (language,) = draw.choices(languages, shares)
        families = pick(language, "family", 2 if language in TWO_FAMILIES else 1)
        givens = pick(language, "given", draw.choice((1, 1, 2)) if language not in FAMILY_FIRST else 1)
        if language in PATRONYMIC or (language in PATRONYMIC_TOO and draw.random() < 0.5):
            givens, families = givens[:1], pick(language, "given", draw.choice((1, 1, 2)))
        parts = (*families, *givens) if language in FAMILY_FIRST else (*givens, *families)
        own = draw.randrange(OWN_SCRIPT_EVERY) == 0 and all(part.own for part in parts)
        yield FictionalPerson(parts, tuple(draw.choice(part.own if own else part.latin) for part in parts), own)


def _compose(language: str, words: Sequence[str], *, own: bool) -> str:
    if own:
        return ("" if language in CLOSED_UP else " ").join(words)
    return " ".join("-".join(part.capitalize() for part in word.split("-")) for word in words)


def _make_search(person: FictionalPerson, sort: str, kind: str, draw: random.Random) -> Search | None:
    """Return a search for a person; None where this person has no other spelling of that sort."""
    if sort == OWN:
        return _search_other_script(person, draw)
    if person.in_own_script:
        return None
    words = list(person.written)
    others = [at for at, part in enumerate(person.parts) if _other_spellings(part, words[at])]
    if kind == "divided":
        return _search_divided(person, draw)
    if not others or (kind == "part" and len(words) < 3):
        return None
    for at in others if kind == "spellings" else (draw.choice(others),):
        words[at] = draw.choice(_other_spellings(person.parts[at], words[at]))
    if kind == "order":
        words = [*words[1:], words[0]]
    if kind == "part":
        del words[draw.choice([at for at in range(len(words)) if at not in (0, len(words) - 1)])]
    return Search(" ".join(words), person.name, kind)


def _search_other_script(person: FictionalPerson, draw: random.Random) -> Search | None:
    language = person.parts[0].language
    if not all(part.own for part in person.parts):
        return None
    if person.in_own_script:
        return Search(" ".join(draw.choice(part.latin) for part in person.parts), person.name, "stored in own script")
    words = [draw.choice(part.own) for part in person.parts]
    return Search(_compose(language, words, own=True), person.name, "typed in own script")


def _search_divided(person: FictionalPerson, draw: random.Random) -> Search | None:
    """Return a search with a word divided that was joined by a hyphen, or with two words joined."""
    words = list(person.written)
    hyphened = [at for at, word in enumerate(words) if "-" in word]
    if hyphened:
        at = draw.choice(hyphened)
        words[at] = words[at].replace("-", draw.choice((" ", "")))
    elif len(words) > 1:
        at = draw.randrange(len(words) - 1)
        words[at : at + 2] = ["".join(words[at : at + 2])]
    return Search(" ".join(words), person.name, "divided") if len(words) > 1 or hyphened else None


def _other_spellings(part: NameSpellings, written: str) -> list[str]:
    return [spelling for spelling in part.latin if _bare(spelling) != _bare(written)]


def _bare(text: str) -> str:
    """Return the letters without signs above and below, in lower case."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(sign for sign in apart if sign.isalpha() and not unicodedata.combining(sign))


def _words_key(name: str) -> str:
    """Return the same text for names with the same words in any order; hyphens divide words."""
    return " ".join(sorted(map(_bare, name.replace("-", " ").split()))) or name
