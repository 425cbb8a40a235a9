"""What a copy with transaction numbers shows of drafts: neither the case that was saved nor whose they are."""

import json
from itertools import combinations, product
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import recovery_code, sessions
from caseapp.cases.services import cases
from caseapp.vault.core.inboxes import drafts
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.two_offices import Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
OF_CASES = ("vault_record", "vault_past", "vault_case", "index_part", "index_head", "reminders_plan_a", "audit_entry")


def at_work(staff: Staff) -> Worker:
    code = recovery_code.propose_recovery_code(staff)
    recovery_code.confirm_recovery_code(staff, code, code)
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE] = sessions.start(staff.org_id, staff.member_id, staff.keys.bundle_key)
    return Worker(staff, client)


def numbers(worker: Worker, table: str) -> set[str]:
    with office_transaction(worker.staff.org_id), connection.cursor() as cursor:
        cursor.execute(f"SELECT xmin::text FROM {table}")
        return {row[0] for row in cursor.fetchall()}


def keep(worker: Worker, case_id: UUID, text: str) -> str:
    sent = {
        "mark": drafts.derive_page_mark(worker.staff.keys.bundle_key),
        "page": reverse("cases:case", args=[case_id]),
        "action": reverse("cases:note_new", args=[case_id]),
        "fields": json.dumps({"text": [text]}),
        "changed": '["text"]',
    }
    return str(worker.client.post("/account/drafts/save/", sent).json()["draft"])


def test_a_draft_shares_no_transaction_number_with_a_case_and_names_no_member() -> None:
    ana = cast.found()
    cast.colleague_of(ana)
    workers = [at_work(ana), at_work(cast.signed_in("ben@office.test"))]
    opened = [cases.open_case(ana, cases.NewCase(name=name)) for name in ("Amina Diallo", "Jose Tuan", "Olena Koval")]
    for number, case_id in enumerate(opened * 2):
        worker = workers[number % 2]
        saved, _left = keep(worker, case_id, "Saved."), keep(worker, case_id, "Left.")
        answer = worker.client.post(
            reverse("cases:note_new", args=[case_id]), {"text": f"Saved {number}.", "draft_id": saved}
        )
        assert answer.status_code == 303
    of_drafts = numbers(workers[0], "accounts_draft")
    assert len(of_drafts) == 6, "what was saved is gone, each of the others was written in a transaction of its own"
    for table in OF_CASES:
        assert not of_drafts & numbers(workers[0], table), table
    for table in ("accounts_member", "accounts_session", "accounts_factor", "reminders_fire"):
        assert not of_drafts & numbers(workers[0], table), "a row that names a member is not written with a draft"


def test_drafts_of_one_member_have_nothing_in_common_that_a_copy_shows() -> None:
    """Two members, eight drafts each: neither ids nor lengths nor days tell which belong together."""
    ana = cast.found()
    cast.colleague_of(ana)
    workers = [at_work(ana), at_work(cast.signed_in("ben@office.test"))]
    case_id = cases.open_case(ana, cases.NewCase(name="Amina Diallo"))
    ids = [[UUID(keep(worker, case_id, f"Text {number}")).bytes for number in range(8)] for worker in workers]
    with office_transaction(ana.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT gone_on, length(sealed) FROM accounts_draft")
        assert len(cursor.fetchall()) == 1
    pairs = [*combinations(ids[0], 2), *combinations(ids[1], 2), *product(*ids)]
    same = [sum(x == y for x, y in zip(one, other, strict=True)) for one, other in pairs]
    assert max(same) <= 3, "of 16 bytes: what chance gives"
