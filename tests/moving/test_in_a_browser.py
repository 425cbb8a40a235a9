"""Moving in and out on a phone in Spanish and at a desk: a list, an archive, exports, a person's own copy."""

from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases
from caseapp.index import reader
from caseapp.index.rows import CaseRow
from caseapp.moving.pages.readable import readable_page_in
from caseapp.moving.services.exporting import office_archive
from caseapp.moving.services.importing import import_store, runner
from caseapp.moving.services.importing.shapes import DONE, UNDONE
from caseapp.records.contact_attempt import ContactAttempt
from caseapp.vault.tenancy import office_transaction
from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.two_offices import Worker, signed_in
from tests.moving.opened_archive import files_of

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
ROWS = (
    "Case ID#,Client Name,Date of Birth,Date Opened,Borough,Legal Problem Code\n"
    '26-0000001,"Diallo, Amina",05/25/1987,05/06/2026,Bronx,Family petition\n'
    '26-0000002,"Kovalenko, Olena",12/31/1990,05/07/2026,Queens,Family petition\n'
    '26-0000003,"Nguyen, Thuy",02/30/1990,05/07/2026,Bronx,\n'
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work of an import in the request: a walk does not wait for a thread."""
    monkeypatch.setattr(runner, "start", runner.work_until_rest)


def come_in(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    """Enter with the member's session."""
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])


def test_a_list_and_an_archive_move_in_on_a_phone_in_spanish(
    transactional_db: None, live_server: LiveServer, tmp_path: Path
) -> None:
    old = signed_in("Olena Kovalenko", "olena@elsewhere.test")
    cases.open_case(old.staff, cases.NewCase(name="Farid Karimi"))
    export = office_archive.begin_office_export(old.staff)
    archive = tmp_path / "office.zip"
    archive.write_bytes(b"".join(office_archive.stream_office(export, readable_page_in("en", old.staff))))
    rows = tmp_path / "cases.csv"
    rows.write_text(ROWS, encoding="utf-8")
    ana = signed_in("Ana Ruiz", "ana@office.test", language="es")
    with browser() as running, page(running, width=360, scheme="dark", language="es") as phone:
        come_in(phone, live_server, ana)
        phone.goto(f"{live_server.url}/moving/import/")
        look_at(phone, "import-start-360-es-dark")
        expect(phone.locator("main")).to_contain_text("que exportó Caseapp")
        _import_rows(phone, rows)
        _import_archive(phone, live_server, archive)
    names = {row.names[0][0] for row in _cases_of(ana)}
    assert names == {"Amina Diallo", "Olena Kovalenko"}
    # Both began at the same moment of the frozen clock: the list has them in any order.
    assert {state.is_archive: state.step for _id, state in import_store.list_imports(ana.staff)} == {
        True: UNDONE,
        False: DONE,
    }


def _cases_of(worker: Worker) -> list[CaseRow]:
    with office_transaction(worker.staff.org_id):
        return [row for _id, row in reader.open_view(worker.staff.keys).all_rows()]


def _import_rows(phone: Page, rows: Path) -> None:
    phone.locator("[name=source]").set_input_files(rows)
    follow(phone.get_by_role("button", name="Subir"))
    follow(phone.get_by_role("link", name="Columnas del archivo"))
    look_at(phone, "import-columns-360-es-dark")
    expect(phone.locator("main")).to_contain_text("Lo que el archivo deja abierto")
    phone.locator("[name=date_order][value=mdy], select[name=date_order]").first.evaluate(
        "box => box.tagName === 'SELECT' ? (box.value = 'mdy') : (box.checked = true)"
    )
    follow(phone.locator("button[value=columns]"))
    follow(phone.locator("button[value=check]"))
    look_at(phone, "import-checked-360-es-dark")
    follow(phone.get_by_role("link", name="Filas revisadas"))
    look_at(phone, "import-rows-360-es-dark")
    phone.go_back()
    follow(phone.locator("button[value=save]"))
    look_at(phone, "import-done-360-es-dark")


def _import_archive(phone: Page, live_server: LiveServer, archive: Path) -> None:
    phone.goto(f"{live_server.url}/moving/import/")
    phone.locator("[name=source]").set_input_files(archive)
    follow(phone.get_by_role("button", name="Subir"))
    look_at(phone, "import-archive-360-es-dark")
    follow(phone.get_by_role("button", name="Revisar el archivo"))
    expect(phone.locator("main")).to_contain_text("Casos por guardar: 1")
    look_at(phone, "import-archive-checked-360-es-dark")
    follow(phone.locator("button[value=save]"))
    follow(phone.locator("a[href$='/undo/']"))
    look_at(phone, "import-undo-360-es-dark")
    follow(phone.locator("main button.danger"))


def test_exports_and_a_persons_own_copy_leave_on_a_phone_in_spanish_and_at_a_desk(
    transactional_db: None, live_server: LiveServer
) -> None:
    ana = signed_in("Ana Ruiz", "ana@office.test", language="es")
    case_id = cases.open_case(ana.staff, cases.NewCase(name="Farid Karimi", languages=("Spanish",)))
    paths = (f"/cases/{case_id}/export/", f"/cases/{case_id}/hand-over/", "/moving/export/")
    with browser() as running:
        with page(running, width=360, language="es") as phone:
            come_in(phone, live_server, ana)
            for path in paths:
                phone.goto(live_server.url + path)
                look_at(phone, f"out-{path.strip('/').split('/')[-1]}-{path[1:6]}-360-es")
            _download_case(phone, live_server, case_id)
            _hand_over(phone, live_server, case_id)
            _ask_for_office(phone, live_server)
        with page(running, scheme="dark", language="es") as desk:
            come_in(desk, live_server, ana)
            for path in paths:
                desk.goto(live_server.url + path)
                look_at(desk, f"out-{path.strip('/').split('/')[-1]}-{path[1:6]}-desk-dark")
    assert len(ana.file(case_id).entries_of(ContactAttempt)) == 1


def _download_case(phone: Page, live_server: LiveServer, case_id: UUID) -> None:
    phone.goto(f"{live_server.url}/cases/{case_id}/export/")
    phone.locator("[name=closed_with][value=plain]").check()
    with phone.expect_download() as download:
        phone.locator("main form button[type=submit]").last.dispatch_event("click")
    content = Path(download.value.path()).read_bytes()
    assert "manifest.json" in files_of(content)
    assert "Karimi" not in download.value.suggested_filename


def _hand_over(phone: Page, live_server: LiveServer, case_id: UUID) -> None:
    phone.goto(f"{live_server.url}/cases/{case_id}/hand-over/")
    phone.locator("[name=how][value=stick]").check()
    follow(phone.locator("main form button[type=submit]").last)
    expect(phone.locator("main")).to_contain_text("Su expediente completo")
    look_at(phone, "hand-over-sheet-360-es")
    phone.locator("[name=has_receipt]").check()
    follow(phone.locator("main form button[type=submit]").last)
    expect(phone).to_have_url(f"{live_server.url}/cases/{case_id}/")


def _ask_for_office(phone: Page, live_server: LiveServer) -> None:
    phone.goto(f"{live_server.url}/moving/export/")
    phone.locator("[name=reason]").fill("Cambiamos de servidor.")
    follow(phone.locator("form:has(input[name=act][value=ask]) button[type=submit]"))
    expect(phone.locator("main")).to_contain_text("Cambiamos de servidor.")
    look_at(phone, "export-office-asked-360-es")
