"""What the engine says of a count, in another language of the pages.

Workings are made and kept in English, so that a record has one text for every reader. It is read back here:
each sentence is one of a known list (`packs/words/<language>/phrases.toml`) with dates, amounts and names in it; what a
pack itself says of the law is looked up whole (`texts.toml`). Text without a translation, such as an
office's own words, stays unchanged.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from caseapp.rules.packs.names import LANGUAGES, WORDS_FOLDER, translate_rule_name
from caseapp.rules.packs.rulebook import standard
from caseapp.rules.terms import words

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
TEXT_LIMIT = 4000  # characters; what the engine says is shorter, and an office's own words need no matching
_LOOSE = {"text", "event", "quote", "step"}  # tried after everything that knows its words better


class TranslatedText(NamedTuple):
    """A text and the language it is in: "en" without a translation."""

    text: str
    language: str


class _Sentence(NamedTuple):
    pattern: re.Pattern[str]
    translation: str


def translate_text(text: str, language: str) -> str:
    """Return an engine's or a pack's English text in `language` ("es", "fr", also with a region), else unchanged."""
    return translate_with_language(text, language).text


def translate_with_language(text: str, language: str) -> TranslatedText:
    """Return the text and its language, which a screen reader needs."""
    code = language.partition("-")[0].lower()
    if code not in LANGUAGES or not text:
        return TranslatedText(text, "en")
    translation = _find_translation(text, code)
    return TranslatedText(text, "en") if translation is None else TranslatedText(translation, code)


def translate_count(text: str, language: str) -> str:
    """Return a count in words (`describe_rule_count`) in `language`, else unchanged."""
    code = language.partition("-")[0].lower()
    return _load_phrases(code).translate_counts(text) if code in LANGUAGES else text


def _find_translation(text: str, language: str) -> str | None:
    # Nothing is remembered here: a sentence contains the dates of a client's case.
    book = _load_phrases(language)
    if text in book.texts:
        return book.texts[text]
    if len(text) > TEXT_LIMIT:
        return None
    for sentence in book.sentences:
        if match := sentence.pattern.fullmatch(text):
            fields = {
                name: book.translate_field(name.rstrip("0123456789"), value)
                for name, value in match.groupdict().items()
            }
            return sentence.translation.format(**fields)
    return None


class _Phrases:
    """One language's words."""

    def __init__(self, language: str) -> None:
        self.language = language
        folder = WORDS_FOLDER / language
        plain = tomllib.loads((folder / "phrases.toml").read_text(encoding="utf-8"))
        texts = tomllib.loads((folder / "texts.toml").read_text(encoding="utf-8"))
        self.texts: dict[str, str] = {english: text for kind in texts.values() for english, text in kind.items()}
        self.texts |= {english: text for english, text in plain["sentences"].items() if "{" not in english}
        self.date, self.amounts, self.words = plain["date"], plain["amounts"], plain["words"]
        self.steps, self.closed = plain["steps"], plain["closed"]
        self.sentences = _compile_sentences(
            {english: text for english, text in plain["sentences"].items() if "{" in english}
        )
        self.counts = _compile_sentences(plain["counts"])
        self.fields: dict[str, Callable[[str], str]] = {
            "day": self._translate_day,
            "maybe": self._translate_day_or_none,
            "amount": self._translate_amount,
            "why": self._translate_closed_reasons,
            "event": self._translate_pack_text,
            "event_id": self._translate_event,
            "event_ids": self._translate_event_list,
            "dated": self._translate_dated_events,
            "count": self._translate_single_count,
            "counts": self.translate_counts,
            "step": lambda name: str(self.steps.get(name, name)),
            "name": lambda name: translate_rule_name(name, language),
            "text": self._translate_pack_text,
            "quote": lambda text: _find_translation(text, language) or text,
        }

    def translate_field(self, kind: str, value: str) -> str:
        return self.fields[kind](value) if kind in self.fields else value

    def _translate_day(self, text: str) -> str:
        weekday, day, month, year = text.partition(",")[0].split()
        translated = f"{self.date['weekdays'][words.DAYS.index(weekday)]} {day} "
        translated += f"{self.date['months'][words.MONTHS.index(month)]} {year}"
        return translated + "".join(text.partition(",")[1:])

    def _translate_day_or_none(self, text: str) -> str:
        return str(self.date["none"]) if text == "no date" else self._translate_day(text)

    def _translate_amount(self, text: str) -> str:
        number, _, unit = text.partition(" ")
        return f"{number} {self.amounts[unit.removesuffix('s')][number != '1']}"

    def _translate_closed_reasons(self, text: str) -> str:
        by_office = "closure added by the office"
        if text.startswith(by_office):
            return str(self.closed[by_office]) + text.removeprefix(by_office)
        return re.sub(r"[^,;]+", lambda name: self._translate_closed_day(name[0]), text)

    def _translate_closed_day(self, text: str) -> str:
        space = " " if text.startswith(" ") else ""
        name = text.strip().removesuffix(" (observed)")
        translated = str(self.closed.get(name, name))
        if text.endswith(" (observed)"):
            translated = self.closed["observed"].format(name=translated)
        return space + translated

    def _translate_event(self, name: str) -> str:
        label = _event_meanings().get(name.replace(" ", "_"))
        return self._translate_pack_text(label) if label else name

    def _translate_event_list(self, names: str) -> str:
        return f" {self.words['or']} ".join(f"«{self._translate_event(name)}»" for name in names.split(" or "))

    def _translate_dated_events(self, text: str) -> str:
        dated = re.findall(rf"({_EVENT_ID}) ({_DAY})(?: and |$)", text)
        return f" {self.words['and']} ".join(
            f"{self._translate_event(name)} ({self._translate_day(day)})" for name, day in dated
        )

    def translate_counts(self, text: str) -> str:
        """Translate `describe_count` of one or several counts, and `describe_rule_count`."""
        return re.sub(r"; then |; |, |[^;,]+", self._translate_count_part, text)

    def _translate_count_part(self, match: re.Match[str]) -> str:
        part = match[0]
        if part == "; then ":
            return str(self.words["then"])
        return part if part in {"; ", ", "} else self._translate_single_count(part)

    def _translate_single_count(self, text: str) -> str:
        for sentence in self.counts:
            if match := sentence.pattern.fullmatch(text):
                fields = {
                    name: self.translate_field(name.rstrip("0123456789"), v) for name, v in match.groupdict().items()
                }
                return sentence.translation.format(**fields)
        return text

    def _translate_pack_text(self, text: str) -> str:
        """Return a pack's text, also where a sentence began with it and made its first letter a capital."""
        if text in self.texts:
            return self.texts[text]
        small = self.texts.get(text[:1].lower() + text[1:])
        return small[:1].upper() + small[1:] if small else text


@lru_cache(maxsize=len(LANGUAGES))
def _load_phrases(language: str) -> _Phrases:
    return _Phrases(language)


@lru_cache(maxsize=1)
def _event_meanings() -> Mapping[str, str]:
    return {name: text for pack in standard().packs for name, text in pack.events.items()}


def _compile_sentences(sentences: Mapping[str, Any]) -> list[_Sentence]:
    """Those that know most of their words first: a loose field fits nearly anything."""
    order = sorted(
        sentences, key=lambda english: (bool(_LOOSE & set(_field_kinds(english))), -len(_literal_text(english)))
    )
    return [_Sentence(_compile_pattern(english), str(sentences[english])) for english in order]


def _compile_pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    parts_of_pattern = [
        f"(?P<{part}>{_FIELDS[part.rstrip('0123456789')]})" if number % 2 else re.escape(part)
        for number, part in enumerate(parts)
    ]
    return re.compile("".join(parts_of_pattern))


def _field_kinds(english: str) -> list[str]:
    return [name.rstrip("0123456789") for name in re.findall(r"\{(\w+)\}", english)]


def _literal_text(english: str) -> str:
    return re.sub(r"\{\w+\}", "", english)
