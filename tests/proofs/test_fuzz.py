"""Whatever is moved, flipped or replayed in the database: what is read raises, names it, or is still the truth.

One property for every table that holds something sealed. A sealed value is overwritten by that of another row, or one
of its bits is flipped, or a value it had earlier is put back; then everything is read as pages and tasks read it.

A value that is a whole truth of its own and stands alone in its row opens when its own older value is put back: nothing
inside the database can tell (`ALONE`; docs/security.md, "How it is checked"). Those are moved and flipped only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseapp.accounts.directory import opt_out_inbox, team_members
from caseapp.accounts.drafts import draft_store, saved_views, sent_forms
from caseapp.accounts.drafts.draft_store import TypedText
from caseapp.accounts.drafts.saved_views import SavedView
from caseapp.accounts.drafts.sent_forms import ReceivedForm
from caseapp.accounts.keys import office_file
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import SavedViews, Stop, TypedDraft
from caseapp.accounts.signin import preferences, sessions
from caseapp.cases.services import cases as cases_services
from caseapp.cases.services import notes as cases
from caseapp.conflicts.services import checks, content, officer
from caseapp.conflicts.services.content import AskedPerson
from caseapp.deadlines.services import acts
from caseapp.index import cache, reader
from caseapp.lib import clock
from caseapp.lib.errors import CaseappError
from caseapp.moving.services.importing import import_store
from caseapp.reminders import recipients
from caseapp.reminders.planning import plan
from caseapp.vault import past_versions, server_keys, store
from caseapp.vault.core import operational, primitives
from caseapp.vault.core.inboxes import drafts, list_views
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.conflicts.offices import filed_people
from tests.helpers import cast
from tests.moving.importing_world import case_plan, checked_import

pytestmark = pytest.mark.django_db

# (table, sealed column): columns that tell a row from the others.
SEALED = {
    ("vault_record", "sealed"): "id",
    ("vault_past", "sealed"): "id, version",
    ("vault_case", "wraps"): "case_id, kver",
    ("index_part", "sealed"): "group_id, hi, chunk",
    ("accounts_member", "bundle"): "id",
    ("accounts_member", "profile"): "id",
    ("accounts_session", "sealed"): "key",
    ("accounts_session", "whose"): "key",
    ("accounts_session", "draft_inbox"): "key",
    ("accounts_roster", "sealed"): "group_id",
    ("accounts_stop", "sealed"): "id",
    ("accounts_draft", "sealed"): "id",
    ("accounts_form", "sealed"): "id",
    ("accounts_view", "sealed"): "id",
    ("reminders_plan_a", "sealed"): "id",
    ("reminders_channel", "sealed"): "member_id",
    ("index_conflict_part", "sealed"): "number, chunk",
    **{("conflicts_request", column): "id" for column in ("sealed", "copy", "answer", "entry")},
    ("moving_import", "sealed"): "id",
    ("moving_part", "sealed"): "import_id, number",
}
FORM_PATHS = ("/cases/new/", "/team/invite/")
ALONE = {
    ("accounts_member", "profile"),
    ("accounts_member", "bundle"),
    ("accounts_view", "sealed"),
    ("reminders_channel", "sealed"),
}
Rows = dict[str, bytes]  # which row, as text: its sealed value


@dataclass
class World:
    """An office, how each thing in it reads, and the values that stood there before the last changes."""

    staff: Staff
    token: str
    readings: dict[str, Callable[[], object]]
    truth: dict[str, object] = field(default_factory=dict)
    earlier: dict[tuple[str, str], Rows] = field(default_factory=dict)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(plan, "_request_merge", lambda: None)
    ana = cast.found()
    cast.colleague_of(ana)
    token = sessions.start(ana.org_id, ana.member_id, ana.keys.bundle_key)
    sessions.start(ana.org_id, ana.member_id, ana.keys.bundle_key)
    opened = [
        cases_services.open_case(ana, cases_services.NewCase(name=name, story="Told."))
        for name in ("Amina Diallo", "Jose Tuan")
    ]
    with office_transaction(ana.org_id):
        hook = opt_out_inbox.find_hook(opt_out_inbox.create_address(ana.keys))
    for number in ("+12125550122", "+12125550133"):
        opt_out_inbox.store_opt_out(hook, number)
    for text in ("Her brother Idris.", "Her sister Nilofar."):
        typed = TypedText(page="/", action="/", fields={"text": [text]}, changed=("text",), typed_at=clock.now())
        draft_store.store_draft(ana.org_id, drafts.derive_inbox(ana.keys.bundle_key), typed)
    for path in FORM_PATHS:
        with office_transaction(ana.org_id):
            sent_forms.store_answer(_sent_form(ana, path), path)
    saved_views.save_view(ana.keys, SavedView(id=uuid4(), name="Dari, Newark", language="dari"))
    with office_transaction(ana.org_id):  # another member's
        row, views = uuid4(), list_views.seal_views(primitives.new_key(), ana.org_id, uuid4(), b"theirs")
        SavedViews.objects.create(org_id=ana.org_id, id=row, sealed=views)
    notes = [cases.add_note(ana, case, text="first") for case in opened]
    asked = [_answered_check(ana, case) for case in opened]
    imports = [checked_import(ana, [case_plan(number), case_plan(number + 1)], size=1) for number in (1, 3)]
    here = World(ana, token, _readings(ana, token, opened) | _readings_of_moving(ana, asked, imports))
    with office_transaction(ana.org_id):
        here.earlier = {place: _rows(*place) for place in SEALED}
    for case, note in zip(opened, notes, strict=True):
        cases.change_note(ana, case, note, text="second", version=1)
        due = clock.today(ana.zone) + timedelta(days=40)
        acts.set_by_hand(ana, case, what="Brief", due_on=due, severity="fatal", reason="order")
    preferences.save(ana, language="fr")
    saved_views.save_view(ana.keys, SavedView(id=uuid4(), name="Mam", language="mam"))
    here.truth = {name: read() for name, read in here.readings.items()}
    return here


def _readings(ana: Staff, token: str, opened: list[Any]) -> dict[str, Callable[[], object]]:
    return {f"case {number}": partial(_case, ana, case) for number, case in enumerate(opened)} | {
        "office file": lambda: office_file.read_office(ana.keys),
        "index": lambda: _index(ana),
        "roster": lambda: team_members.members_of_group(ana.keys, ana.keys.teams[0].group),
        "session": lambda: _told(sessions.open(token)),
        "stops": lambda: _stops(ana),
        "drafts": lambda: _drafts(ana),
        "sent forms": lambda: _sent_forms(ana),
        "saved views": lambda: _views(ana),
        "draft inbox": lambda: sessions.draft_inbox_of_session(token),
        "channels": lambda: recipients.get(ana.org_id, ana.member_id),
        "plans": lambda: _plans(ana),
    }


def _readings_of_moving(ana: Staff, asked: list[UUID], imports: list[UUID]) -> dict[str, Callable[[], object]]:
    return {
        "conflict checks": lambda: [_check(ana, row) for row in asked],
        "conflict index": lambda: filed_people(ana),
        "imports": lambda: [
            (import_store.open_import(ana, each), list(import_store.read_parts(ana, each))) for each in imports
        ],
    }


def _answered_check(ana: Staff, case: UUID) -> UUID:
    row = checks.ask(ana, content.SEARCH, [AskedPerson(names=(f"Person of {case}",))])
    officer.answer_check(ana, row, decision="cleared", sentence=f"Read {row}", reason=f"Of {case}", shown=0)
    return row


def _check(ana: Staff, row: UUID) -> object:
    """What the officer and the asker read of a check."""
    own = checks.own_check(ana.keys, row)
    if own is None or own.answer is None:
        raise OpenFailed("a copy or an answer does not open: it is left out, or waits")
    return officer.open_check(ana, row), own


def _case(ana: Staff, case: Any) -> tuple[frozenset[object], frozenset[object]]:
    """(what the case says now and said before, what of it is missing and named)."""
    file = store.open_file(ana.keys, case)
    said = {(entry.id, entry.version, msgspec.json.encode(entry.record)) for entry in file.entries.values()}
    for record, version, _ in file.head.past:
        said.add((record, version, msgspec.json.encode(past_versions.past_version(file, record, version))))
    return frozenset(said), frozenset(file.damaged)


def _index(ana: Staff) -> object:
    cache.drop_all()
    return {case: msgspec.json.encode(row) for case, row in reader.open_view(ana.keys).all_rows()}


def _stops(ana: Staff) -> object:
    with office_transaction(ana.org_id):
        told = opt_out_inbox.read_opt_outs(ana.keys)
        if len(told) < Stop.objects.count():
            raise OpenFailed("a stop does not open; it is logged, and the others count")
    return sorted(one.number for one in told)


def _drafts(ana: Staff) -> object:
    kept = draft_store.list_drafts(ana.keys)
    with office_transaction(ana.org_id):
        if len(kept) < TypedDraft.objects.count():
            raise OpenFailed("a draft does not open; it is left out, and the others count")
    return sorted((draft.id, draft.text.fields["text"][0]) for draft in kept)


def _sent_form(ana: Staff, path: str) -> ReceivedForm:
    return sent_forms.receive_form(ana.keys, path=path, mark=bytes(16), content=b"typed")


def _views(ana: Staff) -> object:
    return saved_views.read_views(ana.keys)


def _sent_forms(ana: Staff) -> object:
    with office_transaction(ana.org_id):
        answers = [sent_forms.find_answer(_sent_form(ana, path)) for path in FORM_PATHS]
    if any(answer is None or answer.path == sent_forms.BEGUN for answer in answers):
        raise OpenFailed("a form whose row does not open: the member is asked, and nothing is saved twice")
    return answers


def _told(staff: Staff) -> object:
    return staff.member_id, staff.name, staff.role, staff.is_admin, staff.language, staff.keys.keyring.encode()


def _plans(ana: Staff) -> object:
    rows = _ask("SELECT id, sealed FROM reminders_plan_a ORDER BY id")
    key = server_keys.plan_key_of_today()
    return [operational.open_plan(key, ana.org_id, row, bytes(sealed)) for row, sealed in rows]


def _ask(statement: str, *values: str | bytes) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def _rows(table: str, column: str) -> Rows:
    found = _ask(f"SELECT ({SEALED[table, column]})::text, {column} FROM {table} ORDER BY 1")
    return {row: bytes(value) for row, value in found if value}


def _is_sound(world: World, name: str) -> bool:
    """Whether a thing reads as it should after the damage: an error, the truth, or less with the rest named."""
    try:
        read: Any = world.readings[name]()
    except CaseappError:
        return True
    truth: Any = world.truth[name]
    if name.startswith("case "):
        said, damaged = read
        missing = {record for record, version, _ in truth[0] - said}
        return bool(said <= truth[0] and missing <= damaged)
    return bool(read == truth)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(draw=st.data())
def test_damage_is_raised_or_named_and_never_read_as_something_else(world: World, draw: st.DataObject) -> None:
    place = draw.draw(st.sampled_from(sorted(SEALED)))
    with transaction.atomic(), office_transaction(world.staff.org_id):
        rows = _rows(*place)
        row = draw.draw(st.sampled_from(sorted(rows)))
        value = draw.draw(_damage(world, place, row, rows))
        table, column = place
        _ask(f"UPDATE {table} SET {column} = %s WHERE ({SEALED[place]})::text = %s", value, row)
        unsound = [name for name in world.readings if not _is_sound(world, name)]
        transaction.set_rollback(True)
    cache.drop_all()
    assert unsound == []


def _damage(world: World, place: tuple[str, str], row: str, rows: Rows) -> st.SearchStrategy[bytes]:
    sealed = rows[row]
    ways = [st.integers(0, 8 * len(sealed) - 1).map(lambda bit: _flipped(sealed, bit))]
    others = [value for other, value in rows.items() if other != row]
    if others:
        ways.append(st.sampled_from(others))
    before = world.earlier[place].get(row)
    if before not in {None, sealed} and place not in ALONE:
        ways.append(st.just(before or b""))
    return st.one_of(ways)


def _flipped(sealed: bytes, bit: int) -> bytes:
    damaged = bytearray(sealed)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def test_every_kind_of_damage_is_there_to_be_tried(world: World) -> None:
    with office_transaction(world.staff.org_id):
        now = {place: _rows(*place) for place in SEALED}
    assert all(now.values()), "each table has rows"
    changed = {place for place in SEALED if any(now[place].get(r) != v for r, v in world.earlier[place].items())}
    assert {("vault_record", "sealed"), ("accounts_member", "profile")} <= changed
    assert {place for place, rows in now.items() if len(rows) > 1} >= set(SEALED) - {("accounts_roster", "sealed")}
