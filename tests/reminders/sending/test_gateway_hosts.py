"""A member types where reminders go, and the server connects there: to no machine that only the server reaches."""

import socket
from collections.abc import Generator
from typing import Any

import pytest
from msgspec.structs import replace
from pytest_django.fixtures import Settings
from urllib3.util import connection

from caseapp.casefile.upkeep import housekeeping
from caseapp.cli import doctor
from caseapp.config import env
from caseapp.lib.errors import Refused
from caseapp.reminders import heartbeat, recipients
from caseapp.reminders.monitoring import unfit_gateways
from caseapp.reminders.recipients import ReminderAddress
from caseapp.reminders.sending import gateway_hosts, gateways, smtp
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.helpers.two_offices import signed_in
from tests.reminders.cast import ANA, BEN, MONDAY, Move, addressees, admit, mail_of, plan_days, send_due
from tests.reminders.gateway import Gateway

PUBLIC = "93.184.216.34"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What each host's name leads to, as a DNS server would say it now."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **named: Any) -> list[Any]:
        if host not in known:
            return real(host, port, *args, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port)) for found in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Generator[list[tuple[str, int]]]:
    """Where connections would have gone to; none is made."""
    tried: list[tuple[str, int]] = []

    def connect(target: tuple[str, int], *args: Any, **named: Any) -> socket.socket:
        tried.append(target)
        raise OSError("not made in a test")

    gateway_hosts._install_guard.cache_clear()
    monkeypatch.setattr(connection, "create_connection", connect)
    yield tried
    gateway_hosts._install_guard.cache_clear()


@pytest.mark.parametrize(
    "address",
    [
        "twilio://AC" + "a" * 32 + ":" + "b" * 32 + "@12125550100/12125550122",
        "ntfys://harbor-legal-aid-4711",
        "vonage://abcd1234:0123456789abcdef@12125550100/12125550122",
        "pover://" + "u" * 30 + "@" + "t" * 30,
    ],
)
def test_named_services_need_no_permission_of_the_operator(address: str) -> None:
    assert gateways.kind_of(address) in {"text", "push"}


@pytest.mark.parametrize(
    "address",
    [
        "json://gateway.example.org/to/1",
        "jsons://gateway.example.org:8443/to/1",
        "signal://signal.example.org:8080/12125550100/12125550122",
        "ntfys://push.example.org/topic",
        "ntfys://push.example.org?to=topic",
        "matrixs://user:pass@matrix.example.org/#room",
        "gotifys://push.example.org/A1b2C3d4E5f6G7h",
    ],
)
def test_any_other_host_and_port_is_the_operators_decision(
    address: str, names: dict[str, list[str]], settings: Settings
) -> None:
    destination = gateway_hosts.destination_of(address)
    assert destination
    names[destination.host] = [PUBLIC]
    with pytest.raises(Refused, match="address") as refused:
        gateways.kind_of(address)
    assert "has not listed" in refused.value.sentence
    settings.GATEWAY_HOSTS = {(destination.host, destination.port + 1)}
    with pytest.raises(Refused):
        gateways.kind_of(address)
    settings.GATEWAY_HOSTS = {(destination.host, destination.port)}
    assert gateways.kind_of(address)


@pytest.mark.parametrize(
    "query",
    ["method=DELETE", "+X-For=1", "%2BX-A=1", "-key=1", ":name=value", "verify=no", "rto=900", "a=1&METHOD=PUT"],
)
def test_no_address_chooses_a_method_a_header_or_the_trust(query: str, settings: Settings) -> None:
    settings.GATEWAY_HOSTS = {("93.184.216.34", 443)}
    with pytest.raises(Refused) as refused:
        gateways.kind_of(f"jsons://{PUBLIC}/to/1?{query}")
    assert "Leave out the parameters" in refused.value.sentence


METADATA = ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"]
INSIDE = [
    *("127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.9", "192.168.1.1", "169.254.7.7", "100.64.0.1"),
    *("::1", "::", "fe80::1", "fd12::1", "::ffff:10.0.0.1", "2002:0a00:0001::1", "64:ff9b::7f00:1", "224.0.0.1"),
]


@pytest.mark.parametrize("found", METADATA)
def test_no_listing_opens_the_addresses_of_cloud_metadata(
    found: str, names: dict[str, list[str]], settings: Settings, connected: list[tuple[str, int]]
) -> None:
    settings.GATEWAY_HOSTS = {("cloud.example.org", 80), (found, 80)}
    names["cloud.example.org"] = [PUBLIC, found]
    with pytest.raises(Refused) as refused:
        gateways.kind_of("json://cloud.example.org/latest")
    assert "inside the server's own network" in refused.value.sentence
    with pytest.raises(gateways.GatewayForbidden):
        gateways.send_text("json://cloud.example.org/latest", "x")
    assert connected == []


@pytest.mark.parametrize("found", INSIDE)
def test_a_stored_address_that_leads_inside_is_never_connected_to(
    found: str, names: dict[str, list[str]], connected: list[tuple[str, int]]
) -> None:
    names["gateway.example.org"] = [found]
    with pytest.raises(gateways.GatewayForbidden) as refused:
        gateways.send_text("json://user:5ecret@gateway.example.org/to/1", "x")
    assert smtp.is_permanent(refused.value)
    assert "example.org" not in repr(refused.value)
    assert connected == []


def test_a_name_that_changes_after_it_was_checked_leads_nowhere_else(
    names: dict[str, list[str]], settings: Settings, connected: list[tuple[str, int]]
) -> None:
    address = "json://gateway.example.org/to/1"
    settings.GATEWAY_HOSTS = {("gateway.example.org", 80)}
    names["gateway.example.org"] = [PUBLIC]
    assert gateways.kind_of(address) == "text"
    settings.GATEWAY_HOSTS = set()
    with pytest.raises(gateways.GatewayRefused):
        gateways.send_text(address, "x")
    assert connected == [(PUBLIC, 80)], "to the address that was checked, not to the name once more"
    names["gateway.example.org"] = ["127.0.0.1"]
    with pytest.raises(gateways.GatewayForbidden):
        gateways.send_text(address, "x")
    assert connected == [(PUBLIC, 80)]


def test_a_redirect_is_not_followed(phone: Gateway, names: dict[str, list[str]]) -> None:
    phone.location = f"http://127.0.0.1:{phone.server.server_port}/elsewhere"
    with pytest.raises(gateways.GatewayRefused):
        gateways.send_text(phone.address(), "x")
    assert phone.taken == []


def test_other_connections_of_the_process_are_left_alone(connected: list[tuple[str, int]]) -> None:
    with gateway_hosts.guarded_connections():
        pass
    with pytest.raises(OSError, match="not made"):
        connection.create_connection(("127.0.0.1", 9000))
    assert connected == [("127.0.0.1", 9000)]


@pytest.mark.parametrize("text", ["example.org", "example.org:", ":80", "example.org:http", "a:0", "a:70000", "a:８0"])
def test_a_list_of_hosts_without_ports_is_refused_by_its_name(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_HOSTS", text)
    with pytest.raises(Exception, match="GATEWAY_HOSTS"):
        env.host_list("GATEWAY_HOSTS")
    monkeypatch.setenv("GATEWAY_HOSTS", " Signal.example.org:8080, [fd12::1]:443\n10.0.0.7:80 ")
    assert env.host_list("GATEWAY_HOSTS") == {("signal.example.org", 8080), ("fd12::1", 443), ("10.0.0.7", 80)}


@pytest.mark.django_db(transaction=True)
def test_a_stored_address_that_is_not_listed_serves_until_another_is_tested(
    box: Box, phone: Gateway, at: Move, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older program let every host be saved. It is public, and its operator has not listed it."""
    real = connection.create_connection
    gateway_hosts._install_guard.cache_clear()
    public = {(PUBLIC, 8000): ("127.0.0.1", phone.server.server_port)}

    def connect(target: tuple[str, int], *args: Any, **named: Any) -> socket.socket:
        return real(public[target] if target in public else target, *args, **named)  # noqa: SIM401  # its type

    monkeypatch.setattr(connection, "create_connection", connect)
    names["old.example.org"] = [PUBLIC]
    old = ReminderAddress(kind="text", address="json://old.example.org:8000/old", shown="json")
    new = ReminderAddress(kind="text", address=phone.address("new"), shown="json")
    admit(ANA, address="", others=(old, new))
    admit(BEN, address="", others=(old, replace(new, state="works")))
    for member in (ANA, BEN):
        plan_days(member, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 2
    assert sorted(path for path, _, _ in phone.taken) == ["/old", "/to/new"]
    gateway_hosts._install_guard.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_today_and_the_doctor_say_that_a_gateway_is_no_longer_offered(settings: Settings, at: Move) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    attorney, client = worker.staff, worker.client
    gateway = ReminderAddress(kind="text", address="json://old.example.org:8000/1", shown="json ··1")
    line = "An address for your reminders is no longer offered here"
    assert line not in client.get("/").content.decode()
    with office_transaction(attorney.org_id):
        recipients.change_settings(attorney.org_id, attorney.member_id, lambda old: replace(old, others=(gateway,)))
    assert line in client.get("/").content.decode()
    with acting_as("clock"):
        housekeeping.delete_expired()
    assert unfit_gateways.SIGN in heartbeat.last_seen()
    assert "GATEWAY_HOSTS" in doctor.ALARM_SIGNS[unfit_gateways.SIGN]
    settings.GATEWAY_HOSTS = {("old.example.org", 8000)}
    assert line not in client.get("/").content.decode()
    with acting_as("clock"):
        housekeeping.delete_expired()
    assert unfit_gateways.SIGN not in heartbeat.last_seen()


@pytest.mark.django_db(transaction=True)
def test_where_the_gateway_is_forbidden_the_mail_takes_over(
    box: Box, phone: Gateway, at: Move, settings: Settings
) -> None:
    settings.GATEWAY_HOSTS = set()
    admit(others=(ReminderAddress(kind="text", address=phone.address(), shown="json"),))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 1
    assert addressees(box) == [mail_of(ANA)]
    assert phone.taken == []
