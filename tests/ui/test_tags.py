"""Dates as people say them, numbers that are masked, names that are covered."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from caseapp import rules
from caseapp.rules.terms import sentence
from caseapp.ui.display import labels, tags
from caseapp.ui.display.date_texts import FIXED_SPACE
from caseapp.ui.display.law_texts import render_sentence
from caseapp.ui.display.tags import at_clock, day, day_long, days_between, local_day, masked


@pytest.mark.parametrize(
    ("language", "said", "in_full"),
    [
        ("en", "Tue, Dec 8, 2026", "Tuesday, December 8, 2026"),
        ("es", "mar. 8 dic. 2026", "martes, 8 de diciembre de 2026"),
        ("fr", "mar. 8 déc. 2026", "mardi 8 décembre 2026"),
    ],
)
def test_a_date_always_has_its_weekday(language: str, said: str, in_full: str) -> None:
    with translation.override(language):
        assert day(date(2026, 12, 8)).replace(FIXED_SPACE, " ") == said
        assert day_long(date(2026, 12, 8)) == in_full


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "today"), (1, "tomorrow"), (2, "in 2 days"), (-1, "yesterday"), (-3, "3 days ago")],
)
def test_how_far_a_day_is(days: int, said: str) -> None:
    assert days_between(date(2026, 12, 8), date.fromordinal(date(2026, 12, 8).toordinal() + days)) == said


def test_an_instant_near_midnight_belongs_to_the_day_of_its_zone() -> None:
    late = datetime(2026, 12, 9, 4, 30, tzinfo=UTC)
    assert local_day(late, "America/New_York") == date(2026, 12, 8)
    assert at_clock(late, "America/New_York") == "11:30 PM"


@pytest.mark.parametrize(
    ("number", "shown"), [("000-000-417", "•••-•••-417"), ("A000000417", "•••-•••-417"), ("17", "•••")]
)
def test_a_masked_number_shows_its_last_three_places(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_a_name_with_markup_stays_text() -> None:
    shown = Template('{% private name ref="7KQ4D" %}').render(Context({"name": "<b>Lopez</b>"}))
    assert "&lt;b&gt;Lopez" in shown


def test_a_covered_name_is_not_rendered_and_its_bar_carries_the_ref() -> None:
    page = Template('{% private name ref="7KQ4D" %}{% privately %}told by {{ name }}{% endprivately %}')
    covered = page.render(Context({"name": "Lopez", "covered": True}))
    assert "Lopez" not in covered
    assert "7KQ4D" in covered


def test_a_status_nobody_defined_is_no_status() -> None:
    with pytest.raises(KeyError):
        Template('{% include "components/status.html" with kind="maybe" word="Maybe" %}').render(Context({}))


@pytest.mark.parametrize("language", ["es", "fr"])
def test_dates_and_step_names_inside_a_working_read_like_those_of_the_page(language: str) -> None:
    last_day = rules.Sentence("result.last_minute", {"day": sentence.day(date(2027, 3, 1))})
    with translation.override(language):
        for number in range(366):
            on = date(2028, 1, 1) + timedelta(days=number)
            assert tags.day(on) in str(render_sentence(rules.Sentence("result.opens", {"day": sentence.day(on)})))
        for name, word in labels.WORKING_STEPS.items():
            new = rules.Sentence("difference.new", {"step": sentence.StepNameValue(name), "now": last_day})
            assert str(render_sentence(new)).startswith(str(word))


def test_english_without_a_translation_is_marked_for_screen_readers() -> None:
    own = "Judge Hall wants <two> copies."
    last_day = rules.Sentence("result.last_minute", {"day": sentence.day(date(2027, 3, 1))})
    with translation.override("es"):
        assert tags.language_marked(render_sentence(last_day)) == "Último día lun. 1 mar. 2027".replace(
            " 1 mar. ", f"{FIXED_SPACE}1{FIXED_SPACE}mar.{FIXED_SPACE}"
        )
        marked = '<span lang="en">Judge Hall wants &lt;two&gt; copies.</span>'
        assert tags.language_marked(render_sentence(rules.pack_sentence(own))) == tags.pack_text(own) == marked
        order = rules.Sentence("caution.reading", {"text": sentence.PackTextValue(own), "day": sentence.day(date.max)})
        assert tags.language_marked(render_sentence(order)) == f"{marked}: fecha límite interna {tags.day(date.max)}"
    with translation.override("en"):
        plain = "Judge Hall wants &lt;two&gt; copies."
        assert tags.language_marked(render_sentence(rules.pack_sentence(own))) == tags.pack_text(own) == plain
        assert tags.language_marked("<b>") == "&lt;b&gt;"


def test_a_packs_english_is_shown_next_to_its_translation_and_not_next_to_itself() -> None:
    english = "Taken into custody"
    with translation.override("es"):
        assert (tags.pack_text(english), tags.in_english(english)) == ("Detención", english)
        assert tags.in_english("Judge Hall wants two copies.") == ""
    with translation.override("en"):
        assert (tags.pack_text(english), tags.in_english(english)) == (english, "")
