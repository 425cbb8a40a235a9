"""What the engine says of a count, in another language of the pages.

Workings are made and kept in English, so that one text stands in the record whoever computed it. It is read back here:
each sentence is one of a known list (`packs/words/<language>/phrases.toml`) with dates, amounts and names in it; what a
pack itself says of the law is looked up whole (`texts.toml`). What nobody translated stays as it is, an office's own
words among them.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from caseapp.rules import words
from caseapp.rules.names import LANGUAGES, WORDS, name_of
from caseapp.rules.rulebook import standard

_DAY = rf"(?:{'|'.join(words.DAYS)}) \d{{1,2}} (?:{'|'.join(words.MONTHS)}) \d{{4}}(?:, \d\d:\d\d)?"
_AMOUNT = r"\d+ (?:calendar day|business day|month|year|hour)s?"
_EVENT_ID = r"[a-z0-9][a-z0-9 ]*"
# What may stand in braces, by the name without its number: a regular expression.
_FIELDS = {
    "day": _DAY,
    "maybe": f"{_DAY}|no date",
    "n": r"\d+",
    "amount": _AMOUNT,
    "why": r".+?",
    "event": r".+?",
    "event_id": _EVENT_ID,
    "event_ids": r"[a-z0-9_]+(?: or [a-z0-9_]+)*",
    "dated": rf"{_EVENT_ID} {_DAY}(?: and {_EVENT_ID} {_DAY})+",
    "counts": r".+?",
    "count": r".+",
    "rule": r"[a-z0-9_.]+(?:@[a-z0-9_]+)?",
    "word": r"\S+",
    "ref": r".+?",
    "step": r"[A-Z][a-z ]+?",
    "name": r".+",
    "text": r".+",
    "quote": r".+?",
}
LONGEST = 4000  # characters; what the engine says is shorter, and an office's own words need no matching
_LOOSE = {"text", "event", "quote", "step"}  # tried after everything that knows its words better


class Told(NamedTuple):
    """A text and the language it is in: "en" where nobody translated it."""

    text: str
    language: str


class _Sentence(NamedTuple):
    pattern: re.Pattern[str]
    told: str


def tell(text: str, language: str) -> str:
    """An engine's or a pack's English text in `language` ("es", "fr", also with a region); else as it is."""
    return told(text, language).text


def told(text: str, language: str) -> Told:
    """The same with the language that came of it, for whoever reads it aloud."""
    code = language.partition("-")[0].lower()
    if code not in LANGUAGES or not text:
        return Told(text, "en")
    found = _told(text, code)
    return Told(text, "en") if found is None else Told(found, code)


def tell_count(text: str, language: str) -> str:
    """A count in words (`table.count_words`) in `language`; else as it is."""
    code = language.partition("-")[0].lower()
    return _phrases(code).count_in_words(text) if code in LANGUAGES else text


def _told(text: str, language: str) -> str | None:
    # Nothing is remembered here: a sentence holds the dates of somebody's case.
    book = _phrases(language)
    if text in book.texts:
        return book.texts[text]
    if len(text) > LONGEST:
        return None
    for sentence in book.sentences:
        if match := sentence.pattern.fullmatch(text):
            fields = {name: book.field(name.rstrip("0123456789"), value) for name, value in match.groupdict().items()}
            return sentence.told.format(**fields)
    return None


class _Phrases:
    """One language's words."""

    def __init__(self, language: str) -> None:
        self.language = language
        folder = WORDS / language
        plain = tomllib.loads((folder / "phrases.toml").read_text(encoding="utf-8"))
        texts = tomllib.loads((folder / "texts.toml").read_text(encoding="utf-8"))
        self.texts: dict[str, str] = {english: text for kind in texts.values() for english, text in kind.items()}
        self.texts |= {english: text for english, text in plain["sentences"].items() if "{" not in english}
        self.date, self.amounts, self.words = plain["date"], plain["amounts"], plain["words"]
        self.steps, self.closed = plain["steps"], plain["closed"]
        self.sentences = _compiled({english: text for english, text in plain["sentences"].items() if "{" in english})
        self.counts = _compiled(plain["counts"])
        self.fields: dict[str, Callable[[str], str]] = {
            "day": self._day, "maybe": self._maybe, "amount": self._amount, "why": self._why, "event": self._text,
            "event_id": self._event, "event_ids": self._any_event, "dated": self._dated, "count": self._count,
            "counts": self.count_in_words, "step": lambda name: str(self.steps.get(name, name)),
            "name": lambda name: name_of(name, language), "text": self._text,
            "quote": lambda text: _told(text, language) or text,
        }  # fmt: skip

    def field(self, kind: str, value: str) -> str:
        return self.fields[kind](value) if kind in self.fields else value

    def _day(self, text: str) -> str:
        weekday, day, month, year = text.partition(",")[0].split()
        said = f"{self.date['weekdays'][words.DAYS.index(weekday)]} {day} "
        said += f"{self.date['months'][words.MONTHS.index(month)]} {year}"
        return said + "".join(text.partition(",")[1:])

    def _maybe(self, text: str) -> str:
        return str(self.date["none"]) if text == "no date" else self._day(text)

    def _amount(self, text: str) -> str:
        number, _, unit = text.partition(" ")
        return f"{number} {self.amounts[unit.removesuffix('s')][number != '1']}"

    def _why(self, text: str) -> str:
        by_office = "closure added by the office"
        if text.startswith(by_office):
            return str(self.closed[by_office]) + text.removeprefix(by_office)
        return re.sub(r"[^,;]+", lambda name: self._closed_day(name[0]), text)

    def _closed_day(self, text: str) -> str:
        space = " " if text.startswith(" ") else ""
        name = text.strip().removesuffix(" (observed)")
        said = str(self.closed.get(name, name))
        if text.endswith(" (observed)"):
            said = self.closed["observed"].format(name=said)
        return space + said

    def _event(self, name: str) -> str:
        label = _events().get(name.replace(" ", "_"))
        return self._text(label) if label else name

    def _any_event(self, names: str) -> str:
        return f" {self.words['or']} ".join(f"«{self._event(name)}»" for name in names.split(" or "))

    def _dated(self, text: str) -> str:
        found = re.findall(rf"({_EVENT_ID}) ({_DAY})(?: and |$)", text)
        return f" {self.words['and']} ".join(f"{self._event(name)} ({self._day(day)})" for name, day in found)

    def count_in_words(self, text: str) -> str:
        """`counting.in_words` of one or several counts, and `table.count_words`."""
        return re.sub(r"; then |; |, |[^;,]+", self._part, text)

    def _part(self, match: re.Match[str]) -> str:
        part = match[0]
        if part == "; then ":
            return str(self.words["then"])
        return part if part in {"; ", ", "} else self._count(part)

    def _count(self, text: str) -> str:
        for sentence in self.counts:
            if match := sentence.pattern.fullmatch(text):
                fields = {name: self.field(name.rstrip("0123456789"), v) for name, v in match.groupdict().items()}
                return sentence.told.format(**fields)
        return text

    def _text(self, text: str) -> str:
        """What a pack says, also where a sentence began with it and made its first letter large."""
        if text in self.texts:
            return self.texts[text]
        small = self.texts.get(text[:1].lower() + text[1:])
        return small[:1].upper() + small[1:] if small else text


@lru_cache(maxsize=len(LANGUAGES))
def _phrases(language: str) -> _Phrases:
    return _Phrases(language)


@lru_cache(maxsize=1)
def _events() -> Mapping[str, str]:
    return {name: text for pack in standard().packs for name, text in pack.events.items()}


def _compiled(sentences: Mapping[str, Any]) -> list[_Sentence]:
    """Those that know most of their words first: a loose field fits nearly anything."""
    order = sorted(sentences, key=lambda english: (bool(_LOOSE & set(_kinds(english))), -len(_literal(english))))
    return [_Sentence(_pattern(english), str(sentences[english])) for english in order]


def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    made = [
        f"(?P<{part}>{_FIELDS[part.rstrip('0123456789')]})" if number % 2 else re.escape(part)
        for number, part in enumerate(parts)
    ]
    return re.compile("".join(made))


def _kinds(english: str) -> list[str]:
    return [name.rstrip("0123456789") for name in re.findall(r"\{(\w+)\}", english)]


def _literal(english: str) -> str:
    return re.sub(r"\{\w+\}", "", english)
