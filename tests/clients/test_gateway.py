"""The office's gateway for texts, and the address where STOP arrives."""

import base64
import json
import re
from collections.abc import Generator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.keys import office_file
from caseapp.accounts.models import Hook, Stop
from caseapp.accounts.signin import throttle
from caseapp.clients.views import received_messages
from caseapp.reminders.sending.messages import message_for
from caseapp.vault.tenancy import office_transaction
from tests.clients import client_world
from tests.helpers.flash import redirect_of
from tests.helpers.two_offices import Worker
from tests.reminders.gateway import Gateway, gateway
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PAGE = "/reminders/clients/"
FROM_A_CLIENT = {"From": "+12125550122", "Body": "STOP"}


@pytest.fixture
def company() -> Generator[Gateway]:
    with gateway() as running:
        yield running


def _set_to(worker: Worker) -> str:
    with office_transaction(worker.staff.org_id):
        return office_file.read_office(worker.staff.keys).client_gateway


def test_an_admin_sets_the_gateway_and_its_secret_is_shown_to_nobody(attorney: Worker, company: Gateway) -> None:
    assert attorney.client.post(PAGE, {"act": "set", "set-address": company.for_clients()}).status_code == 303
    assert _set_to(attorney) == company.for_clients()
    html = attorney.client.get(PAGE).content.decode()
    assert "json" in html
    assert "5ecret" not in html
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            assert not [row for (row,) in cursor.fetchall() if "5ecret" in row or b"5ecret".hex() in row], table


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "Enter the address."),
        ("twilio://SID:TOKEN@+15550100123/5550122", "Write {to} once"),
        ("twilio://SID:TOKEN@+15550100123/{to}/{to}", "Write {to} once"),
        ("mailto://user:5ecret@example.org/{to}", "not an address of a gateway we know"),
        ("file:///tmp/{to}", "not an address of a gateway we know"),
        ("ntfys://{to}", "This gateway sends to no telephone number."),
        ("twilio://{to}", "This address is not complete"),
        ("json://host/" + "x" * 400 + "/{to}", "at most 400 characters"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused_and_kept(attorney: Worker, address: str, sentence: str) -> None:
    response = attorney.client.post(PAGE, {"act": "set", "set-address": address})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert address[:30] in response.content.decode()
    assert _set_to(attorney) == ""


def test_a_test_reaches_the_number_that_was_typed(attorney: Worker, company: Gateway) -> None:
    client_world.use_gateway(attorney.staff, company.for_clients())
    response = attorney.client.post(PAGE, {"act": "try", "try-number": "(212) 555-0100"})
    assert redirect_of(response) == (303, PAGE, "test-sent")
    assert company.texts() == [message_for("test", "en").body]
    assert "12125550100" in company.taken[0][0]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [("12-34", "A telephone number has 7 to 15 digits"), ("call me", "digits only"), ("", "Enter a number"),
     ("555 0100", "with a plus and its country first"), ("+1 212 555 0100", "rejected the test")],
)  # fmt: skip
def test_a_test_that_cannot_be_sent_says_why_and_keeps_the_number(
    attorney: Worker, company: Gateway, number: str, sentence: str
) -> None:
    client_world.use_gateway(attorney.staff, company.for_clients())
    company.status = 500
    response = attorney.client.post(PAGE, {"act": "try", "try-number": number})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert f'value="{number}"' in response.content.decode() or not number


def test_without_a_gateway_nothing_is_tried(attorney: Worker) -> None:
    response = attorney.client.post(PAGE, {"act": "try", "try-number": "+1 212 555 0100"})
    assert "Set the address of the text company first." in response.content.decode()


def test_it_is_removed_again(attorney: Worker, company: Gateway) -> None:
    client_world.use_gateway(attorney.staff, company.for_clients())
    assert attorney.client.post(PAGE, {"act": "remove"}).status_code == 303
    assert _set_to(attorney) == ""


def test_only_an_admin_comes_here(attorney: Worker, company: Gateway) -> None:
    ben = member(attorney.staff, "supervisor")
    for act in ("set", "remove", "try", "make", "end"):
        sent = {"act": act, "set-address": company.for_clients(), "try-number": "+1 212 555 0100"}
        assert ben.client.post(PAGE, sent).status_code == 404
    assert ben.client.get(PAGE).status_code == 404
    assert (_set_to(attorney), Hook.objects.count()) == ("", 0)
    assert "Texts to clients" not in ben.client.get("/reminders/").content.decode()
    assert "Texts to clients" in attorney.client.get("/reminders/").content.decode()


def test_get_changes_nothing_and_an_unknown_act_is_not_found(attorney: Worker, company: Gateway) -> None:
    attorney.client.get(PAGE, {"act": "set", "set-address": company.for_clients()})
    attorney.client.get(PAGE, {"act": "make"})
    assert attorney.client.put(PAGE).status_code == 405
    assert attorney.client.post(PAGE, {"act": "give"}).status_code == 404
    assert (_set_to(attorney), Hook.objects.count()) == ("", 0)


@pytest.fixture
def address(attorney: Worker) -> str:
    """The path of the office's hook, as the page shows it once."""
    html = attorney.client.post(PAGE, {"act": "make"}).content.decode()
    found = re.search(r"(/in/[\w-]{43}/)", html)
    assert found is not None
    return found.group(1)


def test_the_address_is_shown_once_and_a_new_one_ends_it(attorney: Worker, address: str) -> None:
    assert address not in attorney.client.get(PAGE).content.decode()
    attorney.client.post(PAGE, {"act": "make"})
    assert Client().post(address, FROM_A_CLIENT).status_code == 204
    assert not Stop.objects.exists()
    attorney.client.post(PAGE, {"act": "end"})
    assert not Hook.objects.exists()


def test_a_stop_ends_the_texts_and_today_says_so(attorney: Worker, address: str, company: Gateway) -> None:
    case_id = client_world.a_case(attorney.staff)
    client_world.agreed(attorney.staff, case_id)
    client_world.use_gateway(attorney.staff, company.for_clients())
    assert Client(enforce_csrf_checks=True).post(address, FROM_A_CLIENT).status_code == 204
    html = attorney.client.get("/").content.decode()
    assert "answered STOP on Tue, Nov 24" in html
    assert "They answered STOP." in html
    assert "Send now" not in html
    assert "answered STOP on Tue, Nov 24" in attorney.client.get("/").content.decode(), "also the next time"


JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=xyz"
SHAPES: dict[str, tuple[Any, str]] = {
    "twilio": ({"From": "+12125550122", "To": "+12125550100", "Body": "Stop", "OptOutType": "STOP"}, FORM),
    "vonage": ({"msisdn": "12125550122", "to": "12125550100", "text": "stop.", "keyword": "STOP"}, FORM),
    "46elks": ({"from": "+12125550122", "to": "+12125550100", "message": "ALTO"}, FORM),
    "clickatell": ({"fromNumber": "12125550122", "text": "Arrêt"}, JSON),
    "infobip": ({"results": [{"from": "12125550122", "to": "12125550100", "text": "STOP"}], "messageCount": 1}, JSON),
    "telnyx": ({"data": {"payload": {"from": {"phone_number": "+12125550122"}, "text": "unsubscribe",
                                     "to": [{"phone_number": "+12125550100"}]}}}, JSON),
    "number": ({"msisdn": 12125550122, "content": "BAJA"}, JSON),
    "list": ([{"sender": "tel:+12125550122", "body": "“Parar”"}], JSON),
    "signal": ({"envelope": {"source": "+12125550122", "dataMessage": {"message": " stopall! "}}}, JSON),
}  # fmt: skip


def _post(path: str, document: Any, kind: str) -> int:
    if kind == JSON:
        return Client().post(path, json.dumps(document), content_type=JSON).status_code
    return Client().post(path, document).status_code if kind == PARTS else _form(path, document)


def _form(path: str, document: Mapping[str, str]) -> int:
    return Client().post(path, urlencode(document), content_type=FORM).status_code


def _numbers(worker: Worker) -> list[str]:
    with office_transaction(worker.staff.org_id):
        return [told.number for told in opt_out_inbox.read_opt_outs(worker.staff.keys)]


@pytest.mark.parametrize("shape", SHAPES)
def test_stop_is_understood_in_every_companys_shape(attorney: Worker, address: str, shape: str) -> None:
    assert _post(address, *SHAPES[shape]) == 204
    assert [number.lstrip("+") for number in _numbers(attorney)] == ["12125550122"]


def test_stop_in_a_form_of_parts_is_understood(attorney: Worker, address: str) -> None:
    assert Client().post(address, FROM_A_CLIENT).status_code == 204  # Django's client sends parts
    assert _numbers(attorney) == ["+12125550122"]


@pytest.mark.parametrize(
    "text",
    [
        "please STOP",
        "no me escriban",
        "arrêtez svp",
        "tanpri sispann",
        "não quero mais",
        "توقف من فضلك",
        "не пишите мне",
        "🛑",
    ],
)
def test_a_stop_in_each_language_reaches_the_office(attorney: Worker, address: str, text: str) -> None:
    Client().post(address, {"From": "+12125550122", "Body": text})
    assert _numbers(attorney) == ["+12125550122"]


@pytest.mark.parametrize("text", ["Stop by at 5?", "es muy alto", "l'arrêt de bus", "m rete Miami", "не могу прийти"])
def test_another_reply_stops_nothing(attorney: Worker, address: str, text: str) -> None:
    Client().post(address, {"From": "+12125550122", "Body": text})
    assert _numbers(attorney) == []


@pytest.mark.parametrize(
    "document",
    [{"From": "+12125550122", "Body": "Thank you"}, {"Body": "STOP"}, {"From": "Harbor", "Body": "STOP"},
     {"From": "+12125550122"}, {"To": "+12125550122", "Body": "STOP"}, {}],
)  # fmt: skip
def test_everything_else_is_not_kept(attorney: Worker, address: str, document: dict[str, str]) -> None:
    assert _form(address, document) == 204
    assert _numbers(attorney) == []


def test_the_words_of_one_message_do_not_stop_the_sender_of_another(attorney: Worker, address: str) -> None:
    both = {"results": [{"from": "12125550122", "text": "STOP"}, {"from": "12125550133", "text": "Thank you"}]}
    assert _post(address, both, JSON) == 204
    assert _numbers(attorney) == ["12125550122"]


def test_an_unknown_address_gets_the_same_answer(address: str) -> None:
    nobody = "/in/" + "A" * 43 + "/"
    for path in (address, nobody, "/in/x/", "/in/%F0%9F%9B%91/", "/in/" + "y" * 2000 + "/"):
        answer = Client().post(path, FROM_A_CLIENT)
        assert (answer.status_code, answer.content, sorted(answer.cookies)) == (204, b"", [])
    assert Stop.objects.count() == 1


def test_with_basic_authentication_the_code_is_in_no_address(attorney: Worker, address: str) -> None:
    code = address.split("/")[2]

    def send(credentials: str | None) -> int:
        headers = {} if credentials is None else {"Authorization": credentials}
        return Client().post("/in/", FROM_A_CLIENT, headers=headers).status_code

    def basic(pair: str) -> str:
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    asked = Client().post("/in/", FROM_A_CLIENT)
    assert (asked.status_code, asked.headers["WWW-Authenticate"]) == (401, 'Basic realm="in"')
    wrong = [basic("caseapp:" + "A" * 43), basic(code), basic("a:" + "x" * 9000), "Basic %%%", "Basic w6k=", "Basic"]
    assert {send(credentials) for credentials in wrong} == {204}
    assert send(f"Bearer {code}") == 401
    assert _numbers(attorney) == []
    assert send(basic(f"anyone:{code}")) == 204
    assert _numbers(attorney) == ["+12125550122"]
    assert Client().get("/in/").status_code == 405


@pytest.mark.parametrize("path", ["known", "/in/" + "A" * 43 + "/"])
def test_only_post_is_taken(address: str, path: str) -> None:
    where = address if path == "known" else path
    assert Client().get(where, FROM_A_CLIENT).status_code == 405
    assert Client().put(where, FROM_A_CLIENT).status_code == 405
    assert not Stop.objects.exists()


def test_a_message_that_is_too_big_is_not_read(attorney: Worker, address: str) -> None:
    for size in (received_messages.MAX_BODY_BYTES, 2_000_000):
        assert _form(address, {**FROM_A_CLIENT, "more": "x" * size}) == 204
    assert _numbers(attorney) == []


@pytest.mark.parametrize("kind", [JSON, FORM, PARTS, "text/plain", "application/octet-stream"])
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"{", b"[" * 9000, b'{"From": NaN, "Body": "STOP"}', b"From=%zz&Body=STOP",
             b'{"From":' + b"9" * 9000 + b',"Body":"STOP"}', b"--xyz\r\nname=\"From\"\r\n\r\n1"]
)  # fmt: skip
def test_garbage_is_answered_like_everything(attorney: Worker, address: str, body: bytes, kind: str) -> None:
    assert Client().post(address, body, content_type=kind).status_code == 204
    assert _numbers(attorney) == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12) | st.sampled_from(
        ["From", "from", "Body", "text", "results", "data"]), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(VALUES)
@settings(deadline=None, max_examples=200)
def test_no_document_breaks_the_reader(document: Any) -> None:
    for found in received_messages.messages_in(document):
        for way, value in found:
            assert isinstance(value, str)
            assert len(way) <= received_messages.MAX_DEPTH


@given(st.binary(max_size=600), st.sampled_from([JSON, FORM, PARTS, "text/plain"]))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_break_the_address(address: str, body: bytes, kind: str) -> None:
    assert Client().post(address, body, content_type=kind).status_code in {204, 429}


def test_too_many_at_once_are_asked_to_come_again(
    attorney: Worker, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "HOOK", 3)
    answers = [_form(address, FROM_A_CLIENT) for _ in range(4)]
    assert answers == [204, 204, 204, 429]
    unknown = [_form("/in/" + letter * 43 + "/", FROM_A_CLIENT) for letter in "ABCD"]
    assert unknown == [204, 204, 204, 429], "the addresses somebody tries from one network count together"


def test_nothing_of_it_is_logged(address: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        _form(address, FROM_A_CLIENT)
        Client().post(address, b"{", content_type=JSON)
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("caseapp"))
    assert "2125550122" not in said
    assert address.split("/")[2] not in said
