"""Sentences of the engine as text in one language.

The words come from one gettext catalogue (`sentences`), given as a `Translator`: English without a catalogue for
records and the command line, the language of the page for pages. What a pack says of the law is looked up whole. A text
without a translation, for example an office's own words, stays unchanged, as a fragment in English.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, product
from typing import Any, NamedTuple

from caseapp.rules.explain import sentences
from caseapp.rules.explain.serialise import parse_moment
from caseapp.rules.packs.names import event_meaning, find_rule_name, translate_pack_text
from caseapp.rules.terms import words
from caseapp.rules.terms.counting import Term, parse_terms
from caseapp.rules.terms.result import ComputationStep
from caseapp.rules.terms.sentence import (
    AmountValue,
    AnyEventValue,
    ClosedReasonValue,
    CodeValue,
    CountValue,
    DatedEventsValue,
    DayValue,
    EventValue,
    NameValue,
    NoDayValue,
    NumberValue,
    PackTextValue,
    RuleNameValue,
    Sentence,
    StepNameValue,
    Unit,
    Value,
)
from caseapp.rules.terms.words import Moment

ENGLISH_CODE = "en"


class Fragment(NamedTuple):
    """A part of a text with its language: "en" where a part has no translation."""

    text: str
    language: str


class RenderedText(NamedTuple):
    """A text as fragments; neighbours differ in their language."""

    fragments: tuple[Fragment, ...]

    def __str__(self) -> str:
        """Return the text without its languages."""
        return "".join(fragment.text for fragment in self.fragments)

    @property
    def languages(self) -> set[str]:
        """Return the languages that occur in the text."""
        return {fragment.language for fragment in self.fragments}


@dataclass(frozen=True)
class Translator:
    """The words of one language: gettext's two functions, days and instants as text, and how English names events.

    English workings are stored and name an event by its id; ``explains_events`` names it by its meaning instead.
    """

    language: str
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]
    format_day: Callable[[Moment], str]
    explains_events: bool = False


def _choose_english_plural(singular: str, plural: str, number: int) -> str:
    return singular if number == 1 else plural


ENGLISH = Translator(ENGLISH_CODE, sentences.gettext_noop, _choose_english_plural, words.format_day)
Parts = list[Fragment]


def render(sentence: Sentence, translator: Translator = ENGLISH) -> RenderedText:
    """Return a sentence in the translator's language. Raises KeyError for an unknown code or a missing value."""
    return _join(_render_value(sentence, translator))


def render_english(stated: Sentence | ComputationStep) -> str:
    """Return a sentence, or what a step says, in English: the text of records and of the command line."""
    sentence = stated.sentence if isinstance(stated, ComputationStep) else stated
    return "".join(part.text for part in _render_value(sentence, ENGLISH))


def render_former_english(sentence: Sentence) -> list[str]:
    """Return what earlier programs said in English where a sentence, or one inside it, has other words now."""
    now = render_english(sentence)
    return [text for text in map(str, map(_join, _render_with_any_words(sentence))) if text != now]


def _render_with_any_words(value: Value) -> list[Parts]:
    """Return a value in English with the words of now, then with each combination of earlier words."""
    if not isinstance(value, Sentence):
        return [_render_value(value, ENGLISH)]
    messages = (sentences.SENTENCES[value.code], *sentences.FORMER.get(value.code, ()))
    choices = product(*map(_render_with_any_words, value.values.values()))
    return [
        _fill(ENGLISH, message, dict(zip(value.values, chosen, strict=True)))
        for chosen in choices
        for message in messages
    ]


def describe_count(count: str, translator: Translator = ENGLISH) -> str:
    """Return a count in words: "30 calendar days after", "5 years after, less 90 calendar days"."""
    return str(_join(_render_value(CountValue(count), translator)))


def fill(translator: Translator, message: str, **texts: str) -> str:
    """Return a message of the catalogue with its places filled with texts of the same language."""
    return str(_join(_fill(translator, message, {name: _own(translator, text) for name, text in texts.items()})))


def _join(parts: Iterable[Fragment]) -> RenderedText:
    """Return the fragments as one text: neighbours of one language become one fragment."""
    grouped = groupby(parts, key=lambda part: part.language)
    return RenderedText(tuple(Fragment("".join(p.text for p in group), code) for code, group in grouped))


def _own(translator: Translator, text: str) -> Parts:
    return [Fragment(text, translator.language)]


def _fill(translator: Translator, message: str, values: Mapping[str, Parts]) -> Parts:
    """Translate a message and put the values into its places."""
    return _fill_translated(translator, translator.gettext(message), values)


def _fill_translated(translator: Translator, translated: str, values: Mapping[str, Parts]) -> Parts:
    parts: Parts = []
    for text, field in _split_places(translated):
        parts += [Fragment(text, translator.language)] if text else []
        parts += values[field] if field else []
    return parts


@lru_cache(maxsize=1024)  # messages of the catalogues, never a filled sentence
def _split_places(message: str) -> tuple[tuple[str, str], ...]:
    """Return the texts of a message, each with the name of the place after it; "" after the last."""
    pieces = [*re.split(r"%\((\w+)\)s", message), ""]
    return tuple(zip(pieces[::2], pieces[1::2], strict=True))


def _render_value(value: Value, translator: Translator) -> Parts:
    return _RENDERERS[type(value)](value, translator)


def _render_sentence(value: Sentence, translator: Translator) -> Parts:
    values = {name: _render_value(inner, translator) for name, inner in value.values.items()}
    return _fill(translator, sentences.SENTENCES[value.code], values)


def _render_day(value: DayValue, translator: Translator) -> Parts:
    return _own(translator, translator.format_day(parse_moment(value.moment)))


def _render_no_day(_value: NoDayValue, translator: Translator) -> Parts:
    return _fill(translator, sentences.NO_DAY, {})


def _render_number(value: NumberValue, translator: Translator) -> Parts:
    return _own(translator, str(value.number))


def _render_amount(value: AmountValue, translator: Translator) -> Parts:
    return _describe_amount(value.number, value.unit, translator)


def _render_code(value: CodeValue, translator: Translator) -> Parts:
    return _own(translator, value.code)


def _render_name(value: NameValue, translator: Translator) -> Parts:
    return _own(translator, value.name)


def _render_step_name(value: StepNameValue, translator: Translator) -> Parts:
    shown = sentences.STEP_NAMES.get(value.name)
    return _fill(translator, shown, {}) if shown else [Fragment(value.name, ENGLISH_CODE)]


def _render_event(value: EventValue, translator: Translator) -> Parts:
    return _name_event(value.event, translator, words.format_event(value.event))


def _render_any_event(value: AnyEventValue, translator: Translator) -> Parts:
    names = (_name_event(event, translator, event) for event in value.events)
    listed = [_fill(translator, sentences.LISTED_EVENT, {"event_name": name}) for name in names]
    return _enumerate(listed, sentences.EITHER, translator)


def _render_dated_events(value: DatedEventsValue, translator: Translator) -> Parts:
    dated = [
        {
            "event_name": _name_event(event, translator, words.format_event(event)),
            "day": _own(translator, translator.format_day(parse_moment(moment))),
        }
        for event, moment in value.items
    ]
    listed = [_fill(translator, sentences.DATED_EVENT, places) for places in dated]
    return _enumerate(listed, sentences.BOTH, translator)


def _render_pack_text(value: PackTextValue, translator: Translator) -> Parts:
    translated = translate_pack_text(value.text, translator.language)
    text = value.text if translated is None else translated
    if value.starts_sentence:
        text = text[:1].upper() + text[1:]
    return [Fragment(text, ENGLISH_CODE if translated is None else translator.language)]


def _render_rule_name(value: RuleNameValue, translator: Translator) -> Parts:
    name = find_rule_name(value.what, translator.language)
    return [Fragment(value.what, ENGLISH_CODE)] if name is None else _own(translator, name)


def _render_closed_reason(value: ClosedReasonValue, translator: Translator) -> Parts:
    if value.closure is not None:
        message = sentences.CLOSURE_WITH_SOURCE if value.closure else sentences.CLOSURE
        return _fill(translator, message, {"source": _own(translator, value.closure)})
    holidays = [_name_holiday(holiday.name, holiday.observed, translator) for holiday in value.holidays]
    names = _separate(holidays, "; ", translator)
    if not value.weekend:
        return names
    weekend = _translate_known(value.weekend, sentences.WEEKEND, translator)
    return _separate([weekend, names], ", ", translator) if names else weekend


def _render_count(value: CountValue, translator: Translator) -> Parts:
    return _separate(list(_describe_terms(value.count, translator)), ", ", translator)


def _describe_terms(count: str, translator: Translator) -> Iterator[Parts]:
    for position, term in enumerate(parse_terms(count)):
        if term.unit == "..":
            ends = (_name_event(event, translator, words.format_event(event)) for event in (term.first, term.last))
            yield _fill(translator, sentences.PLUS_SPAN, dict(zip(("first", "last"), ends, strict=True)))
        elif term.unit == "fy":
            yield _fill(translator, sentences.FISCAL_YEAR, {})
        elif term.number == 0:
            yield _fill(translator, sentences.SAME_DAY, {})
        else:
            amount = _describe_amount(abs(term.number), term.unit, translator)
            yield _fill(translator, _choose_term_message(term, is_first=position == 0), {"amount": amount})


def _choose_term_message(term: Term, *, is_first: bool) -> str:
    if is_first:
        return sentences.AFTER if term.number > 0 else sentences.BEFORE
    return sentences.PLUS if term.number > 0 else sentences.LESS


def _describe_amount(number: int, unit: Unit, translator: Translator) -> Parts:
    translated = translator.ngettext(*sentences.AMOUNTS[unit], number)
    return _fill_translated(translator, translated, {"number": _own(translator, str(number))})


def _name_event(event: str, translator: Translator, english: str) -> Parts:
    """Return an event by its translated meaning, in English by its id unless the translator explains events."""
    meaning = event_meaning(event)
    if translator.language == ENGLISH_CODE:
        return [Fragment(f"“{meaning}”" if translator.explains_events and meaning else english, ENGLISH_CODE)]
    translated = translate_pack_text(meaning, translator.language)
    if translated is None:
        return [Fragment(english, ENGLISH_CODE)]
    return _own(translator, translated)


def _translate_known(word: str, known: tuple[str, ...], translator: Translator) -> Parts:
    """Return a word of the catalogue translated; one that the catalogue does not have stays English."""
    return _fill(translator, word, {}) if word in known else [Fragment(word, ENGLISH_CODE)]


def _name_holiday(name: str, observed: bool, translator: Translator) -> Parts:
    holiday = _translate_known(name, sentences.HOLIDAYS, translator)
    return _fill(translator, sentences.OBSERVED, {"holiday": holiday}) if observed else holiday


def _separate(items: list[Parts], separator: str, translator: Translator) -> Parts:
    """Return the items with a separator between them."""
    parts: Parts = []
    for number, item in enumerate(items):
        parts += [*_own(translator, separator), *item] if number else item
    return parts


def _enumerate(items: list[Parts], message: str, translator: Translator) -> Parts:
    """Return the items joined by a message such as "%(first)s and %(second)s"."""
    joined, *others = items
    for item in others:
        joined = _fill(translator, message, {"first": joined, "second": item})
    return joined


_RENDERERS: Mapping[type, Callable[[Any, Translator], Parts]] = {
    Sentence: _render_sentence,
    DayValue: _render_day,
    NoDayValue: _render_no_day,
    NumberValue: _render_number,
    AmountValue: _render_amount,
    CodeValue: _render_code,
    NameValue: _render_name,
    StepNameValue: _render_step_name,
    EventValue: _render_event,
    AnyEventValue: _render_any_event,
    DatedEventsValue: _render_dated_events,
    PackTextValue: _render_pack_text,
    RuleNameValue: _render_rule_name,
    ClosedReasonValue: _render_closed_reason,
    CountValue: _render_count,
}
