"""Short names of rules in the languages of the pages. Texts of the engine are translated in `translate`."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

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
    by_id = load_rule_names(language.partition("-")[0].lower())
    return by_id.get(_rule_ids_by_what().get(what, ""), what) if by_id else what


@lru_cache(maxsize=1)
def _rule_ids_by_what() -> Mapping[str, str]:
    return {rule.what: rule.id for rule in standard().newest_rules()}


@lru_cache(maxsize=8)
def load_rule_names(language: str) -> Mapping[str, str]:
    """Return the rule names of one of LANGUAGES by rule id; {} for another language."""
    if language not in LANGUAGES:
        return {}
    plain = tomllib.loads((WORDS_FOLDER / language / "names.toml").read_text(encoding="utf-8"))
    return {str(rule_id): str(text) for rule_id, text in plain.items()}
