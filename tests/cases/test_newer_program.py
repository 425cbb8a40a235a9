"""A record that a newer program wrote is shown as far as it is known, and never saved over or thrown away."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from uuid import UUID

import msgspec
import pytest
from django.db import connection
from django.urls import reverse

from caseapp.cases.services import closing, notes
from caseapp.lib.errors import Refused
from caseapp.records.case import Case
from caseapp.records.note import Note
from caseapp.vault import registry
from caseapp.vault.registry import Record
from tests.helpers.two_offices import Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
NOTICE = "A newer version of Caseapp wrote a part of this case."
REFUSAL = "A newer version of Caseapp wrote a part of this."
Fields = Callable[[dict[str, object]], dict[str, object]]


@contextmanager
def newer_program(kind: type[Record], change: Fields) -> Generator[None]:
    """Write records of a kind as the next schema of it writes them."""
    encode = registry.encode_record

    def encode_newer(record: Record) -> bytes:
        plain = encode(record)
        return msgspec.msgpack.encode(change(msgspec.msgpack.decode(plain))) if type(record) is kind else plain

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "UPGRADES", kind.UPGRADES | {kind.SCHEMA: registry.keep_fields})
        patch.setattr(kind, "SCHEMA", kind.SCHEMA + 1)
        patch.setattr(registry, "encode_record", encode_newer)
        yield


def stored(case_id: UUID) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, version, sealed FROM vault_record WHERE case_id = %s ORDER BY id", [case_id])
        return [(row[0], row[1], bytes(row[2])) for row in cursor.fetchall()]


def page_of(worker: Worker, case_id: UUID) -> tuple[int, str]:
    answer = worker.client.get(reverse("cases:case", args=[case_id]))
    return answer.status_code, answer.content.decode()


def nothing_can_be_saved(worker: Worker, case_id: UUID) -> None:
    before = stored(case_id)
    sent = worker.client.post(
        reverse("cases:note_new", args=[case_id]), {"text": "Written by the older.", "told_by": "", "kind": "note"}
    )
    assert sent.status_code == 422
    assert REFUSAL in sent.content.decode()
    with pytest.raises(Refused, match="newer"):
        notes.add_note(worker.staff, case_id, text="By the service.", told_by="")
    for act in ("restore", "accept"):
        worker.client.post(reverse("cases:restore", args=[case_id]), {"act": act, "reason": "It looks damaged."})
    with pytest.raises(Refused, match="newer"):
        closing.refuse_unless_destroyable(worker.staff, worker.file(case_id))
    assert stored(case_id) == before


def test_a_note_with_a_field_of_a_newer_program_is_shown_and_the_case_is_not_saved_over(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    with newer_program(Note, lambda fields: fields | {"mood": "hopeful"}):
        notes.add_note(attorney.staff, case_id, text="Phoned about the passport.", told_by="")
    status, page = page_of(attorney, case_id)
    assert status == 200
    assert "Phoned about the passport." in page
    assert NOTICE in page
    assert "Decide which state is right" not in page
    nothing_can_be_saved(attorney, case_id)
    assert page_of(outsider, case_id)[0] == 404


def test_a_note_that_this_program_cannot_read_is_left_out_and_never_thrown_away(
    attorney: Worker, case_id: UUID
) -> None:
    with newer_program(Note, lambda fields: fields | {"text": ["parts", "of", "a text"]}):
        notes.add_note(attorney.staff, case_id, text="Phoned.", told_by="")
    status, page = page_of(attorney, case_id)
    assert (status, NOTICE in page, "Decide which state is right" in page) == (200, True, False)
    file = attorney.file(case_id)
    assert (len(file.newer), file.damaged) == (1, ())
    nothing_can_be_saved(attorney, case_id)


def test_a_case_whose_own_record_is_of_a_newer_program_says_so_and_is_no_missing_one(
    attorney: Worker, case_id: UUID
) -> None:
    with newer_program(Case, lambda fields: fields | {"ref": 7}):
        closing.set_hold(attorney.staff, case_id, reason="A preservation letter arrived.")
    before = stored(case_id)
    status, page = page_of(attorney, case_id)
    assert status == 503
    assert "A newer version of Caseapp wrote this" in page
    sent = attorney.client.post(reverse("cases:note_new", args=[case_id]), {"text": "x", "told_by": "", "kind": "note"})
    assert sent.status_code == 503
    assert stored(case_id) == before


def test_after_the_newer_program_is_back_the_case_is_as_it_left_it(attorney: Worker, case_id: UUID) -> None:
    with newer_program(Note, lambda fields: fields | {"mood": "hopeful"}):
        notes.add_note(attorney.staff, case_id, text="Phoned.", told_by="")
    nothing_can_be_saved(attorney, case_id)
    with newer_program(Note, lambda fields: fields | {"mood": "hopeful"}):
        assert NOTICE not in page_of(attorney, case_id)[1]
        notes.add_note(attorney.staff, case_id, text="Written by the newer.", told_by="")
