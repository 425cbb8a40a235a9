"""Sentences of the rule engine and texts of the packs in the language of the page."""

from datetime import datetime

from django.utils.translation import get_language, gettext, ngettext

from caseapp import rules
from caseapp.rules.explain import rendering, table
from caseapp.rules.explain.rendering import RenderedText, Translator
from caseapp.rules.packs.names import LANGUAGES
from caseapp.ui.display import date_texts


def render_sentence(sentence: rules.Sentence) -> RenderedText:
    """Return a sentence of the engine; parts without a translation are in English and marked so."""
    return rendering.render(sentence, page_translator())


def explain_refusal(refused: rules.Unanswerable) -> str:
    """Return why a rule cannot answer, in the language of the page and without ids: events by their meaning."""
    code = page_translator().language
    translator = Translator(code, gettext, ngettext, _format_moment, explains_events=True)
    return str(rendering.render(refused.sentence, translator))


def translate_pack_text(text: str) -> str:
    """Return a pack's English text in the language of the page; a text without a translation stays English."""
    return str(rendering.render(rules.pack_sentence(text), page_translator()))


def short_reading(reading: rules.Reading) -> str:
    """Return the beginning of a reading's text, which names it: "30 days", "délai franc"."""
    return translate_pack_text(reading.text).partition(":")[0].strip()


def describe_count(count: str) -> str:
    """Return a pack's count in words, for example "30 calendar days after"."""
    return rendering.describe_count(count, page_translator())


def describe_rule_count(book: rules.Rulebook, rule: rules.Rule) -> str:
    """Return a rule's count in words, followed by its positions and variants."""
    return table.describe_rule_count(book, rule, page_translator())


def page_translator() -> Translator:
    """Return the words and the days of the page's language; English for a language without a catalogue."""
    code = (get_language() or "en").partition("-")[0]
    if code not in (rendering.ENGLISH.language, *LANGUAGES):
        return rendering.ENGLISH
    return Translator(code, gettext, ngettext, _format_moment)


def _format_moment(moment: rules.Moment) -> str:
    """Return a day as pages show it, with ", 6:30 PM" for an instant."""
    text = date_texts.list_date(moment)
    return f"{text}, {date_texts.clock_text(moment.time())}" if isinstance(moment, datetime) else text
