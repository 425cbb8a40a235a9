"""An intake on a phone, in Spanish, without scripts: left, resumed, and ended as an accepted case."""

import os
import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases
from caseapp.intake.services import decisions, intakes
from caseapp.lib import clock
from caseapp.records.answer import Waiting
from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.corrections import move_clock
from tests.helpers.two_offices import Worker, signed_in
from tests.intake.intake_world import NAME, intake, opened

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]


def come_in(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    """Enter with the member's session."""
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])


def picture(shown: Page, name: str) -> None:
    """Keep a picture when CASEAPP_SHOTS names a folder. Without scripts axe cannot look: it does in the test below."""
    if folder := os.environ.get("CASEAPP_SHOTS"):
        shown.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_a_person_is_taken_in_on_a_phone_in_spanish_and_accepted(
    transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = signed_in("Ana Ruiz", "ana@office.test", language="es")
    cases.open_case(ana.staff, cases.NewCase(name="Oyunchimeg Batbaier", born_period="1991"))
    with browser() as running:
        with page(running, width=360, scripts=False, language="es") as phone:
            come_in(phone, live_server, ana)
            phone.goto(live_server.url)
            _reach_the_conflict_answer(phone)
            picture(phone, "intake-conflict-360-es")
            expect(phone.locator("main")).to_contain_text("Enviado a la persona responsable de conflictos")
            expect(phone.locator("main")).to_contain_text("Oyunchimeg Batbaier")  # who may be the same, with reasons
            phone.get_by_label("No es la misma").check()
            follow(phone.get_by_role("button", name="Guardar respuestas"))
            follow(phone.get_by_role("button", name="Guardar y salir"))
            picture(phone, "intake-queue-360-es")
            assert "atbayar" not in phone.url + phone.title()
        with page(running, width=360, scripts=False, language="es", scheme="dark") as other:  # another device
            move_clock(monkeypatch, minutes=3)  # the second check is later than the first
            come_in(other, live_server, ana)
            other.goto(live_server.url + "/intake/")
            follow(other.get_by_role("link", name=NAME))
            case_id = re.search(r"/intake/([0-9a-f-]{36})/who/", other.url)
            assert case_id is not None, "resumed at the first step that is not saved"
            _say_who(other)
            follow(other.get_by_role("button", name="Continuar", exact=True))
            _answer_questions(other)
            _enter_an_order(other)
            _answer_as_the_conflict_officer(other, live_server)
            other.goto(f"{live_server.url}/intake/{case_id[1]}/decision/")
            picture(other, "intake-decision-360-es-dark")
            _accept(other)
            expect(other).to_have_url(f"{live_server.url}/cases/{case_id[1]}/")
            expect(other.locator("main")).to_contain_text("Aceptado. Este es ahora el caso")
            picture(other, "intake-accepted-360-es-dark")


def _reach_the_conflict_answer(phone: Page) -> None:
    """Task 8 of the interface brief: a new person to the conflict answer in 4 fields and 2 clicks."""
    clicks = fields = 0
    follow(phone.locator("main").get_by_role("link", name="Nueva admisión"))
    clicks += 1
    picture(phone, "intake-new-360-es")
    phone.locator("[name=can_talk][value=yes]").check()
    phone.locator("[name=detained][value=no]").check()
    phone.locator("[name=name]").fill(NAME)
    phone.locator("[name=born_on_year]").fill("1991")
    fields += 4
    follow(phone.get_by_role("button", name="Guardar y verificar conflictos"))
    clicks += 1
    assert (fields, clicks) <= (4, 2)


def _say_who(shown: Page) -> None:
    picture(shown, "intake-who-360-es-dark")
    shown.locator("[name=languages]").fill("mongol")
    shown.locator("[name=last_arrival_on_day]").fill("9")
    shown.locator("[name=last_arrival_on_month]").select_option("4")
    shown.locator("[name=last_arrival_on_year]").fill("2026")
    shown.locator("[name=relative_name]").fill("Ganbaatar Dorj")
    shown.locator("[name=relative_role]").select_option("opposing")
    follow(shown.get_by_role("button", name="Guardar y continuar"))
    follow(shown.get_by_role("button", name="Verificar otra vez con los nombres actuales"))


def _answer_questions(shown: Page) -> None:
    picture(shown, "intake-situation-360-es-dark")
    follow(shown.get_by_role("link", name="Asilo y la fecha límite de un año"))
    picture(shown, "intake-question-360-es-dark")
    expect(shown.locator("main")).to_contain_text("Sin firmar")
    shown.get_by_label("Sí", exact=True).check()
    follow(shown.get_by_role("button", name="Guardar respuesta"))
    follow(shown.get_by_role("button", name="Omitir"))
    follow(shown.get_by_role("button", name="Parar aquí"))
    expect(shown.locator("main")).to_contain_text("son vías posibles por estudiar")
    follow(shown.locator("main").get_by_role("link", name="Volver a la situación"))
    shown.locator("[name=about]").fill("Necesita abogada en la corte")
    shown.locator("[name=relief][value=asylum]").check()
    follow(shown.get_by_role("button", name="Guardar y continuar"))


def _enter_an_order(shown: Page) -> None:
    expect(shown.locator("main")).to_contain_text("8 abr. 2027")  # the day before one year after 9 April 2026
    expect(shown.locator("main")).to_contain_text("Sin confirmar")
    shown.locator("[name=what]").select_option("uscis_appointment")
    follow(shown.get_by_role("button", name="Preguntar sus fechas"))
    picture(shown, "intake-dates-360-es-dark")
    shown.locator("[name=ordered_on_year]").fill("2014")
    follow(shown.get_by_role("button", name="Guardar la orden"))
    expect(shown.locator("main")).to_contain_text("2014")
    follow(shown.get_by_role("button", name="Guardar y continuar"))


def _answer_as_the_conflict_officer(shown: Page, live_server: LiveServer) -> None:
    """The founder is the conflict officer; in a larger office it is another member in their own session."""
    shown.goto(live_server.url + "/conflicts/")
    links = shown.locator("main a[href^='/conflicts/']")
    hrefs = {links.nth(number).get_attribute("href") or "" for number in range(links.count())}
    for href in sorted(hrefs):
        shown.goto(live_server.url + href)
        if shown.locator("[name=decision][value=cleared]").count():
            shown.locator("[name=decision][value=cleared]").check()
            shown.locator("[name=reason]").fill("Ninguna coincidencia")
            follow(shown.get_by_role("button", name="Enviar la respuesta"))


def _accept(shown: Page) -> None:
    expect(shown.locator("main")).to_contain_text("Sin conflicto")
    shown.locator("[name=what][value=full]").check()
    shown.locator("[name=reason]").fill("Hay lugar y conocemos este trabajo")
    shown.locator("[name=stage]").select_option("nta_not_filed")
    follow(shown.get_by_role("button", name="Guardar decisión"))


def test_the_pages_of_an_intake_fit_a_desk_and_a_phone(transactional_db: None, live_server: LiveServer) -> None:
    ana = signed_in("Ana Ruiz", "ana@office.test")
    case_id = opened(ana, about="Letter from the court")
    place = Waiting(since=clock.today("America/New_York"), priority="urgent", reason="No interpreter yet")
    intakes.put_on_waiting_list(ana.staff, opened(ana, "Tsetsegmaa"), place)
    decisions.decide(ana.staff, case_id, decisions.NewDecision(what="decline", reason="No room"))
    paths = ("intake/?show=waiting", "intake/new/", "intake/hotline/", "intake/questions/", "intake/questions/asylum/")
    steps = ("who", "conflict", "dates", "decision", "letter", "waiting")
    every = (*paths, *(f"intake/{case_id}/{step}/" for step in steps), "")
    with browser() as running, page(running) as desk, page(running, width=360, scheme="dark") as phone:
        for shown, device in ((desk, "desk"), (phone, "phone-dark")):
            come_in(shown, live_server, ana)
            for path in every:
                shown.goto(f"{live_server.url}/{path}")
                look_at(
                    shown, f"{device}-{path.replace(str(case_id), '').strip('/').replace('/', '-').partition('?')[0]}"
                )
    assert intake(ana, case_id).state == "decided"
