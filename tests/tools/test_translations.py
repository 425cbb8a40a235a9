"""Every text that people see exists in Spanish and French, with the same places to fill in."""

import gettext
import re

import pytest

from caseapp.tools.translations import LOCALE, PLURALS, Text, all_texts, in_python, in_template


@pytest.mark.parametrize("language", sorted(PLURALS))
def test_every_text_is_translated(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        told = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # the only way to ask "is it there?"
    missing = [text for text in all_texts() if not _said(told, text)]
    assert missing == [], "run python -m caseapp.tools.translations and fill the empty places"


@pytest.mark.parametrize("language", sorted(PLURALS))
def test_places_to_fill_in_are_the_same_in_every_language(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        told = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # see above
    wrong = [text.single for text in all_texts() if _places(_said(told, text)) != _places(text.single)]
    assert wrong == []


def _said(told: dict[object, str], text: Text) -> str:
    single = f"{text.context}\x04{text.single}" if text.context else text.single
    return told.get((single, 0) if text.plural else single, "")


def _places(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def test_texts_are_found_wherever_they_are_said() -> None:
    template = '{% translate "Lock" context "bar" %}{% blocktranslate %}Show {{ label }}{% endblocktranslate %}'
    assert list(in_template(template)) == [Text("bar", "Lock", ""), Text("", "Show %(label)s", "")]
    module = (
        'NO = "That did not match."\nraise Refused("no_match", NO)\nngettext("%(d)s day", "%(d)s days", d)\n_(name)'
    )
    found = {Text("", "That did not match.", ""), Text("", "%(d)s day", "%(d)s days")}
    assert set(in_python(module)) == found
