"""The person's own copy: a sheet in their language, the file, a receipt, and a record of the hand-over."""

import re
from uuid import UUID

import pyrage
import pytest
from django.urls import reverse

from caseapp.records.contact_attempt import ContactAttempt
from caseapp.records.party import Party
from tests.helpers.two_offices import NAME, Worker
from tests.moving.opened_archive import body_of, files_of

pytestmark = pytest.mark.usefixtures("frozen")


def _path(case_id: UUID) -> str:
    return reverse("moving:hand_over", args=[case_id])


def _choice(worker: Worker, case_id: UUID, **more: str) -> dict[str, str]:
    party = str(worker.file(case_id).entries_of(Party)[0].id)
    return {"party": party, "how": "stick", "language": "es", **more}


def _words(html: str) -> str:
    match = re.search(r'name="words" value="([a-z -]+)"', html)
    assert match is not None
    return match.group(1)


def test_the_sheet_is_in_the_persons_language_with_the_six_words_and_a_receipt(attorney: Worker, case_id: UUID) -> None:
    page = attorney.client.post(_path(case_id), _choice(attorney, case_id, act="sheet")).content.decode()
    assert '<article class="card stack" lang="es">' in page
    for text in ("Su expediente completo", "Solo estas seis palabras la abren", "Recibo", "Firma: ____", NAME):
        assert text in page, text
    assert all(f"<li>{word}</li>" in page for word in _words(page).split())


def test_a_sheet_for_paper_has_no_words(attorney: Worker, case_id: UUID) -> None:
    page = attorney.client.post(_path(case_id), _choice(attorney, case_id, act="sheet", how="paper")).content.decode()
    assert "Está en papel." in page
    assert 'name="words" value=""' in page


def test_the_words_on_the_sheet_open_the_file_which_is_in_the_persons_language(attorney: Worker, case_id: UUID) -> None:
    page = attorney.client.post(_path(case_id), _choice(attorney, case_id, act="sheet")).content.decode()
    sent = _choice(attorney, case_id, act="file", words=_words(page))
    outer = files_of(body_of(attorney.client.post(_path(case_id), sent)))
    assert "Léame primero.txt" in outer
    assert NAME.encode() not in b"".join(outer.values())
    (key,) = [content for name, content in outer.items() if name.endswith(".key.age")]
    (inner,) = [content for name, content in outer.items() if name.endswith(".zip.age")]
    identity = pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(key, _words(page)).decode().strip())
    assert '<html lang="es">' in files_of(pyrage.decrypt(inner, [identity]))["Expediente completo.html"].decode()


def test_the_hand_over_is_recorded_with_who_when_how_and_the_receipt(attorney: Worker, case_id: UUID) -> None:
    sent = _choice(attorney, case_id, act="record", has_receipt="on")
    response = attorney.client.post(_path(case_id), sent, follow=False)
    assert response.status_code == 303
    (entry,) = attorney.file(case_id).entries_of(ContactAttempt)
    assert (str(entry.record.party), entry.record.result) == (sent["party"], "given")
    assert entry.record.entered_by == attorney.staff.member_id
    assert entry.record.note == (
        "The whole file on an encrypted stick was given to this person. The receipt is signed."
    )
    assert "encrypted stick was given" in attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()


def test_it_hides_from_another_office_and_refuses_what_is_not_offered(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    sent = _choice(attorney, case_id, act="record")
    assert outsider.client.get(_path(case_id)).status_code == 404
    assert outsider.client.post(_path(case_id), sent).status_code == 404
    for wrong in ({"party": str(UUID(int=7))}, {"how": "by_mail"}, {"language": "xx"}, {"words": "weak words"},
                  {"words": "w" * 100_000}):  # fmt: skip
        assert attorney.client.post(_path(case_id), {**sent, **wrong}).status_code == 422, wrong
    assert attorney.file(case_id).entries_of(ContactAttempt) == []
