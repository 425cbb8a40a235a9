"""Every text that people see exists in Spanish and French, with the same places to fill in."""

import gettext
import re
from pathlib import Path

import pytest

from caseapp.tools.translations import LANGUAGES, LOCALE, Text, all_texts


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_text_is_translated(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        told = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # the only way to ask "is it there?"
    missing = [text for text in all_texts() if not _said(told, text)]
    assert missing == [], "run `make translations` and fill the empty places"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_places_to_fill_in_are_the_same_in_every_language(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        told = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # see above
    wrong = [text.single for text in all_texts() if _places(_said(told, text)) != _places(text.single)]
    assert wrong == []


def _said(told: dict[object, str], text: Text) -> str:
    single = f"{text.context}\x04{text.single}" if text.context else text.single
    return told.get((single, 0) if text.plural else single, "")


def _places(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]", text))


def test_no_sentence_is_filled_in_before_it_can_be_translated(capfd: pytest.CaptureFixture[str]) -> None:
    """The extractor warns of each f-string: its sentence would be English on every page."""
    assert all_texts()
    assert "f-string" not in capfd.readouterr().err


def test_texts_of_templates_and_modules_are_extracted(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '{% translate "Lock" context "bar" %}{% blocktranslate %}Show {{ label }}{% endblocktranslate %}\n'
        '  {% include "part.html" with verb=_("Unlock") %}'
    )
    (tmp_path / "module.py").write_text(
        'NO = gettext_noop("That did not match.")\nraise Refused("no_match", "Type it again.")\n'
        'ngettext("%(d)s day", "%(d)s days", d)\n_(name)\npgettext_lazy("court", "Order")\n'
    )
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "command.py").write_text('print(_("The command line speaks English."))')
    assert set(all_texts(tmp_path)) == {
        Text("bar", "Lock", ""),
        Text("", "Show %(label)s", ""),
        Text("", "Unlock", ""),
        Text("", "That did not match.", ""),
        Text("", "Type it again.", ""),
        Text("", "%(d)s day", "%(d)s days"),
        Text("court", "Order", ""),
    }
