"""The engine's sentences in the languages of the pages: each has its words in every language, and nothing gets lost."""

import csv
import datetime as dt
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.utils import translation
from msgspec.structs import replace

from caseapp import rules
from caseapp.deadlines.services.asylum_clock import CLOCK_STOPPED
from caseapp.deadlines.services.current_law import OWN_WORKING_DIFFERS
from caseapp.rules.explain import rendering, sentences, serialise
from caseapp.rules.explain.rendering import RenderedText
from caseapp.rules.packs import names
from caseapp.rules.packs.names import LANGUAGES
from caseapp.rules.terms.calendars import holidays_of
from caseapp.rules.terms.pack import Rule
from caseapp.rules.terms.sentence import PACK_TEXT
from caseapp.ui.display import law_texts
from tests.rules.office import PACK

VECTORS = Path(__file__).parent / "vectors"
EXAMPLES = ("vectors.csv", "vectors_more.csv", "vectors_additions.csv", "hand_worked.csv")
CLOCK = re.compile(r"(\d{4}), (\d{2}):(\d{2})")  # the hour after a date, in a record
PLACE = re.compile(r"%\((\w+)\)s")
OFFICE = rules.standard().with_office(rules.read_office_pack(PACK))
# What no rule of ours comes to say: kept because an office's own rule, or a law to come, may.
BY_OTHERS = {"count.day_one", "count.day_one_back"}
# What no rule can answer is no part of a working.
REFUSED = set(sentences.REFUSALS)
# Messages of places and punctuation only, which need no other words in Spanish.
WORDLESS = {"%(event)s: %(day)s", "@%(reading)s: %(count)s", "franc"}


@cache
def texts(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((names.WORDS_FOLDER / language / "texts.toml").read_text(encoding="utf-8"))


def of_the_packs() -> dict[str, set[str]]:
    """What our packs say of the law, by the section it stands in."""
    packs = rules.standard().packs
    ours = [rule for pack in packs for rule in pack.rules]
    parts: list[Rule | rules.Reading] = [*ours, *(reading for rule in ours for reading in rule.readings)]
    return {
        "packs": {text for pack in packs for text in (pack.name, pack.notice)},
        "events": {text for pack in packs for text in pack.events.values()},
        "follows": {follow.text for pack in packs for follow in pack.follows},
        "cautions": {text for part in parts for text in part.cautions}
        | {start.caution for pack in packs for follow in pack.follows for start in follow.starts if start.caution}
        | {start.caution for event in rules.catalogue().events.values() for start in event.starts if start.caution},
        "readings": {reading.text for rule in ours for reading in rule.readings},
        "watches": {part.then for part in parts if part.then},
    }


@cache
def answers() -> tuple[rules.Computation, ...]:
    """Every worked example, and answers that none of them gives."""
    return (*worked_examples(), *unusual())


def worked_examples() -> Iterator[rules.Computation]:
    for name in EXAMPLES:
        for row in csv.DictReader((VECTORS / name).open(encoding="utf-8")):
            yield rules.compute(row["rule"], *serialise.question_from_batch(json.loads(row["inputs_json"])))


def unusual() -> Iterator[rules.Computation]:
    day = dt.date
    hearing, before = {"hearing": day(2027, 2, 17)}, rules.Options(court="Court North", judge="Judge A")
    yield rules.compute("us.eoir.individual.filings", hearing, before, book=OFFICE)
    yield rules.compute("us.eoir.individual.filings", hearing, replace(before, position="order_nobody"), book=OFFICE)
    printed = day(2026, 12, 1)
    yield rules.compute("us.asylum.ead.file", {"asylum_application_filed": day(2026, 7, 1), "printed_date": printed})
    yield rules.compute("us.bia.appeal", {"oral_decision": day(2026, 11, 20), "detention": day(2026, 11, 1)})
    yield rules.compute("us.bia.appeal", {"oral_decision": day(2020, 11, 20)}, rules.Options(position="10"))
    accepted = rules.Options(position="30", is_position_accepted=True)
    yield rules.compute("us.bia.appeal", {"oral_decision": day(2026, 11, 20)}, accepted)
    yield rules.compute("fr.retention.appel", {"order_pronounced": dt.datetime(2026, 3, 28, 20, 0)})
    yield rules.compute("us.detention.charging", {"detention": day(2026, 11, 20)})  # no hour
    yield rules.compute("fr.retention.jld", {"retention_notified": day(2026, 11, 20)}, rules.Options(electronic=False))
    yield rules.compute("us.uscis.i485.u", {"u_expiry": day(2026, 11, 20), "u_granted": day(2026, 11, 20)})
    shut = [day(2026, 11, 30), day(2026, 12, 1)]
    response = {"filing_received_by_court": day(2026, 11, 20)}
    yield rules.compute("us.eoir.response", response, rules.Options(electronic=False, closures=shut))
    shut_again = rules.Options(electronic=False, closures=[day(2026, 12, on) for on in (28, 29, 30)])
    yield rules.compute("us.eoir.address.court", {"address_change": day(2026, 12, 26)}, shut_again)
    yield rules.compute("us.ca.pfr", {"order_final": day(1997, 2, 3)})
    refused = {"ofpra_decision_notified": day(2026, 11, 26)}
    yield rules.compute("fr.cnda.suspension@detained", refused, rules.Options(electronic=False))


def with_orders() -> Iterator[rules.Computation]:
    """Answers with an office's own words in them."""
    hearing = {"hearing": dt.date(2027, 2, 17)}
    judge_smith = rules.Options(court="Court North", judge="Smith")
    yield rules.compute("us.eoir.individual.filings", hearing, judge_smith, book=OFFICE)
    whole_court = rules.read_office_pack(PACK.replace('judge = "Smith"\n', ""))
    book = rules.standard().with_office(whole_court)
    yield rules.compute("us.eoir.individual.filings", hearing, replace(judge_smith, judge=""), book=book)
    yield rules.compute("office.foia.file", {"retainer_signed": dt.date(2026, 11, 23)}, book=OFFICE)


def sentences_of(computed: rules.Computation) -> list[rules.Sentence]:
    others = [other.sentence for other in computed.others]
    return [*(step.sentence for step in computed.steps), *computed.warnings, *others]


def changes() -> list[rules.Sentence]:
    """Why the law would move a date, in all the ways it is said."""
    said = [OWN_WORKING_DIFFERS]
    for computed in answers():
        now = rules.computation_as_json(computed)
        mail = {"name": "Mail", "text": "Served by mail: this rule adds no days for it", "code": "mail.none"}
        again = json.loads(json.dumps(now["steps"]).replace("2026-11-20", "2026-11-23"))
        was: dict[str, Any] = {**now, "version": "us-federal 2020.1.1 v0", "due_on": None, "act_by": None}
        for old in (was | {"steps": [*now["steps"][1:], mail], "opens_on": "2020-01-01"}, was | {"steps": again}):
            said += rules.explain_difference(old, computed) + rules.explain_difference(computed, old)
    gone = rules.compare({**rules.computation_as_json(answers()[0]), "rule": "us.no.such.rule"}).why[0]
    return [*said, rules.Sentence("difference.no_rule", {"reason": gone})]


@cache
def said() -> tuple[rules.Sentence, ...]:
    """Everything that was said in all of them, once; apart from what only an office's own words complete."""
    everything = [sentence for computed in answers() for sentence in sentences_of(computed)] + changes()
    unanswered = [rules.unanswered_sentence(question.en) for question in rules.catalogue().questions.values()]
    in_part = rules.birth_in_part_sentence(dt.date(2010, 5, 1), dt.date(2010, 5, 31))
    every = [*everything, CLOCK_STOPPED, in_part, *unanswered]
    by_english = {rules.render_english(sentence): sentence for sentence in every}
    return tuple(by_english.values())


def rendered(sentence: rules.Sentence, language: str) -> RenderedText:
    with translation.override(language):
        return law_texts.render_sentence(sentence)


def dates_of_a_page(text: str) -> str:
    """Return a record's English with its dates as a page of a US office shows them: Mon, Feb 2, 2026, 8:00 PM."""
    text = re.sub(r"\b([A-Z][a-z]{2}) (\d{1,2}) ([A-Z][a-z]{2}) (\d{4})\b", r"\1, \3 \2, \4", text)
    return CLOCK.sub(lambda at: f"{at[1]}, {hour_of_12(at[2])}:{at[3]} {'PM' if int(at[2]) >= 12 else 'AM'}", text)


def hour_of_12(hour: str) -> int:
    return int(hour) % 12 or 12


def nested(sentence: rules.Sentence) -> Iterator[rules.Sentence]:
    """A sentence and those in its places."""
    yield sentence
    for value in sentence.values.values():
        if isinstance(value, rules.Sentence):
            yield from nested(value)


def every_message() -> dict[str, str]:
    """Every message of the table with its code, or with itself where it has none."""
    words = [value for value in vars(sentences).values() if isinstance(value, str) and value.strip() and " " in value]
    listed = (*sentences.HOLIDAYS, *sentences.STEP_NAMES.values(), *sentences.WEEKEND, sentences.FRANC)
    loose = {text: text for text in (*words, *listed) if text != sentences.__doc__}
    return {code: text for code, text in sentences.SENTENCES.items() if code != PACK_TEXT} | loose


def untranslated(messages: Mapping[str, str], language: str) -> list[str]:
    """The codes of messages that the catalogue does not have, or has with other places."""
    catalogue = {}
    with translation.override(language):
        for code, message in messages.items():
            catalogue[code] = translation.gettext(message)
    return [
        code
        for code, message in messages.items()
        if (catalogue[code] == message and message not in WORDLESS | same_in(language))
        or sorted(PLACE.findall(catalogue[code])) != sorted(PLACE.findall(message))
    ]


def same_in(language: str) -> set[str]:
    """Words that are the same in English and in this language."""
    french = {"Document", "Position", "Stop", "Memorial Day", "Columbus Day", "Veterans Day", "plus %(amount)s"}
    return french if language == "fr" else set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_its_words_and_the_same_places_in_every_language(language: str) -> None:
    assert untranslated(every_message(), language) == []
    for singular, plural in sentences.AMOUNTS.values():
        with translation.override(language):
            for number in (1, 30):
                text = translation.ngettext(singular, plural, number)
                assert text not in {singular, plural}
                assert PLACE.findall(text) == ["number"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_whose_english_changed_without_its_translations_is_found(language: str) -> None:
    for code, message in every_message().items():
        assert untranslated({code: f"{message} indeed"}, language) == [code]


def test_every_value_has_its_place_and_every_place_its_value() -> None:
    for sentence in (*said(), *(text for computed in with_orders() for text in sentences_of(computed))):
        for inner in nested(sentence):
            assert set(PLACE.findall(sentences.SENTENCES[inner.code])) == set(inner.values), inner


def test_codes_and_places_that_records_keep_are_still_the_same() -> None:
    rows = list(csv.DictReader((VECTORS / "codes.csv").open(encoding="utf-8")))
    kept = {row["code"]: set(row["places"].split()) for row in rows}
    now = {code: set(PLACE.findall(message)) for code, message in sentences.SENTENCES.items()}
    assert now == kept, "a new code gets a row in codes.csv; a code that was in use never changes"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_packs_is_translated_and_no_other(language: str) -> None:
    seen: set[str] = set()
    for kind, wanted in of_the_packs().items():
        there = texts(language)[kind]
        assert set(there) == wanted - seen, kind
        assert all(there.values())
        seen |= wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translated_text_keeps_every_number_and_every_rule_it_names(language: str) -> None:
    for kind in texts(language).values():
        for english, text in kind.items():
            assert sorted(re.findall(r"\d+", english)) == sorted(re.findall(r"\d+", text)), english
            named = r"\b(?:us|fr)\.[a-z0-9_.]*[a-z0-9](?:@\w+)?"
            assert sorted(re.findall(named, english)) == sorted(re.findall(named, text)), english


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_the_engine_says_is_rendered_in_the_pages_language(language: str) -> None:
    for sentence in said():
        text = rendered(sentence, language)
        refused = sentence.code in {"difference.impossible", "difference.no_rule"}
        assert text.languages == {language} | ({"en"} if refused else set()), sentence
        assert not PLACE.search(str(text)), sentence
        if sentence.code == PACK_TEXT or refused:
            continue
        plain = re.sub(r"\b[a-z0-9_]+(?:\.[a-z0-9_]+)+(?:@\w+)?", "", str(text))
        for word in (
            "closed",
            "internal deadline",
            "after",
            "calendar",
            "business",
            "holiday",
            "mail",
            " is ",
            " the ",
            "count",
        ):
            assert word not in re.sub(r"Matter of|Field Manual|Policy Manual", "", plain), (sentence, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_and_every_date_of_a_sentence_is_still_there(language: str) -> None:
    for sentence in said():
        english, text = rules.render_english(sentence), str(rendered(sentence, language))
        for _year, hour, minute in CLOCK.findall(english):
            hours = {"es": f"{hour_of_12(hour)}:{minute}\u00a0", "fr": f"{int(hour)}\u00a0h\u00a0{minute}"}
            assert hours[language] in text, (english, text)
        english = CLOCK.sub(r"\1", english)
        # An event named by its code comes with its meaning, which may cite a section.
        assert not Counter(re.findall(r"\d+", english)) - Counter(re.findall(r"\d+", text)), (english, text)


def test_pages_in_english_say_what_the_records_say() -> None:
    for sentence in said():
        assert str(rendered(sentence, "en")) == dates_of_a_page(rules.render_english(sentence))


def test_no_sentence_is_known_that_nothing_says() -> None:
    everything = (*said(), *(text for computed in with_orders() for text in sentences_of(computed)))
    used = {inner.code for sentence in everything for inner in nested(sentence)}
    assert set(sentences.SENTENCES) - used == BY_OTHERS | REFUSED


@pytest.mark.parametrize("row", list(csv.DictReader((VECTORS / "sentences.csv").open(encoding="utf-8"))))
def test_sentences_worked_by_hand(row: dict[str, str]) -> None:
    sentence = msgspec.json.decode(row["sentence"], type=rules.Sentence)
    assert rules.render_english(sentence) == row["english"]
    assert str(rendered(sentence, "es")) == row["spanish"]
    assert rendered(sentence, "es-mx").languages <= {"es", "en"}
    assert str(rendered(sentence, "fr")) == (row["french"] or str(rendered(sentence, "fr")))
    assert rendered(sentence, "de") == rendering.render(sentence)


def test_an_untranslated_text_stays_as_it_is_and_is_marked() -> None:
    own = rules.pack_sentence("Judge Hall wants two copies, tabbed.")
    assert rendered(own, "es").fragments == (("Judge Hall wants two copies, tabbed.", "en"),)
    assert rendered(own, "en").fragments == (("Judge Hall wants two copies, tabbed.", "en"),)
    assert rendered(rules.pack_sentence(""), "es").fragments == (("", "en"),)


def test_an_offices_own_words_in_our_sentence_are_marked_alone() -> None:
    filing, _whole_court, own = with_orders()
    first = rendered(own.steps[0].sentence, "fr")
    assert first.fragments == (("The client signed the retainer", "en"), (" : lun.\u00a023\u00a0nov.\u00a02026", "fr"))
    order = next(step for step in filing.steps if step.code == "position.used")
    assert rendered(order.sentence, "es").fragments == (
        ("Posición order_smith_45, usada aquí: orden permanente, juez Smith, Court North: ", "es"),
        ("everything 45 days before the hearing", "en"),
        (": lun.\u00a04\u00a0ene.\u00a02027", "es"),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_holiday_of_our_calendars_has_its_name(language: str) -> None:
    named = {
        name for country in ("US", "FR") for year in range(1950, 2100) for name in holidays_of(country, year).values()
    }
    single = {part.removesuffix(" (observed)") for name in named for part in name.split("; ")}
    assert single == set(sentences.HOLIDAYS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_count_of_every_rule_is_rendered(language: str) -> None:
    book = rules.standard()
    with translation.override(language):
        for rule in book.newest_rules():
            text = law_texts.describe_rule_count(book, rule)
            assert not re.search(r"\b(after|before|days?|months?|years?|hours?|plus the|opens|itself)\b", text), text
