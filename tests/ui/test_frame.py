"""The frame around every page: languages, covered names, the result bar, icons."""

import re

import pytest
from django.test import Client

from caseapp.accounts.signin import preferences
from caseapp.ui.requests.flash import FLASH_SENTENCES
from tests.helpers.first_member import Door
from tests.helpers.flash import redirect_of


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Skip to content"), ("es", "Ir al contenido"), ("fr", "Aller au contenu")]
)
def test_pages_speak_the_persons_language(ana: Door, language: str, word: str) -> None:
    preferences.save(ana.signed_in.staff, language=language)
    for path in ("/account/", "/styleguide/", "/no/such/page/"):
        page = ana.client.get(path).content.decode()
        assert f'<html lang="{language}"' in page
        assert word in page


@pytest.mark.parametrize(("language", "word"), [("es", "Iniciar sesión"), ("fr", "Se connecter")])
def test_the_door_speaks_the_browsers_language(ana: Door, stranger: Client, language: str, word: str) -> None:
    assert word in stranger.get("/sign-in/", headers={"Accept-Language": language}).content.decode()
    assert word in stranger.get(f"/sign-in/?lang={language}").content.decode()


def test_covering_names_is_kept_and_later_pages_come_without_them(ana: Door) -> None:
    assert "Ana Ruiz" in ana.client.get("/account/").content.decode()
    answer = ana.client.post("/account/cover/", {"covered": "yes", "next": "/account/"})
    assert redirect_of(answer) == (303, "/account/", "covered")
    page = ana.client.get("/account/").content.decode()
    assert "Ana Ruiz" not in page
    assert re.search(r"\sdata-covered>", page)
    ana.client.post("/account/cover/", {"covered": "no", "next": "/account/"})
    assert "Ana Ruiz" in ana.client.get("/account/").content.decode()


def test_no_private_value_of_any_component_is_in_a_covered_page(stranger: Client) -> None:
    private = ("Maria Lopez", "Fatima Karimi", "000-000-417", "Phoned", "own words", "scan_004")
    shown = stranger.get("/styleguide/").content.decode()
    covered = stranger.get("/styleguide/?covered=1").content.decode()
    assert [text for text in private if text not in shown] == []
    assert [text for text in private if text in covered] == []


def test_the_address_carries_neither_code_nor_sentence(ana: Door) -> None:
    for words in ("note-saved", "Call+me"):
        page = ana.client.get(f"/account/?did={words}").content.decode()
        assert "Note saved." not in page
        assert "Call me" not in page
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in FLASH_SENTENCES)


def test_a_page_carries_each_icon_it_uses_once_and_no_other(stranger: Client) -> None:
    page = stranger.get("/styleguide/").content.decode()
    used, carried = re.findall(r'href="#i-([a-z0-9-]+)"', page), re.findall(r'symbol id="i-([a-z0-9-]+)"', page)
    assert sorted(set(used)) == sorted(carried)


def test_titles_hold_no_name(ana: Door) -> None:
    for path in ("/account/", "/styleguide/"):
        title = re.search(r"<title>(.*?)</title>", ana.client.get(path).content.decode())
        assert title is not None
        assert not [word for word in ("Ana", "Ruiz", "Maria", "Lopez", "Harbor") if word in title[1]]


def test_the_style_guide_is_not_in_production(stranger: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.MODE", "production")
    assert stranger.get("/styleguide/").status_code == 404


@pytest.mark.parametrize("path", ["/styleguide/", "/styleguide/?lang=es"])
def test_pages_and_styles_stay_within_their_weight(stranger: Client, path: str) -> None:
    import gzip
    from pathlib import Path

    from caseapp import ui

    static = Path(ui.__file__).parent / "static"
    css = gzip.compress((static / "css" / "caseapp.css").read_bytes())
    scripts = b"".join(gzip.compress(file.read_bytes()) for file in (static / "js").glob("*.js"))
    assert len(css) <= 14_000
    assert len(scripts) <= 12_000
    assert len(stranger.get(path).content) <= 60_000
