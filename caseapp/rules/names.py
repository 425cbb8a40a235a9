"""Short names of rules in the languages of the pages. What the engine says of a count: `telling`."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from caseapp.rules.rulebook import Rulebook, standard

WORDS = Path(__file__).parent / "packs" / "words"
LANGUAGES = ("es", "fr")


def name(rule_id: str, language: str, book: Rulebook | None = None) -> str:
    """The rule's short name; in English, its `what`, where a language has none. Raises RuleError for an unknown id.

    language  "es", "fr", also with a region ("es-mx"); anything else is English
    """
    found = names(language.partition("-")[0].lower()).get(rule_id)
    return found or (book or standard()).versions(rule_id)[-1].what


def name_of(what: str, language: str) -> str:
    """A name kept in English, as records and lists keep it, in another language; a person's own words as they are."""
    found = names(language.partition("-")[0].lower())
    return found.get(_by_what().get(what, ""), what) if found else what


@lru_cache(maxsize=1)
def _by_what() -> Mapping[str, str]:
    return {rule.what: rule.id for rule in standard().rules()}


@lru_cache(maxsize=8)
def names(language: str) -> Mapping[str, str]:
    """Rule id -> name, for one of LANGUAGES; {} for another."""
    if language not in LANGUAGES:
        return {}
    plain = tomllib.loads((WORDS / language / "names.toml").read_text(encoding="utf-8"))
    return {str(rule_id): str(text) for rule_id, text in plain.items()}
