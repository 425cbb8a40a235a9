"""Each form that writes is made to crash at its first write, in the middle and at its last: nothing is half saved.

The member reads a page in plain words with the request's number and their text, no log quotes anything, and the same
form sent again is saved. One office serves all tests of this file.
"""

import re
from collections.abc import Generator
from html import unescape
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import get_resolver
from pytest_django import DjangoDbBlocker

from caseapp.accounts.models import SentForm, TypedDraft
from caseapp.lib import clock
from caseapp.vault.core import form_marks
from caseapp.vault.tenancy import office_transaction
from tests.helpers.crashes import (
    OF_DATABASE,
    TYPED,
    Office,
    crash_at,
    everything_stored,
    listening,
    make_office,
)
from tests.helpers.flash import redirect_of
from tests.helpers.two_offices import NOW, signed_in
from tests.ui.forms_that_write import WRITES, Form
from tests.ui.test_every_form_has_a_mark import WITHOUT_MARK, addresses

pytestmark = pytest.mark.django_db
UPLOADS = {"vault_blob"}  # a file that no case has yet: marked "pending" before its first byte, deleted after a day
SAVES_NOTHING = "saves nothing that a member typed"
SECRETS = "asks for a passphrase, a code or a key, which no page gives back"
IN_STEPS = "saves in several transactions: a form that broke off is asked about (tests/ui/test_forms_sent_twice.py)"
SPECIAL = (
    "needs an office that lost something or whose law changed; saves by the same transaction of a case or the office"
)
OF_IMPORT = "a step of an import, whose process tests/moving/test_import_is_killed.py kills at random moments"
NOT_HERE = {
    **dict.fromkeys(("search:search", "help:guide", "deadlines:what_if", "calendar:date_echo", "trail:filter",
                     "deadlines:check", "account:setup_mail", "cases:selected",
                     "moving:export_case", "moving:download_office", "account:keep_active", "account:draft",
                     "account:draft_offers",
                     "account:delivery_log"),
                    SAVES_NOTHING),
    **dict.fromkeys(("account:setup_factor",
                     "account:recovery", "account:app", "account:passkey", "account:remove_factor", "account:check",
                     "account:passphrase", "account:end_device", "account:end_others", "team:recovery",
                     "team:recovery_sheet", "team:lockdown"), SECRETS),
    **dict.fromkeys(("team:team_new", "team:remove", "cases:access", "cases:shred", "cases:uncompared",
                     "clients:send", "clients:send_all", "cases:selected_reassign", "cases:selected_task",
                     "moving:hand_over", "clients:settle", "clients:gateway", "deadlines:changes", "intake:decision"),
                    IN_STEPS),
    **dict.fromkeys(("moving:import_run", "moving:import_undo"), OF_IMPORT),
    **dict.fromkeys(("cases:restore", "team:directory", "trail:dismiss", "deadlines:from_rule"), SPECIAL),
}  # fmt: skip


@pytest.fixture
def _django_db_helper() -> None:
    """Replace the transaction that pytest-django rolls back after each test: the office's own is around all of them."""


@pytest.fixture(scope="module")
def office(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Office]:
    """One office for all tests of this file, in one transaction that is rolled back after them.

    A test that was rolled back alone would leave this process with a memory of newer versions than the database has.
    """
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(clock, "now", lambda: NOW)
        patch.setattr("django.conf.settings.BLOBS", tmp_path_factory.mktemp("blobs"))
        yield make_office(signed_in("Ana Ruiz", "ana@office.test"))
        transaction.set_rollback(True)


def _text(answer: object) -> str:
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))  # type: ignore[attr-defined]  # Django's answer


def _send(office: Office, form: Form, mark: str, draft_id: str) -> object:
    for value in form.sent.values():
        for file in value if isinstance(value, list) else []:
            if isinstance(file, SimpleUploadedFile):
                file.seek(0)
    return office.worker.client.post(form.path, {**form.sent, "form_mark": mark, "draft_id": draft_id})


def _crash(office: Office, form: Form, mark: str, draft_id: str, number: int | None) -> list[str]:
    """Send the form and let it crash; check what the member and the logs say. Return the tables it wrote to."""
    before = everything_stored()
    with listening() as lines, crash_at(number) as fault:
        answer = _send(office, form, mark, draft_id)
    page = _text(answer)
    assert answer.status_code == 500, (number, fault.tables, page[:300])  # type: ignore[attr-defined]
    numbers = re.findall(r"Request number ([0-9A-F]{8})\.", page)
    assert len(numbers) == 1, page
    assert "Something did not work on our side. What you sent was not saved." in page
    said = "\n".join(lines)
    assert f"request.failed number={numbers[0]}" in said
    for needle in (TYPED, "Tesfahunegn", OF_DATABASE, "too long for type", "Karimi", form.path):
        assert needle not in said, "no log quotes what was typed or what the database says"
    for needle in (OF_DATABASE, "DataError", "Traceback", "varying"):
        assert needle not in page
    typed = [value for value in form.sent.values() if isinstance(value, str) and TYPED in value]
    assert all(value in page for value in typed), "the page gives back what was typed"
    left = {table for table, digest in everything_stored().items() if digest != before[table]}
    assert left <= UPLOADS, "nothing is half saved, and the draft is kept"
    return fault.tables


@pytest.mark.parametrize("name", WRITES)
def test_a_crash_anywhere_in_a_write_saves_nothing_and_the_same_form_is_saved_afterwards(
    office: Office, name: str
) -> None:
    form, mark = WRITES[name](office), form_marks.new_mark()
    draft_id = office.store_draft(form.path)
    if name == "account:cover":
        _crash(office, form, mark, draft_id, 1)  # its answer has no message, so that no mark is kept
    else:
        writes = len(_crash(office, form, mark, draft_id, None))
        for number in {1, (writes + 1) // 2} - {writes}:
            _crash(office, form, mark, draft_id, number)
    before = everything_stored()
    answer = _send(office, form, mark, draft_id)
    assert answer.status_code == form.status, _text(answer)  # type: ignore[attr-defined]
    if form.status == 303:
        assert redirect_of(answer)[2] != "already-saved", "the crash did not use the mark up"
    assert everything_stored() != before
    org = office.worker.staff.org_id
    with office_transaction(org):
        assert not TypedDraft.objects.filter(org_id=org, id=UUID(draft_id)).exists(), "it went with the save"
        has_row = SentForm.objects.filter(org_id=org).exists()
    assert has_row or name == "account:cover"


def test_every_address_that_a_member_writes_to_crashes_here_or_says_why_not() -> None:
    of_members = {
        name
        for name, view in addresses(get_resolver().url_patterns)
        if "POST" in getattr(view, "allowed_methods", ()) and name not in WITHOUT_MARK
    }
    assert set(WRITES) | set(NOT_HERE) >= of_members
    assert not set(WRITES) & set(NOT_HERE)
    assert set(WRITES) <= of_members
    assert all(NOT_HERE.values())
