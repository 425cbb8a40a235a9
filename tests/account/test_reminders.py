"""The pages of reminders: how one is reached, hours, absence, the office's level; what went out, never about what."""

import datetime as dt
import http.server
import json
import threading
from collections.abc import Generator
from uuid import UUID

import pytest
from django.test import Client, override_settings
from msgspec.structs import replace
from pytest_django.fixtures import Settings

from caseapp.lib import clock
from caseapp.reminders import address_states, queries, recipients
from caseapp.reminders.recipients import RecipientSettings
from caseapp.reminders.sending import dispatch
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.flash import redirect_of
from tests.helpers.smtp import Box, post_office
from tests.helpers.two_offices import Worker, boxes
from tests.reminders.cast import merge

pytestmark = pytest.mark.usefixtures("frozen")

SETTINGS, LOG = "/reminders/", "/reminders/log/"


class Gateway:
    """A real HTTP server in the gateway's place."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.status = 200
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                gateway.taken.append(json.loads(body)["message"])
                self.send_response(gateway.status)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"json://user:5ecret@127.0.0.1:{self.server.server_port}/to/5550122"


@pytest.fixture
def gateway() -> Generator[Gateway]:
    running = Gateway()
    threading.Thread(target=running.server.serve_forever, daemon=True).start()
    with override_settings(GATEWAY_HOSTS={("127.0.0.1", running.server.server_port)}):
        yield running
    running.server.shutdown()


@pytest.fixture
def box(settings: Settings) -> Generator[Box]:
    with post_office() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def _ways(worker: Worker) -> RecipientSettings:
    with office_transaction(worker.staff.org_id):
        reached = recipients.get(worker.staff.org_id, worker.staff.member_id)
    assert reached is not None
    return reached.settings


def _colleague(attorney: Worker) -> UUID:
    cast.colleague_of(attorney.staff)
    with office_transaction(attorney.staff.org_id):
        others = [one.member_id for one in recipients.of_office(attorney.staff.org_id)]
    return next(member for member in others if member != attorney.staff.member_id)


HOURS = {"act": "hours", "hours-language": "es", "hours-zone": "America/Chicago", "hours-is_quiet": "on",
         "hours-quiet_from": "1140", "hours-quiet_to": "480", "hours-digest": "0"}  # fmt: skip


def test_hours_language_and_zone_are_kept(attorney: Worker) -> None:
    assert attorney.client.post(SETTINGS, HOURS).status_code == 303
    ways = _ways(attorney)
    assert (ways.language, ways.zone, ways.quiet, ways.digest) == ("es", "America/Chicago", (19 * 60, 8 * 60), 0)
    without = {name: value for name, value in HOURS.items() if name != "hours-is_quiet"} | {"hours-digest": ""}
    attorney.client.post(SETTINGS, without)
    ways = _ways(attorney)
    assert (ways.quiet, ways.digest) == (None, None)


def test_quiet_hours_that_leave_no_time_are_refused_with_what_was_chosen(attorney: Worker) -> None:
    answer = attorney.client.post(SETTINGS, HOURS | {"hours-quiet_from": "480", "hours-quiet_to": "420"})
    assert answer.status_code == 422
    assert b"at least four hours" in answer.content
    assert _ways(attorney).quiet == (20 * 60, 7 * 60)


def test_a_gateway_is_added_tested_shown_in_part_and_removed(attorney: Worker, gateway: Gateway, box: Box) -> None:
    assert attorney.client.post(SETTINGS, {"act": "add", "add-address": gateway.address}).status_code == 303
    page = attorney.client.get(SETTINGS).content.decode()
    assert "5ecret" not in page
    assert "json ··22" in page
    assert "not tested" in page
    chosen = {"number": "1", "shown": "json ··22"}
    assert attorney.client.post(SETTINGS, {"act": "test", **chosen}).status_code == 303
    assert gateway.taken == ["Test: messages reach you here."]
    assert _ways(attorney).others[0].state == "works"
    again = attorney.client.post(SETTINGS, {"act": "test", **chosen})
    assert again.status_code == 422
    assert b"a moment ago" in again.content
    assert attorney.client.post(SETTINGS, {"act": "remove", **chosen}).status_code == 303
    assert _ways(attorney).others == ()
    assert attorney.client.post(SETTINGS, {"act": "remove", **chosen}).status_code == 404


def test_where_reminders_go_is_changed_only_by_a_person_who_is_there(
    attorney: Worker, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert attorney.client.post(SETTINGS, {"act": "add", "add-address": gateway.address}).status_code == 303
    before = _ways(attorney)
    later = clock.now() + dt.timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    attorney.client.get("/account/here/")
    for fields in (
        {"act": "mail", "mail-email": "reminders@elsewhere.test"},
        {"act": "add", "add-address": "ntfys://another-topic"},
        {"act": "remove", "number": "1", "shown": "json ··22"},
        {"act": "away"},
    ):
        assert attorney.client.post(SETTINGS, fields).status_code == 403, fields
    assert _ways(attorney) == before
    assert attorney.client.post(SETTINGS, HOURS).status_code == 303


def test_a_gateway_that_says_no_is_told_so_on_the_page(attorney: Worker, gateway: Gateway) -> None:
    gateway.status = 500
    attorney.client.post(SETTINGS, {"act": "add", "add-address": gateway.address})
    answer = attorney.client.post(SETTINGS, {"act": "test", "number": "1", "shown": "json ··22"})
    assert answer.status_code == 422
    assert b"rejected the test" in answer.content
    assert b"5ecret" not in answer.content


@pytest.mark.parametrize(
    "address", ["http://example.org/", "mailto://a:b@c.test", "file:///etc/passwd", "json://", "x" * 5000, ""]
)
def test_what_is_no_gateways_address_is_refused(attorney: Worker, address: str) -> None:
    assert attorney.client.post(SETTINGS, {"act": "add", "add-address": address}).status_code == 422
    assert _ways(attorney).others == ()


def test_another_mail_address_is_not_tested_yet_and_gets_the_test(attorney: Worker, box: Box) -> None:
    changed = {"act": "mail", "mail-email": "reminders@elsewhere.test"}
    assert attorney.client.post(SETTINGS, changed).status_code == 303
    assert _ways(attorney).state == "new"
    sent = {"act": "test", "number": "0", "shown": "reminders@elsewhere.test"}
    assert attorney.client.post(SETTINGS, sent).status_code == 303
    assert [str(letter["To"]) for letter in box.letters] == ["reminders@elsewhere.test"]
    assert _ways(attorney).state == "works"
    too_long = attorney.client.post(SETTINGS, {"act": "mail", "mail-email": "a" * 5000 + "@b.test"})
    assert too_long.status_code == 422


def test_somebody_away_has_a_stand_in_until_they_are_back(attorney: Worker) -> None:
    stand_in = _colleague(attorney)
    days = {**boxes("away-first", dt.date(2026, 12, 21)), **boxes("away-last", dt.date(2027, 1, 4))}
    answer = attorney.client.post(SETTINGS, {"act": "away", "away-stand_in": str(stand_in), **days})
    assert answer.status_code == 303
    assert b"Ben Okafor is notified in your place" in attorney.client.get(SETTINGS).content
    assert attorney.client.post(SETTINGS, {"act": "back"}).status_code == 303
    assert _ways(attorney).away is None


def test_an_absence_that_ends_before_it_begins_is_refused(attorney: Worker) -> None:
    stand_in = _colleague(attorney)
    days = {**boxes("away-first", dt.date(2027, 1, 4)), **boxes("away-last", dt.date(2026, 12, 21))}
    answer = attorney.client.post(SETTINGS, {"act": "away", "away-stand_in": str(stand_in), **days})
    assert answer.status_code == 422
    assert b"before the first" in answer.content


def test_nobody_of_another_office_can_stand_in(attorney: Worker, outsider: Worker) -> None:
    days = {**boxes("away-first", dt.date(2026, 12, 21)), **boxes("away-last", dt.date(2027, 1, 4))}
    chosen = {"act": "away", "away-stand_in": str(outsider.staff.member_id), **days}
    assert attorney.client.post(SETTINGS, chosen).status_code == 422


def test_the_admin_sets_the_level_for_everybody_and_nobody_else_does(attorney: Worker) -> None:
    member = _colleague(attorney)
    assert attorney.client.post(SETTINGS, {"act": "level", "level-level": "constant"}).status_code == 303
    with office_transaction(attorney.staff.org_id):
        levels = {one.member_id: one.settings.level for one in recipients.of_office(attorney.staff.org_id)}
    assert levels == {attorney.staff.member_id: "constant", member: "constant"}
    assert attorney.client.post(SETTINGS, {"act": "level", "level-level": "detailed"}).status_code == 422
    ben = _signed_in_as_colleague()
    assert ben.post(SETTINGS, {"act": "level", "level-level": "normal"}).status_code == 404
    assert b"For the whole office" not in ben.get(SETTINGS).content


def _signed_in_as_colleague() -> Client:
    from django.conf import settings as configured

    from caseapp.accounts.signin import recovery_code, sign_in

    arrived = sign_in.sign_in("ben@office.test", cast.WORDS)
    code = recovery_code.propose_recovery_code(arrived.staff)
    recovery_code.confirm_recovery_code(arrived.staff, code, code)
    client = Client(raise_request_exception=False)
    client.cookies[configured.SESSION_COOKIE] = arrived.token
    return client


def test_an_act_that_does_not_exist_is_not_found(attorney: Worker) -> None:
    assert attorney.client.post(SETTINGS, {"act": "everything"}).status_code == 404
    assert attorney.client.post(SETTINGS, {}).status_code == 404


def test_the_log_says_what_went_when_and_by_which_way(attorney: Worker, box: Box) -> None:
    with office_transaction(attorney.staff.org_id):
        reached = recipients.get(attorney.staff.org_id, attorney.staff.member_id)
        assert reached is not None
        dispatch.send_and_log(reached, "urgent", dt.date(2026, 11, 24))
    page = attorney.client.get(LOG).content.decode()
    assert "Ana Ruiz" in page
    assert "reminder" in page
    assert "urgent" not in page
    assert "10:00" in page, "by the reader's own clock: 15:00 UTC in New York"


def test_the_log_shows_another_office_nothing_and_colleagues_only_their_own(
    attorney: Worker, outsider: Worker, box: Box
) -> None:
    _colleague(attorney)
    with office_transaction(attorney.staff.org_id):
        for reached in recipients.of_office(attorney.staff.org_id):
            dispatch.send_and_log(reached, "reminder", dt.date(2026, 11, 24))
    ours = attorney.client.get(LOG).content.decode()
    assert "Ben Okafor" in ours
    bens = _signed_in_as_colleague().get(LOG).content.decode()
    assert "Ana Ruiz" not in bens.split("<main", 1)[1]
    assert "Ben Okafor" not in outsider.client.get(LOG).content.decode()


def test_what_did_not_arrive_stands_on_top_and_can_be_tried_again(attorney: Worker, outsider: Worker) -> None:
    from caseapp.reminders import queries
    from caseapp.reminders.models import Channel

    org, member = attorney.staff.org_id, attorney.staff.member_id
    with office_transaction(org):
        reached = recipients.get(org, member)
        assert reached is not None
        mid = queries.message_id(reached, dt.date(2026, 11, 24), "reminder")
        queries.write_line(dispatch.log_line(reached, "reminder", mid, "email", state="stuck"))
        Channel.objects.filter(member_id=member).update(try_after=dt.datetime(2026, 11, 24, 16, tzinfo=dt.UTC))
    assert b"Did not arrive" in attorney.client.get(LOG).content
    assert outsider.client.post(LOG, {"member": str(member)}).status_code in {303, 404}
    with office_transaction(org):
        assert Channel.objects.get(member_id=member).try_after is not None, "another office changes nothing here"
    assert attorney.client.post(LOG, {"member": str(member)}).status_code == 303
    with office_transaction(org):
        assert Channel.objects.get(member_id=member).try_after is None
    for nobody in ("", "x" * 5000, "not-an-id"):
        assert attorney.client.post(LOG, {"member": nobody}).status_code == 404


def test_what_came_back_is_said_and_try_again_lets_the_address_be_tried(attorney: Worker) -> None:
    from caseapp.reminders import queries

    org, member = attorney.staff.org_id, attorney.staff.member_id
    with office_transaction(org):
        reached = recipients.get(org, member)
        assert reached is not None
        mid = queries.message_id(reached, dt.date(2026, 11, 24), "reminder")
        queries.write_line(dispatch.log_line(reached, "reminder", mid, "email", state="bounced"))
        on = dt.date(2026, 11, 24)
        sent_at = dt.datetime(2026, 11, 24, 15, tzinfo=dt.UTC)
        address_states.record_bounce(org, member, handed_over_at=sent_at, on=on)
    page = attorney.client.get(LOG).content.decode()
    assert "returned" in page
    assert "Did not arrive" not in page, "until a round finds that nothing else reaches them"
    assert "refused" in attorney.client.get(SETTINGS).content.decode()
    assert _ways(attorney).usable_addresses == ()
    assert attorney.client.post(LOG, {"member": str(member)}).status_code == 303
    assert [way.kind for way in _ways(attorney).usable_addresses] == ["email"]


def test_a_colleague_tries_again_only_for_themselves(attorney: Worker) -> None:
    _colleague(attorney)
    ben = _signed_in_as_colleague()
    assert ben.post(LOG, {"member": str(attorney.staff.member_id)}).status_code == 404


def test_no_write_happens_by_get_or_put(attorney: Worker) -> None:
    before = _ways(attorney)
    attorney.client.get(SETTINGS, HOURS)
    assert attorney.client.put(SETTINGS).status_code == 405
    assert attorney.client.put(LOG).status_code == 405
    assert attorney.client.delete(LOG).status_code == 405
    assert _ways(attorney) == before


def test_a_new_colleague_has_the_offices_level(attorney: Worker) -> None:
    with office_transaction(attorney.staff.org_id):
        recipients.set_level(attorney.staff.org_id, "constant")
    member = _colleague(attorney)
    with office_transaction(attorney.staff.org_id):
        reached = recipients.get(attorney.staff.org_id, member)
    assert reached is not None
    assert reached.settings.level == "constant"


def test_who_becomes_an_admin_or_a_supervisor_hears_what_they_hear(attorney: Worker) -> None:
    from caseapp.team.services import roles

    member = _colleague(attorney)
    roles.change_role(attorney.staff, member, role="supervisor", is_admin=True)
    with office_transaction(attorney.staff.org_id):
        reached = recipients.get(attorney.staff.org_id, member)
    assert reached is not None
    assert (reached.settings.admin, reached.settings.supervisor) == (True, True)


def test_opening_today_is_what_counts_as_having_seen_a_message(attorney: Worker) -> None:
    org_id, member_id = attorney.staff.org_id, attorney.staff.member_id
    with office_transaction(org_id):
        reached = recipients.get(org_id, member_id)
        assert reached is not None
        queries.write_line(
            dispatch.log_line(
                reached, "reminder", queries.message_id(reached, dt.date(2026, 11, 24), "reminder"), "email"
            )
        )
    unseen = attorney.client.get(SETTINGS).content.decode()
    assert "1 message in the last 30 days; Today was opened by the next day after 0." in unseen
    attorney.client.get("/")
    merge()
    seen = attorney.client.get(SETTINGS).content.decode()
    assert "1 message in the last 30 days; Today was opened by the next day after 1." in seen


@pytest.mark.parametrize(
    ("messages", "follow", "said"),
    [
        (("en", "America/New_York"), ("es", "America/Los_Angeles"), "saved-messages"),
        (("fr", "America/New_York"), ("fr", "America/Los_Angeles"), "saved-messages"),
        (("fr", "America/Chicago"), ("fr", "America/Chicago"), "saved"),
    ],
)
def test_messages_follow_the_language_and_clock_of_the_pages_unless_others_were_chosen(
    attorney: Worker, messages: tuple[str, str], follow: tuple[str, str], said: str
) -> None:
    staff = attorney.staff
    with office_transaction(staff.org_id):
        recipients.change_settings(
            staff.org_id, staff.member_id, lambda ways: replace(ways, language=messages[0], zone=messages[1])
        )
    sent = {"language": "es", "theme": "auto", "zone": "America/Los_Angeles"}
    answer = attorney.client.post("/account/", sent)
    assert redirect_of(answer) == (303, "/account/", said)
    with office_transaction(staff.org_id):
        ways = next(one.settings for one in recipients.of_office(staff.org_id) if one.member_id == staff.member_id)
    assert (ways.language, ways.zone) == follow
    assert redirect_of(attorney.client.post("/account/", sent)) == (303, "/account/", "saved"), (
        "nothing is left to follow"
    )
