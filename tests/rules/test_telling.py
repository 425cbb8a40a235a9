"""The engine's sentences in the languages of the pages: whatever it can say is known, and nothing gets lost."""

import csv
import datetime as dt
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from caseapp import rules
from caseapp.deadlines.services.recompute import NO_RULE, OTHERWISE
from caseapp.rules.explain import serialise, translate
from caseapp.rules.explain.table import describe_rule_count
from caseapp.rules.packs import names
from caseapp.rules.packs.names import LANGUAGES
from caseapp.rules.terms.calendars import holidays_of
from tests.rules.office import PACK

VECTORS = Path(__file__).parent / "vectors"
FIELD = re.compile(r"\{(\w+)\}")
# What no rule of ours comes to say: kept because an office's own rule, or a law to come, may.
BY_OTHERS = {"{day} = day {n}", "{day} = day {n}, counting back", "the rule itself"}


@cache
def phrases(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((names.WORDS_FOLDER / language / "phrases.toml").read_text(encoding="utf-8"))


@cache
def texts(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((names.WORDS_FOLDER / language / "texts.toml").read_text(encoding="utf-8"))


def of_the_packs() -> dict[str, set[str]]:
    """What our packs say of the law, by the section it stands in."""
    packs = rules.standard().packs
    ours = [rule for pack in packs for rule in pack.rules]
    return {
        "packs": {text for pack in packs for text in (pack.name, pack.notice)},
        "events": {text for pack in packs for text in pack.events.values()},
        "follows": {follow.text for pack in packs for follow in pack.follows},
        "cautions": {text for rule in ours for text in rule.cautions},
        "readings": {reading.text for rule in ours for reading in rule.readings},
    }


def answers() -> Iterator[rules.Computation]:
    for path in sorted({*VECTORS.glob("*.csv")} - {VECTORS / "told.csv"}):
        for row in csv.DictReader(path.open(encoding="utf-8")):
            try:
                yield rules.compute(row["rule"], *serialise.question_from_batch(json.loads(row["inputs_json"])))
            except rules.RuleError:
                continue
    yield from unusual()


def unusual() -> Iterator[rules.Computation]:
    """Answers that no worked example gives."""
    day = dt.date
    law = rules.standard().with_office(rules.read_office_pack(PACK))
    hearing, before = {"hearing": day(2027, 2, 17)}, rules.Options(court="Court North", judge="Judge A")
    yield rules.compute("us.eoir.individual.filings", hearing, before, book=law)
    yield rules.compute("us.eoir.individual.filings", hearing, replace(before, position="order_nobody"), book=law)
    printed = day(2026, 12, 1)
    yield rules.compute("us.asylum.ead.file", {"asylum_application_filed": day(2026, 7, 1), "printed_date": printed})
    yield rules.compute("us.bia.appeal", {"oral_decision": day(2026, 11, 20), "detention": day(2026, 11, 1)})
    yield rules.compute("us.bia.appeal", {"oral_decision": day(2020, 11, 20)}, rules.Options(position="10"))
    yield rules.compute("fr.retention.appel", {"order_pronounced": dt.datetime(2026, 3, 28, 20, 0)})
    yield rules.compute("us.detention.charging", {"detention": day(2026, 11, 20)})  # no hour
    yield rules.compute("fr.retention.jld", {"retention_notified": day(2026, 11, 20)}, rules.Options(electronic=False))
    yield rules.compute("us.uscis.i485.u", {"u_expiry": day(2026, 11, 20), "u_granted": day(2026, 11, 20)})
    shut = [day(2026, 11, 30), day(2026, 12, 1)]
    response = {"filing_received_by_court": day(2026, 11, 20)}
    yield rules.compute("us.eoir.response", response, rules.Options(electronic=False, closures=shut))
    refused = {"ofpra_decision_notified": day(2026, 11, 26)}
    yield rules.compute("fr.cnda.suspension@detained", refused, rules.Options(electronic=False))


def sentences() -> set[str]:
    """Everything that was said in all of them, apart from the packs' own texts."""
    said = set()
    for found in answers():
        said |= {step.text for step in found.steps} | set(found.warnings) | {other.text for other in found.others}
    return said - {text for kind in of_the_packs().values() for text in kind}


@pytest.mark.parametrize("kind", ["amounts", "words", "steps", "closed", "counts", "sentences"])
def test_both_languages_know_the_same_sentences_with_the_same_fields(kind: str) -> None:
    spanish, french = phrases("es")[kind], phrases("fr")[kind]
    assert list(spanish) == list(french)
    for language in LANGUAGES:
        for english, text in phrases(language)[kind].items():
            assert text, english
            if kind in {"sentences", "counts"}:
                assert sorted(FIELD.findall(english)) == sorted(FIELD.findall(text)), (language, english)


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
def test_whatever_the_engine_says_is_told_in_the_pages_language(language: str) -> None:
    for sentence in sentences():
        told = translate.translate_with_language(sentence, language)
        assert told.language == language, sentence
        plain = re.sub(r"\b[a-z0-9_]+(?:\.[a-z0-9_]+)+(?:@\w+)?", "", told.text)
        for word in ("closed", "act by", "after", "calendar", "business", "holiday", "mail", " is ", " the ", "count"):
            assert word not in re.sub(r"Matter of|Field Manual|Policy Manual", "", plain), (sentence, told.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_and_every_date_of_a_sentence_is_still_there(language: str) -> None:
    for sentence in sentences():
        told = translate.translate_text(sentence, language)
        # An event named by its code comes with its meaning, which may cite a section.
        assert not Counter(re.findall(r"\d+", sentence)) - Counter(re.findall(r"\d+", told)), (sentence, told)


def changes() -> set[str]:
    """Why the law would move a date, in all the ways it is said."""
    said = {OTHERWISE, NO_RULE.format(reason="It can no longer be computed: there is no rule us.gone")}
    for found in answers():
        now = found.as_json()
        steps = [*now["steps"][1:], {"name": "Mail", "text": "Served by mail: this rule adds no days for it"}]
        again = [{**step, "text": step["text"].replace("20 Nov 2026", "23 Nov 2026")} for step in now["steps"]]
        was: dict[str, Any] = {**now, "version": "us-federal 2020.1.1 v0", "due_on": None, "act_by": None}
        for old in (was | {"steps": steps, "opens_on": "2020-01-01"}, was | {"steps": again}):
            said |= {*rules.explain_difference(old, found), *rules.explain_difference(found, old)}
        said |= set(rules.compare({**now, "rule": "us.no.such.rule"}).why)
    return said


def test_no_sentence_is_known_that_nothing_says() -> None:
    said = sentences() | changes()
    compiled = translate._load_phrases("es").sentences
    used = {sentence.translation for text in said for sentence in compiled if sentence.pattern.fullmatch(text)}
    used |= {translate.translate_text(text, "es") for text in said}
    unused = {english for english, text in phrases("es")["sentences"].items() if text not in used}
    assert unused - BY_OTHERS == set()


@pytest.mark.parametrize("row", list(csv.DictReader((VECTORS / "told.csv").open(encoding="utf-8"))))
def test_sentences_worked_by_hand(row: dict[str, str]) -> None:
    english = row["english"]
    assert translate.translate_text(english, "es-mx") == row["spanish"]
    assert translate.translate_text(english, "fr") == (row["french"] or translate.translate_text(english, "fr"))
    assert translate.translate_with_language(english, "en") == (english, "en")
    assert translate.translate_with_language(english, "de") == (english, "en")


def test_what_nobody_translated_stays_as_it_is_and_says_so() -> None:
    own = "Judge Hall wants two copies, tabbed."
    assert translate.translate_with_language(own, "es") == (own, "en")
    assert translate.translate_with_language("", "es").text == ""
    # An office's own event, with our sentence around it.
    assert (
        translate.translate_text("The school wrote to us: Mon 23 Nov 2026", "fr")
        == "The school wrote to us : lun 23 nov 2026"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_a_law_would_change_a_date_is_told_too(language: str) -> None:
    for line in changes():
        assert translate.translate_with_language(line, language).language == language, line


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_holiday_of_our_calendars_has_its_name(language: str) -> None:
    named = {
        name for country in ("US", "FR") for year in range(1950, 2100) for name in holidays_of(country, year).values()
    }
    single = {part.removesuffix(" (observed)") for name in named for part in name.split("; ")}
    assert single <= set(phrases(language)["closed"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_count_of_every_rule_is_told(language: str) -> None:
    book = rules.standard()
    for rule in book.newest_rules():
        told = translate.translate_count(describe_rule_count(book, rule), language)
        assert not re.search(r"\b(after|before|days?|months?|years?|hours?|plus the|opens|itself)\b", told), told
