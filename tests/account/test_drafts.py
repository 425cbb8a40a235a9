"""Text typed into a form and not saved: kept encrypted, found by its member alone, gone once the form is saved."""

import datetime as dt
import json
from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caseapp.accounts.drafts import draft_store
from caseapp.accounts.models import Member, Session, TypedDraft
from caseapp.accounts.signin import recovery_code, sessions
from caseapp.casefile import sharing
from caseapp.casefile.upkeep import housekeeping
from caseapp.cases.services import notes
from caseapp.lib import clock
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.core.inboxes import drafts
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.cast import WORDS
from tests.helpers.two_offices import NOW, Worker

pytestmark = pytest.mark.usefixtures("frozen")
TEXT = "Phoned; the passport is with his brother in Herat."
SAVE, OFFERS = "/account/drafts/save/", "/account/drafts/offers/"
AS_SCRIPT = {"Accept": "application/json"}


def mark_of(worker: Worker) -> str:
    return drafts.derive_page_mark(worker.staff.keys.bundle_key)


def typed(worker: Worker, case_id: UUID, text: str = TEXT, **more: str) -> Mapping[str, str]:
    """What the script sends while a note is typed on the page of a case."""
    return {
        "mark": mark_of(worker),
        "page": reverse("cases:case", args=[case_id]),
        "action": reverse("cases:note_new", args=[case_id]),
        "fields": json.dumps({"text": [text], "told_by": [""]}),
        "changed": json.dumps(["text"]),
        "focus": "text",
        **more,
    }


def kept(worker: Worker, case_id: UUID, text: str = TEXT, **more: str) -> UUID:
    answer = worker.client.post(SAVE, typed(worker, case_id, text, **more))
    assert answer.status_code == 200, answer.content
    return UUID(answer.json()["draft"])


def offered(worker: Worker, case_id: UUID) -> list[str]:
    sent = {
        "page": reverse("cases:case", args=[case_id]),
        "actions": json.dumps([reverse("cases:note_new", args=[case_id])]),
    }
    answer = worker.client.post(OFFERS, sent)
    assert answer.status_code == 200
    return [offer["draft"] for offer in json.loads(answer.content)["offers"]]


def rows(worker: Worker) -> list[TypedDraft]:
    with office_transaction(worker.staff.org_id):
        return list(TypedDraft.objects.filter(org_id=worker.staff.org_id))


def test_typed_text_is_kept_offered_on_its_page_and_restored(attorney: Worker, case_id: UUID) -> None:
    draft_id = kept(attorney, case_id)
    assert offered(attorney, case_id) == [str(draft_id)]
    answer = attorney.client.post(f"/account/drafts/{draft_id}/", headers=AS_SCRIPT)
    assert answer.json() == {"fields": {"text": [TEXT], "told_by": [""]}, "changed": ["text"], "focus": "text"}


def test_the_offer_says_when_the_text_was_typed(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(attorney, case_id)
    sent = {"page": "/", "actions": json.dumps([reverse("cases:note_new", args=[case_id])])}
    offer = attorney.client.post(OFFERS, sent).json()["offers"][0]
    assert "10:00" in offer["sentence"]  # 15:00 UTC in New York
    assert offer["is_recent"]
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=16))
    later = attorney.client.post("/sign-in/", {"email": "ana@office.test", "passphrase": WORDS})
    assert later.status_code == 303
    old = attorney.client.post(OFFERS, sent).json()["offers"][0]
    assert "Nov" in old["sentence"]
    assert not old["is_recent"], "after a night it is offered and not put back"


def test_typing_on_replaces_the_draft_and_keeps_its_row(attorney: Worker, case_id: UUID) -> None:
    draft_id = kept(attorney, case_id, "Phoned")
    assert kept(attorney, case_id, TEXT, draft_id=str(draft_id)) == draft_id
    assert len(rows(attorney)) == 1
    assert attorney.client.post(f"/account/drafts/{draft_id}/", headers=AS_SCRIPT).json()["fields"]["text"] == [TEXT]


def test_the_same_person_finds_the_text_on_another_device(attorney: Worker, case_id: UUID) -> None:
    draft_id = kept(attorney, case_id)
    phone = Client()
    assert phone.post("/sign-in/", {"email": "ana@office.test", "passphrase": WORDS}).status_code == 303
    assert TEXT in phone.get("/account/drafts/").content.decode()
    assert phone.post(f"/account/drafts/{draft_id}/", headers=AS_SCRIPT).json()["fields"]["text"] == [TEXT]


def test_a_saved_form_takes_its_draft_with_it(attorney: Worker, case_id: UUID) -> None:
    draft_id, other = kept(attorney, case_id), kept(attorney, case_id, "Another")
    saved = attorney.client.post(reverse("cases:note_new", args=[case_id]), {"text": TEXT, "draft_id": str(draft_id)})
    assert saved.status_code == 303
    assert [row.id for row in rows(attorney)] == [other]


def test_a_page_that_answers_after_a_save_takes_the_draft_with_it_too(attorney: Worker) -> None:
    invite = reverse("team:invite")
    answer = attorney.client.post(SAVE, {**typed(attorney, UUID(int=0)), "page": invite, "action": invite})
    asked = {
        "email": "vera@office.test",
        "name": "Vera Lind",
        "role": "volunteer",
        "language": "en",
        "delivery": "hand",
    }
    shown = attorney.client.post(invite, {**asked, "draft_id": answer.json()["draft"]})
    assert shown.status_code == 200
    with office_transaction(attorney.staff.org_id):
        assert not TypedDraft.objects.exists()


def test_a_save_that_fails_keeps_the_draft(attorney: Worker, case_id: UUID) -> None:
    draft_id = kept(attorney, case_id)
    failed = attorney.client.post(reverse("cases:note_new", args=[case_id]), {"text": "  ", "draft_id": str(draft_id)})
    assert failed.status_code == 422
    assert f'data-sent-draft="{draft_id}"' in failed.content.decode(), "the page goes on with the same draft"
    assert offered(attorney, case_id) == [str(draft_id)]


def test_a_conflict_keeps_the_draft(attorney: Worker, case_id: UUID) -> None:
    note_id = notes.add_note(attorney.staff, case_id, text="First.")
    path = reverse("cases:note", args=[case_id, note_id])
    notes.change_note(attorney.staff, case_id, note_id, text="Of a colleague.", version=1)
    draft_id = kept(attorney, case_id, action=path)
    answer = attorney.client.post(path, {"version": "1", "text": TEXT, "draft_id": str(draft_id)})
    assert answer.status_code == 409
    assert TEXT in answer.content.decode()
    assert "Of a colleague." in answer.content.decode()
    assert [row.id for row in rows(attorney)] == [draft_id]
    again = {"version": "2", "text": TEXT, "draft_id": str(draft_id)}
    assert attorney.client.post(path, again).status_code == 303
    assert rows(attorney) == []


def test_a_form_sent_while_locked_is_kept_and_offered_after_unlocking(attorney: Worker, case_id: UUID) -> None:
    attorney.client.post("/lock/")
    answer = attorney.client.post(reverse("cases:note_new", args=[case_id]), {"text": TEXT, "told_by": "Farid"})
    assert answer.status_code == 401
    assert TEXT in answer.content.decode(), "the page carries it too"
    assert attorney.client.post("/unlock/", {"passphrase": WORDS}).status_code == 303
    (draft_id,) = offered(attorney, case_id)
    assert f'name="draft_id" value="{draft_id}"' in answer.content.decode(), "sending it again deletes the draft"
    assert attorney.client.post(f"/account/drafts/{draft_id}/", headers=AS_SCRIPT).json()["fields"] == {
        "text": [TEXT],
        "told_by": ["Farid"],
    }


def test_text_that_arrives_after_the_lock_is_kept(attorney: Worker, case_id: UUID) -> None:
    attorney.client.post("/lock/")
    kept(attorney, case_id)
    attorney.client.post("/unlock/", {"passphrase": WORDS})
    assert len(offered(attorney, case_id)) == 1


def test_the_inbox_of_a_locked_session_opens_no_draft(attorney: Worker, case_id: UUID) -> None:
    kept(attorney, case_id)
    attorney.client.post("/lock/")
    _, inbox = sessions.draft_inbox_of_session(attorney.client.cookies[settings.SESSION_COOKIE].value)
    row = rows(attorney)[0]
    for key in (inbox.ids_key, inbox.public[:32], inbox.public[-32:]):
        with pytest.raises(OpenFailed):
            drafts.open_draft(drafts.derive_private_key(key), row.org_id, row.id, bytes(row.sealed))
    assert attorney.client.post(OFFERS, {"actions": "[]"}).status_code == 401
    assert attorney.client.post(f"/account/drafts/{row.id}/", headers=AS_SCRIPT).status_code == 401


def test_a_draft_is_no_activity_and_does_not_put_off_the_idle_lock(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Session.objects.get().seen_at
    cookie = attorney.client.cookies[settings.SESSION_COOKIE].value
    for minutes in range(6, 21, 2):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: NOW + dt.timedelta(minutes=minutes))
        kept(attorney, case_id, f"After {minutes} minutes")
        offered(attorney, case_id)
    assert Session.objects.get().seen_at == seen
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=21))
    assert attorney.client.get("/").headers["Location"] == "/unlock/"
    assert attorney.client.cookies[settings.SESSION_COOKIE].value == cookie


def test_a_draft_never_renews_the_cookie(attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to a request that a page sends while it is closed is lost, and a new cookie with it."""
    for minutes in range(0, 66, 10):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: NOW + dt.timedelta(minutes=minutes))
        if minutes < 60:
            attorney.client.get("/account/")
    answer = attorney.client.post(SAVE, typed(attorney, case_id))
    assert answer.status_code == 200
    assert settings.SESSION_COOKIE not in answer.cookies


def test_a_draft_of_another_member_is_not_found(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    draft_id = kept(attorney, case_id)
    with office_transaction(attorney.staff.org_id):
        moved = TypedDraft.objects.get(id=draft_id)
    for path in (f"/account/drafts/{draft_id}/", f"/account/drafts/{draft_id}/discard/"):
        assert outsider.client.post(path, headers=AS_SCRIPT).status_code == 404
        assert attorney.client.post(f"/account/drafts/{uuid4()}/", headers=AS_SCRIPT).status_code == 404
    # The sealed text, moved to an id of the other member in the other office, opens for neither.
    theirs = drafts.derive_inbox(outsider.staff.keys.bundle_key).row_id(NOW.date(), 0)
    with office_transaction(outsider.staff.org_id):
        TypedDraft.objects.create(org_id=outsider.staff.org_id, id=theirs, sealed=moved.sealed, gone_on=moved.gone_on)
    assert outsider.client.post(f"/account/drafts/{theirs}/", headers=AS_SCRIPT).status_code == 404
    assert [row.id for row in rows(attorney)] == [draft_id]


def test_text_of_a_page_of_another_member_never_becomes_a_draft_of_this_one(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    sent = {**typed(attorney, case_id), "mark": mark_of(outsider)}
    assert attorney.client.post(SAVE, sent).status_code == 409
    assert rows(attorney) == []


def test_without_a_session_nothing_is_stored(attorney: Worker, case_id: UUID) -> None:
    stranger = Client()
    assert stranger.post(SAVE, typed(attorney, case_id)).status_code == 401
    assert stranger.get("/account/drafts/").status_code == 302
    assert rows(attorney) == []


@pytest.mark.parametrize("path", [SAVE, OFFERS, "/account/drafts/{id}/", "/account/drafts/{id}/discard/"])
def test_a_draft_is_never_written_or_read_by_get(attorney: Worker, case_id: UUID, path: str) -> None:
    draft_id = kept(attorney, case_id)
    assert attorney.client.get(path.format(id=draft_id)).status_code == 405
    assert [row.id for row in rows(attorney)] == [draft_id]


def test_drafts_need_the_form_token(attorney: Worker, case_id: UUID) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies[settings.SESSION_COOKIE] = attorney.client.cookies[settings.SESSION_COOKIE].value
    assert strict.post(SAVE, typed(attorney, case_id)).status_code == 403
    assert rows(attorney) == []


def test_a_text_that_is_too_long_is_refused_with_a_sentence_and_keeps_the_last_draft(
    attorney: Worker, case_id: UUID
) -> None:
    draft_id = kept(attorney, case_id)
    answer = attorney.client.post(SAVE, typed(attorney, case_id, "w" * 270_000, draft_id=str(draft_id)))
    assert answer.status_code == 413
    assert "too long to be kept" in answer.json()["sentence"]
    assert attorney.client.post(f"/account/drafts/{draft_id}/", headers=AS_SCRIPT).json()["fields"]["text"] == [TEXT]
    assert attorney.client.post(SAVE, typed(attorney, case_id, "w" * 1_100_000)).status_code == 413


def test_the_longest_note_in_any_script_fits_a_draft(attorney: Worker, case_id: UUID) -> None:
    kept(attorney, case_id, "語" * 50_000)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": "no"},
        {"fields": '{"text": "no list"}'},
        {"fields": json.dumps({f"f{number}": [""] for number in range(301)})},
        {"fields": json.dumps({"n" * 201: ["x"]})},
        {"changed": "{}"},
        {"page": "https://elsewhere.test/"},
        {"action": "//elsewhere.test/"},
        {"action": ""},
        {"draft_id": "no-id"},
    ],
)
def test_what_is_not_a_draft_is_refused(attorney: Worker, case_id: UUID, wrong: Mapping[str, str]) -> None:
    assert attorney.client.post(SAVE, {**typed(attorney, case_id), **wrong}).status_code == 400
    assert rows(attorney) == []


def test_secrets_are_never_kept_whatever_a_page_sends(attorney: Worker, case_id: UUID) -> None:
    names = ("passphrase", "words", "again", "typed", "code", "app-code", "proof", "csrfmiddlewaretoken")
    fields = {name: ["harbor candle orchard"] for name in names} | {"text": [TEXT]}
    draft_id = kept(attorney, case_id, fields=json.dumps(fields), changed=json.dumps([*names, "text"]))
    answer = attorney.client.post(f"/account/drafts/{draft_id}/", headers=AS_SCRIPT).json()
    assert answer["fields"] == {"text": [TEXT]}
    assert answer["changed"] == ["text"]


def test_a_member_has_at_most_twelve_drafts_and_a_new_one_replaces_the_first_begun(
    attorney: Worker, case_id: UUID
) -> None:
    ids = [kept(attorney, case_id, f"Text {number}") for number in range(20)]
    assert {row.id for row in rows(attorney)} == set(ids[-12:])
    assert len(set(ids)) == 20, "an id is not taken again for the next text"


def test_a_draft_goes_after_seven_days(attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(attorney, case_id)
    assert rows(attorney)[0].gone_on == dt.date(2026, 12, 1)
    with office_transaction(attorney.staff.org_id):
        monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=6))
        housekeeping.delete_expired()
    assert len(rows(attorney)) == 1
    with office_transaction(attorney.staff.org_id):
        monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=7))
        housekeeping.delete_expired()
    assert rows(attorney) == []


def test_a_draft_opens_in_its_own_row_only(attorney: Worker, case_id: UUID) -> None:
    first, second = kept(attorney, case_id), kept(attorney, case_id, "Another")
    with office_transaction(attorney.staff.org_id):
        sealed = TypedDraft.objects.get(id=first).sealed
        TypedDraft.objects.filter(id=second).update(sealed=sealed)
    assert offered(attorney, case_id) == [str(first)]
    assert attorney.client.post(f"/account/drafts/{second}/", headers=AS_SCRIPT).status_code == 404


def test_a_row_names_no_member_case_page_or_time(attorney: Worker, case_id: UUID) -> None:
    first = kept(attorney, case_id)
    second = kept(attorney, case_id, "x")
    known = [attorney.staff.member_id.bytes, case_id.bytes, TEXT.encode(), b"/cases/", b"told_by"]
    for row in rows(attorney):
        stored = row.id.bytes + bytes(row.sealed)
        assert not [one for one in known if one in stored or one.hex().encode() in stored]
    assert len({len(bytes(row.sealed)) for row in rows(attorney)}) == 1, "one size for short texts"
    assert first.bytes[:8] != second.bytes[:8]
    assert [field.name for field in TypedDraft._meta.concrete_fields] == ["org_id", "id", "sealed", "gone_on"]


def test_typed_text_stands_in_no_table_in_clear(attorney: Worker, case_id: UUID) -> None:
    kept(attorney, case_id)
    attorney.client.post("/lock/")
    attorney.client.post(reverse("cases:note_new", args=[case_id]), {"text": TEXT})
    with office_transaction(attorney.staff.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                for needle in ("Herat", b"Herat".hex(), "told_by", b"told_by".hex(), b"notes/new".hex()):
                    assert needle not in row, table


def test_a_session_of_an_older_program_still_keeps_the_text_in_the_page(attorney: Worker, case_id: UUID) -> None:
    Session.objects.update(draft_inbox=b"")
    attorney.client.post("/lock/")
    assert attorney.client.post(SAVE, typed(attorney, case_id)).status_code == 401
    answer = attorney.client.post(reverse("cases:note_new", args=[case_id]), {"text": TEXT})
    assert (answer.status_code, TEXT in answer.content.decode()) == (401, True)
    assert rows(attorney) == []


def test_the_clock_sees_when_a_draft_goes_and_not_what_it_says(attorney: Worker, case_id: UUID) -> None:
    kept(attorney, case_id)
    with acting_as("clock"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT gone_on FROM accounts_draft")
        assert cursor.fetchall() == [(dt.date(2026, 12, 1),)]
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with acting_as("clock"), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM accounts_draft")


def test_sizes_are_of_five_classes(attorney: Worker, case_id: UUID) -> None:
    for number in range(1, 12):
        kept(attorney, case_id, "w" * (3**number))
    assert len({len(bytes(row.sealed)) for row in rows(attorney)}) <= 5


def test_no_key_of_the_server_makes_the_id_of_a_draft(attorney: Worker, case_id: UUID) -> None:
    from caseapp.vault import server_keys
    from caseapp.vault.core import primitives
    from caseapp.vault.core.labels import LABELS

    draft_id = kept(attorney, case_id)
    member, day = attorney.staff.member_id.bytes, NOW.date().toordinal().to_bytes(4, "big")
    for key in (server_keys.operational_key(), member, case_id.bytes, primitives.digest(member)):
        for derived in (key, primitives.expand(key, LABELS["draft ids"])):
            inbox = drafts.DraftInbox(derived, b"")
            assert draft_id not in {inbox.row_id(NOW.date(), number) for number in range(draft_store.PLACES)}
            assert primitives.mac(derived, LABELS["draft row"], member, day)[:16] != draft_id.bytes


def test_a_draft_is_stored_and_deleted_outside_the_transaction_of_a_case(attorney: Worker, case_id: UUID) -> None:
    with CaptureQueriesContext(connection) as storing:
        draft_id = kept(attorney, case_id)
    assert not [sql for sql in _statements_of(storing) if "vault_" in sql or "index_" in sql]
    with CaptureQueriesContext(connection) as saving:
        attorney.client.post(reverse("cases:note_new", args=[case_id]), {"text": TEXT, "draft_id": str(draft_id)})
    statements = _statements_of(saving)
    deleted = next(place for place, sql in enumerate(statements) if "accounts_draft" in sql)
    last_write = max(place for place, sql in enumerate(statements) if "vault_" in sql or "index_" in sql)
    between = [sql.split()[0] for sql in statements[last_write:deleted]]
    assert last_write < deleted
    # The case's transaction has ended (all that was begun has been released) before the draft's begins.
    assert _depth(statements[:deleted]) == 1
    assert between.index("RELEASE") < len(between) - 1 - between[::-1].index("SAVEPOINT")


def _statements_of(queries: CaptureQueriesContext) -> list[str]:
    """What was asked; naming the office, which looks whether it is being removed, is left out."""
    return [query["sql"] for query in queries if "set_config" not in query["sql"]]


def _depth(statements: list[str]) -> int:
    """How many transactions are open after these statements; the test's own is not counted."""
    words = [sql.split()[0] for sql in statements]
    return words.count("SAVEPOINT") - words.count("RELEASE") - words.count("ROLLBACK")


@pytest.fixture
def ben(attorney: Worker) -> Worker:
    """In the same team."""
    cast.colleague_of(attorney.staff)
    staff = cast.signed_in("ben@office.test")
    code = recovery_code.propose_recovery_code(staff)
    recovery_code.confirm_recovery_code(staff, code, code)
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE] = sessions.start(staff.org_id, staff.member_id, staff.keys.bundle_key)
    return Worker(staff, client)


def test_a_colleague_of_the_same_office_never_finds_the_draft(attorney: Worker, ben: Worker, case_id: UUID) -> None:
    draft_id = kept(attorney, case_id)
    assert ben.client.get(reverse("cases:case", args=[case_id])).status_code == 200
    assert offered(ben, case_id) == []
    assert TEXT not in ben.client.get("/account/drafts/").content.decode()
    assert ben.client.post(f"/account/drafts/{draft_id}/", headers=AS_SCRIPT).status_code == 404
    assert ben.client.post(f"/account/drafts/{draft_id}/discard/", headers=AS_SCRIPT).status_code == 404
    assert [row.id for row in rows(attorney)] == [draft_id]


@pytest.mark.parametrize("way", ["offers", "list", "restore", "restore without scripts"])
def test_a_draft_about_a_case_that_was_walled_off_is_discarded_and_never_shown(
    attorney: Worker, ben: Worker, case_id: UUID, way: str
) -> None:
    draft_id = kept(ben, case_id)
    sharing.restrict_to_members(attorney.staff, case_id, [])
    assert ben.client.get(reverse("cases:case", args=[case_id])).status_code == 404
    if way == "offers":
        assert offered(ben, case_id) == []
    elif way == "list":
        assert TEXT not in ben.client.get("/account/drafts/").content.decode()
    else:
        headers = AS_SCRIPT if way == "restore" else {}
        answer = ben.client.post(f"/account/drafts/{draft_id}/", headers=headers)
        assert answer.status_code == 404
        assert TEXT not in answer.content.decode()
    assert rows(ben) == []


def test_a_draft_about_a_hearing_follows_the_access_to_its_case(
    attorney: Worker, ben: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    path = reverse("hearings:outcome", args=[hearing_id])
    kept(ben, case_id, page=path, action=path)
    kept(attorney, case_id, page=path, action=path)
    sharing.restrict_to_members(attorney.staff, case_id, [])
    assert TEXT not in ben.client.get("/account/drafts/").content.decode()
    assert TEXT in attorney.client.get("/account/drafts/").content.decode()
    assert len(rows(ben)) == 1, "only the lead's is left"


def test_after_removal_no_key_opens_a_draft_and_housekeeping_deletes_it(attorney: Worker, case_id: UUID) -> None:
    from caseapp.accounts.members import removal

    kept(attorney, case_id)
    with office_transaction(attorney.staff.org_id):
        removal.end_access(attorney.staff.org_id, attorney.staff.member_id)
        assert bytes(Member.objects.get(id=attorney.staff.member_id).bundle) == b""
        draft_store.delete_expired(NOW.date() + dt.timedelta(days=7))
    assert rows(attorney) == []


def test_without_scripts_a_draft_is_restored_as_a_form_that_can_be_sent(attorney: Worker, case_id: UUID) -> None:
    draft_id = kept(attorney, case_id)
    page = attorney.client.post(f"/account/drafts/{draft_id}/").content.decode()
    action = reverse("cases:note_new", args=[case_id])
    assert f'action="{action}"' in page
    assert TEXT in page
    saved = attorney.client.post(action, {"text": TEXT, "told_by": "", "draft_id": str(draft_id)})
    assert saved.status_code == 303
    assert rows(attorney) == []
    assert "Nothing is waiting" in attorney.client.get("/account/drafts/").content.decode()


def test_a_discarded_draft_is_gone(attorney: Worker, case_id: UUID) -> None:
    draft_id = kept(attorney, case_id)
    assert attorney.client.post(f"/account/drafts/{draft_id}/discard/").headers["Location"] == "/account/drafts/"
    assert rows(attorney) == []
    assert attorney.client.post(f"/account/drafts/{draft_id}/discard/", headers=AS_SCRIPT).status_code == 404


def test_the_list_of_drafts_covers_the_text_while_names_are_covered(attorney: Worker, case_id: UUID) -> None:
    kept(attorney, case_id)
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    assert "Herat" not in attorney.client.get("/account/drafts/").content.decode()


def test_the_restored_page_of_a_member_is_hidden_from_others_by_the_role_check_too(stranger: Client) -> None:
    assert stranger.post(f"/account/drafts/{uuid4()}/").status_code == 401
