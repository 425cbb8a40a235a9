"""Texts of the packs in the languages of the pages: short names of rules, and what a pack says, looked up whole."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from caseapp.rules.packs.catalogue import standard_catalogue
from caseapp.rules.packs.rulebook import Rulebook, standard

WORDS_FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("es", "fr")


def rule_name(rule_id: str, language: str, book: Rulebook | None = None) -> str:
    """Return the rule's short name; the English `what` where the language has none. Raises RuleError for an unknown id.

    language  "es" or "fr", also with a region ("es-mx"); any other value gives English
    """
    translated = load_rule_names(language.partition("-")[0].lower()).get(rule_id)
    return translated or (book or standard()).versions_of(rule_id)[-1].what


def translate_rule_name(what: str, language: str) -> str:
    """Translate a rule name stored in English, as in records and lists. A person's own words are returned unchanged."""
    return find_rule_name(what, language) or what


def find_rule_name(what: str, language: str) -> str | None:
    """Return the translation of a rule's English name, or the English itself; None for a name without a translation."""
    code = language.partition("-")[0].lower()
    if code == "en":
        return what
    return load_rule_names(code).get(_rule_ids_by_what().get(what, "")) or _own_date_names(code).get(what)


def short_rule_name(what: str, language: str) -> str:
    """Return the name of a rule, stored in English, as lists show it: short where the rule has a short name."""
    code = language.partition("-")[0].lower()
    short = _load_short_names().get(_rule_ids_by_what().get(what, ""), {})
    return short.get(code) or translate_rule_name(what, language)


def translate_pack_text(text: str, language: str) -> str | None:
    """Return the translation of a pack's English text, or the English itself; None for a text without a translation."""
    code = language.partition("-")[0].lower()
    if code == "en":
        return text
    return load_pack_texts(code).get(text) or _load_catalogue_texts(code).get(text)


def event_meaning(event: str) -> str:
    """Return the English meaning of an event of our packs; "" for an unknown one."""
    return _event_meanings().get(event, "")


@lru_cache(maxsize=1)
def _event_meanings() -> Mapping[str, str]:
    return {name: text for pack in standard().packs for name, text in pack.events.items()}


@lru_cache(maxsize=1)
def _rule_ids_by_what() -> Mapping[str, str]:
    return {rule.what: rule.id for rule in standard().newest_rules()}


@lru_cache(maxsize=8)
def _own_date_names(language: str) -> Mapping[str, str]:
    """Return the names of the deadlines that are an event's own date, by their English name; {} for no catalogue."""
    if language not in LANGUAGES:
        return {}
    events = standard_catalogue().events.values()
    return {event.label_en: event.label.in_language(language) for event in events if event.own_severity}


@lru_cache(maxsize=8)
def load_rule_names(language: str) -> Mapping[str, str]:
    """Return the rule names of one of LANGUAGES by rule id; {} for another language."""
    if language not in LANGUAGES:
        return {}
    plain = tomllib.loads((WORDS_FOLDER / language / "names.toml").read_text(encoding="utf-8"))
    return {str(rule_id): str(text) for rule_id, text in plain.items()}


@lru_cache(maxsize=1)
def _load_short_names() -> Mapping[str, Mapping[str, str]]:
    """Return the short names of rules by rule id and language."""
    return tomllib.loads((WORDS_FOLDER / "short.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def load_pack_texts(language: str) -> Mapping[str, str]:
    """Return the translated texts of the packs by their English text in one of LANGUAGES; {} for another language."""
    if language not in LANGUAGES:
        return {}
    plain = tomllib.loads((WORDS_FOLDER / language / "texts.toml").read_text(encoding="utf-8"))
    return {english: text for kind in plain.values() for english, text in kind.items()}


@lru_cache(maxsize=8)
def _load_catalogue_texts(language: str) -> Mapping[str, str]:
    """Return the translated texts of the catalogue of events by their English text."""
    if language not in LANGUAGES:
        return {}
    return {english: words.in_language(language) for english, words in standard_catalogue().texts.items()}
