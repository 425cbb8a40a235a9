"""Dockerfile and docker-compose.yml say what the program says. `make compose-test` runs them on a real engine."""

import re
from pathlib import Path

from caseapp.cli.doctor import REQUIRED_SETTINGS
from caseapp.cli.front.limits import Limits
from caseapp.cli.main import COMMANDS
from caseapp.cli.stack.data_folder import PROCESS_ROLES
from caseapp.cli.stack.embedded import POSTGRES_SETTINGS

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROXY = (ROOT / "caseapp" / "config" / "Caddyfile").read_text()


def test_the_production_database_logs_as_little_as_the_doctor_wants() -> None:
    given = dict(re.findall(r"^ +- -c(\w+)=(\S+)$", COMPOSE, re.MULTILINE))
    assert {name: given.get(name) for name in REQUIRED_SETTINGS} == REQUIRED_SETTINGS


def test_the_embedded_database_logs_as_little_as_the_doctor_wants() -> None:
    given = dict(re.findall(r"^(\w+) = (\S+)$", POSTGRES_SETTINGS.format(sockets="/s", durable="on"), re.MULTILINE))
    assert {name: given.get(name) for name in REQUIRED_SETTINGS} == REQUIRED_SETTINGS


def test_every_process_has_a_service_and_every_command_exists() -> None:
    served = set(re.findall(r'command: \["serve", "(\w+)"\]', COMPOSE))
    assert served == {*PROCESS_ROLES, "backup"}  # which is a schedule, and says by its heartbeats how it goes
    for command in re.findall(r'command: \["([\w-]+)"', COMPOSE):
        assert command in COMMANDS


def test_the_proxys_settings_are_a_file_because_compose_writes_none_below_a_read_only_root() -> None:
    assert re.search(r"^configs:\n  caddyfile:\n(?: +#.*\n)* +file: caseapp/config/Caddyfile\n", COMPOSE, re.MULTILINE)
    assert not re.search(r"^ +content:", COMPOSE, re.MULTILINE)
    assert "{$CASEAPP_HOST} {" in PROXY


def test_the_database_is_healthy_only_when_it_answers_by_tcp_as_migrate_asks_it() -> None:
    # While the image makes its cluster, a server answers on its socket that is stopped again a second later.
    assert 'test: ["CMD", "pg_isready", "--quiet", "--host=127.0.0.1", "--username=postgres"]' in COMPOSE


def test_each_process_says_that_it_is_alive() -> None:
    checked = set(re.findall(r'test: \["CMD", "caseapp", "alive", "(\w+)"\]', COMPOSE))
    assert checked == set(PROCESS_ROLES)


def test_no_secret_stands_in_the_compose_file() -> None:
    for name, value in re.findall(r"^ +(\w*(?:PASSWORD|KEY|SECRET)\w*): *(\S+)", COMPOSE, re.MULTILINE):
        assert name.endswith(("_FILE", "SECRETS")), name
        assert value.startswith("/"), name
    assert not re.findall(r"://[^/@\s]*:[^/@\s]+@", COMPOSE)


def test_the_proxy_takes_what_an_upload_may_weigh_and_writes_no_access_log() -> None:
    from django.conf import settings

    limit = re.search(r"max_size (\d+)MB", PROXY)
    assert limit is not None
    assert int(limit.group(1)) * 1_000_000 > settings.UPLOAD_LIMIT
    assert "log default" in PROXY
    assert not re.search(r"^\s+log \{", PROXY, re.MULTILINE)


def test_the_proxy_ends_a_connection_that_never_sends_a_whole_request() -> None:
    limits = Limits()
    times = {name: int(seconds) for name, seconds in re.findall(r"^\s+(\w+) (\d+)s$", PROXY, re.MULTILINE)}
    assert times.keys() == {"read_header", "idle", "keepalive"}
    assert times["read_header"] <= limits.header_seconds, "HTTP/1.1"
    assert times["idle"] <= 30, "HTTP/2 has no other limit for a head"
    assert times["keepalive"] < limits.idle_seconds
    assert re.search(r"^\t\tprotocols h1 h2$", PROXY, re.MULTILINE), "HTTP/3 has no limit for a head"
    assert "/udp" not in COMPOSE
    largest = re.search(r"max_header_size (\d+)KB", PROXY)
    assert largest is not None
    assert int(largest.group(1)) * 1000 < limits.header_bytes


def test_the_times_of_the_proxy_are_those_of_both_its_ports() -> None:
    # The redirect that Caddy makes by itself listens with times of its own.
    assert re.findall(r"^(\S+) \{$", PROXY, re.MULTILINE) == ["http://{$CASEAPP_HOST}", "{$CASEAPP_HOST}"]
    assert "redir https://{host}{uri} permanent" in PROXY


def test_the_image_runs_as_the_user_that_its_neighbours_share() -> None:
    user = re.search(r"--uid (\d+)", DOCKERFILE)
    assert user is not None
    assert COMPOSE.count(f'user: "{user.group(1)}:{user.group(1)}"') == 2
    assert DOCKERFILE.index("USER caseapp") < DOCKERFILE.index("ENTRYPOINT")


def test_every_file_the_image_needs_is_let_into_it() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert {name for line in copied for name in line.split()} == allowed
    assert all((ROOT / name).exists() for name in allowed)
