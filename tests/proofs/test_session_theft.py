"""Half of a session is worth nothing: the database with all server secrets but no cookie, or the cookie alone."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from caseapp.accounts.errors import SessionGone
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Session
from caseapp.accounts.signin import sessions
from caseapp.cases.services import cases
from caseapp.reminders.planning import plan
from caseapp.vault import server_keys
from caseapp.vault.core import session
from caseapp.vault.errors import OpenFailed
from tests.helpers import cast
from tests.helpers.attacker import Sealed, keys_from, opened
from tests.proofs.seizure import Dump, take

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def attorney(monkeypatch: pytest.MonkeyPatch) -> Staff:
    monkeypatch.setattr(plan, "_request_merge", lambda: None)
    staff = cast.found()
    cases.open_case(staff, cases.NewCase(name="Amina Diallo"))
    return staff


def _secrets() -> list[bytes]:
    """Every key file of the server, and what it derives from its environment."""
    folder = Path(settings.OPERATIONAL_KEY_FILE).parent
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()] + [settings.SECRET_KEY.encode()]


def _columns(dump: Dump) -> Iterator[bytes]:
    """Every value of 32 bytes that stands in the database: hashes of cookies among them."""
    for rows in dump.tables.values():
        for row in rows:
            yield from (bytes(v) for v in row.values() if isinstance(v, bytes | memoryview) and len(v) == 32)


def _token(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _sessions_opened_by(dump: Dump, keys: list[bytes]) -> int:
    count = 0
    for row in dump["accounts_session"]:
        for key in keys:
            try:
                token, org = _token(key), row["org_id"]
                whose = session.open_owner(token, bytes(row["whose"]), org=org, chain=row["chain"])
                session.open_session(
                    token, bytes(row["sealed"]), org=org, member=whose.member, created=whose.created,
                    expires=whose.expires, epoch=row["epoch"],
                )  # fmt: skip
                count += 1
            except OpenFailed:
                continue
    return count


def test_the_database_with_all_secrets_opens_no_session(attorney: Staff) -> None:
    dump = take()
    assert len(dump["accounts_session"]) == 1
    assert _sessions_opened_by(dump, keys_from([*_secrets(), *_columns(dump)])) == 0


def test_a_session_whose_cookie_came_from_a_server_key_would_be_found(
    attorney: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "new_token", lambda: _token(server_keys.operational_key()))
    sessions.start(attorney.org_id, attorney.member_id, attorney.keys.bundle_key)
    assert _sessions_opened_by(take(), keys_from(_secrets())) == 1


def test_the_cookie_opens_nothing_once_its_row_is_gone(attorney: Staff) -> None:
    token = sessions.start(attorney.org_id, attorney.member_id, attorney.keys.bundle_key)
    Session.objects.all().delete()
    with pytest.raises(SessionGone):
        sessions.open(token)
    rest = [
        Sealed(f"{table}.{column}", row, bytes(value))
        for table, rows in take().tables.items()
        for row in rows
        for column, value in row.items()
        if isinstance(value, bytes | memoryview) and len(value) > 32
    ]
    assert {thing.where.split(".")[0] for thing in rest} >= {"vault_record", "accounts_member", "index_part"}
    assert list(opened(rest, keys_from([token.encode(), base64.urlsafe_b64decode(token + "=")]))) == []
