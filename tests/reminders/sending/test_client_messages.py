"""Texts to clients: the words of the design, a time nobody mistakes, and nothing that says what it is about."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest

from caseapp.lib.text.calendar_words import MONTHS, WEEKDAYS
from caseapp.reminders.sending.client_messages import PLAIN_TEXTS, reminder_text

AT = dt.datetime(2026, 12, 8, 8, 30, tzinfo=ZoneInfo("America/Chicago"))
BANNED = (
    "court", "hearing", "lawyer", "attorney", "immigration", "judge", "legal", "office", "case", "visa", "asylum",
    "detained", "deport", "caseapp", "tribunal", "corte", "audiencia", "abogado", "migra", "juez", "oficina", "caso",
    "asilo", "cita", "juzgado", "avocat", "audience", "juge", "bureau", "dossier", "asile", "client", "http", "www",
)  # fmt: skip
NEEDLES = ("Farid", "Karimi", "Lopez", "123417", "Court North", "Chicago", "Harbor", "New York", "Herat", "Ana", "555")
ALL = [(detail, language) for detail in ("plain", "date_time") for language in ("en", "es", "fr")]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Reminder: Tuesday, December 8, 2026, 8:30 AM. Please look at your paper or call the number you have."
               " Reply STOP to end."),
        ("es", "Recordatorio: martes, 8 de diciembre de 2026, 8:30 a. m. Mire su hoja o llame al número que tiene."
               " Responda STOP para no recibir más."),
        ("fr", "Rappel : mardi 8 décembre 2026, 8 h 30. Regardez votre feuille ou appelez le numéro que vous avez."
               " Répondez STOP pour arrêter."),
    ],
)  # fmt: skip
def test_the_text_with_day_and_time_is_said_in_each_language(language: str, said: str) -> None:
    assert reminder_text("date_time", language, AT) == said


@pytest.mark.parametrize(
    ("language", "hour", "said"),
    [("en", 0, "12:05 AM"), ("en", 12, "12:05 PM"), ("en", 13, "1:05 PM"), ("es", 13, "1:05 p. m."),
     ("es", 0, "12:05 a. m."), ("fr", 13, "13 h 05"), ("fr", 0, "0 h 05")],
)  # fmt: skip
def test_nobody_takes_a_morning_for_an_evening(language: str, hour: int, said: str) -> None:
    assert said in reminder_text("date_time", language, AT.replace(hour=hour, minute=5))


def test_the_first_of_a_month_is_written_as_french_people_do() -> None:
    assert "vendredi 1er janvier 2027" in reminder_text("date_time", "fr", AT.replace(year=2027, month=1, day=1))


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_the_plain_text_is_the_same_for_everybody(language: str) -> None:
    assert (
        reminder_text("plain", language, AT)
        == reminder_text("plain", language, AT + dt.timedelta(days=99))
        == PLAIN_TEXTS[language]
    )


def test_a_language_we_have_no_words_in_is_answered_in_english() -> None:
    assert reminder_text("plain", "prs", AT) == PLAIN_TEXTS["en"]


@pytest.mark.parametrize(("detail", "language"), ALL)
def test_no_text_says_what_it_is_about(detail: str, language: str) -> None:
    days = [AT + dt.timedelta(days=29 * step, minutes=97 * step) for step in range(25)]
    for at in days:
        said = reminder_text(detail, language, at)
        found = [word for word in BANNED if re.search(rf"\b{word}", said.casefold())]
        assert found == []
        assert [needle for needle in NEEDLES if needle.casefold() in said.casefold()] == []
        assert "STOP" in said
        assert len(said) <= 160


def test_there_is_a_name_for_each_day_and_month() -> None:
    for language in PLAIN_TEXTS:
        assert len(set(WEEKDAYS[language])) == 7
        assert len(set(MONTHS[language])) == 12
