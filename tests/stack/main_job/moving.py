"""Export and imports in the main job, each also broken off."""

import time

from playwright.sync_api import FilePayload, Page, expect

from tests.helpers.browsing import follow
from tests.moving.reading.files import xlsx_bytes
from tests.stack.main_job.needles import NEEDLES
from tests.stack.main_job.walking import axe, submit

# Sends the form of the page and reads the answer: all of it, or one piece and then no more. Answers the bytes read.
DOWNLOAD = """async (breaksOff) => {
  const body = new FormData(document.querySelector("main form"));
  body.set("closed_with", "plain");
  const answer = await fetch(location.href, {method: "POST", body});
  const reader = answer.body.getReader();
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (breaksOff) { await reader.cancel(); break; }
  }
  return [answer.status, answer.headers.get("content-type"), size];
}"""
HEADINGS = (
    "Matter/Case ID#", "Client First Name", "Client Last Name", "A Number", "Case Title", "Primary Advocate",
    NEEDLES["import-heading"],
)  # fmt: skip


def export(page: Page, case: str, words: str, *, least: int) -> None:
    """Download the client's whole file, once to its end and once broken off, and ask for the office's export."""
    page.goto(f"{case}export/")
    if "/check/" in page.url:
        page.fill("[name=passphrase]", words)
        submit(page)
    axe(page)
    for breaks_off in (True, False):
        status, media_type, size = page.evaluate(DOWNLOAD, breaks_off)
        assert (status, media_type) == (200, "application/zip")
    assert size > least, "the whole archive, with its documents"
    page.goto(page.url.split("/cases/")[0] + "/moving/export/")
    page.fill("[name=reason]", NEEDLES["export-reason"])
    submit(page)
    expect(page.locator("main")).to_contain_text(NEEDLES["export-reason"])
    axe(page)


def move_in(page: Page) -> None:
    """Import a file with a document and a broken row; then check another file and never save it."""
    given, family = NEEDLES["import-name"].split()
    more = (NEEDLES["import-title"], NEEDLES["import-lead"], NEEDLES["import-cell"])
    rows = [HEADINGS, (NEEDLES["import-id"], given, family, NEEDLES["import-number"], *more)]
    rows.append(("KLV-2", "", "", "", NEEDLES["import-rejected"], "", ""))  # a person without a name
    content = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows).encode()
    _begin_import(page, {"name": NEEDLES["import-file"], "mimeType": "text/csv", "buffer": content})
    axe(page)
    follow(page.get_by_role("button", name="Save the cases"))
    _reload_until(page, "Case opened: 1")
    expect(page.locator("main")).to_contain_text("Has an error: 1")
    listed = f"document_filename,document_id,case_number\n{NEEDLES['import-paper']},9,{NEEDLES['import-id']}\n".encode()
    paper = f"%PDF-1.7 {NEEDLES['import-paper-words']}".encode()
    _begin_import(
        page,
        {"name": "papers-of-klv.csv", "mimeType": "text/csv", "buffer": listed},
        {"name": NEEDLES["import-paper"], "mimeType": "application/pdf", "buffer": paper},
    )
    follow(page.get_by_role("button", name="Save the cases"))
    _reload_until(page, "Added to its case: 1")
    _leave_after_the_check(page)


def _leave_after_the_check(page: Page) -> None:
    """Read and check a workbook, and never save it. Half-saved ones are in `tests/moving/test_import_secrets.py`."""
    first, last = (NEEDLES[f"import-stopped-{which}"].split() for which in ("first", "last"))
    cells = [HEADINGS, *((f"KLW-{n}", *name, "", "", "", "") for n, name in enumerate((first, last)))]
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    _begin_import(page, {"name": NEEDLES["import-stopped-file"], "mimeType": sheet, "buffer": xlsx_bytes(cells)})


def _begin_import(page: Page, source: FilePayload, *documents: FilePayload) -> None:
    """Upload files, take the columns as proposed, and check the rows."""
    page.goto(page.url.split("/cases/")[0].split("/moving/")[0] + "/moving/import/")
    page.locator("main [name=source]").set_input_files(source)
    page.locator("main [name=documents]").set_input_files(list(documents))
    submit(page)
    follow(page.get_by_role("link", name="Columns of the file"))
    follow(page.get_by_role("button", name="Save columns"))
    follow(page.get_by_role("button", name="Check all rows"))
    _reload_until(page, "Checked, nothing is saved yet")


def _reload_until(page: Page, text: str) -> None:
    give_up = time.monotonic() + 120
    while text not in page.locator("main").inner_text():
        assert time.monotonic() < give_up, page.locator("main").inner_text()
        time.sleep(0.5)
        page.goto(page.url)
