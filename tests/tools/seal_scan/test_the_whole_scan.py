"""Real stores: PostgreSQL, Valkey and folders; a needle is planted as a careless program would leave it."""

import argparse
import json
import os
import tempfile
import zlib
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from caseapp.cli.stack.embedded import Postgres
from caseapp.tools import seal_scan
from caseapp.tools.seal_scan.broker import BrokerKeys, BrokerMemory
from caseapp.tools.seal_scan.postgres import DatabaseDump, DatabaseFiles
from caseapp.tools.seal_scan.stores import FolderStore
from caseapp.tools.seal_scan.tally import Findings, Tally
from tests.tools.seal_scan.conftest import A_NUMBER, NAME


class Run:
    """One run of the command on a data folder."""

    def __init__(self, needles: Path, data: Path, capsys: pytest.CaptureFixture[str], *options: str) -> None:
        parser = argparse.ArgumentParser()
        seal_scan.add_parser(parser.add_subparsers())
        given = ["seal-scan", "--needles", str(needles), "--data", str(data), "--json", *options]
        args = parser.parse_args(given)
        self.exit_code: int = args.run(args)
        self.text = capsys.readouterr().out
        self.report: dict[str, Any] = json.loads(self.text)

    @property
    def places(self) -> set[tuple[str, str]]:
        """Stores and labels of what was found."""
        return {(leak["store"], leak["form"]["label"]) for leak in self.report["leaks"]}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    for folder in ("blobs", "logs", "secrets", "tmp"):
        (root / folder).mkdir(parents=True)
    (root / "secrets" / "operational.key").write_bytes(os.urandom(32))
    (root / "blobs" / "sealed").write_bytes(os.urandom(300_000))
    return root


@pytest.fixture
def served(database: tuple[Postgres, Path], broker_url: str) -> list[str]:
    server, log = database
    return ["--database-url", server.admin_url(), "--broker-url", broker_url, "--extra", str(log)]


def test_a_clean_stack_passes_with_every_control_found(
    data: Path, served: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # Words of its own: what other tests left in deleted rows and in the WAL is rightly found.
    needles = tmp_path / "unused.txt"
    needles.write_text("name: Ilmārs Kļaviņš-Zāģeris\na-number: A000-906-218\n", encoding="utf-8")
    target = tmp_path / "target"
    target.mkdir()
    (target / "sealed").write_bytes(os.urandom(300_000))
    run = Run(needles, data, capsys, "--skip", "temp", "--backup", str(target), *served)
    assert (run.report["broken"], run.report["leaks"]) == ([], [])
    assert run.exit_code == 0
    assert {figures["store"].split(":")[0] for figures in run.report["stores"]} == set(seal_scan.STORES) - {"temp"}


def test_a_scan_is_as_large_with_a_thousand_cases_as_with_none(
    needles: Path, data: Path, served: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    logs = ["--only", "logs"]
    few = Run(needles, data, capsys, *logs, *served)
    halves = data / "secrets" / "shred" / "cases"
    halves.mkdir(parents=True)
    for number in range(1000):
        (halves / f"{number:032x}").write_bytes(os.urandom(32))
    many = Run(needles, data, capsys, *logs, *served)
    assert many.exit_code == few.exit_code == 0
    assert abs(many.report["patterns"] - few.report["patterns"]) < few.report["patterns"] / 10


def test_the_controls_are_taken_out_again(
    needles: Path,
    data: Path,
    served: list[str],
    capsys: pytest.CaptureFixture[str],
    superuser_url: str,
    broker_url: str,
) -> None:
    before = sorted(data.rglob("*"))
    Run(needles, data, capsys, "--only", "database", "--only", "broker", "--only", "storage", "--only", "logs", *served)
    assert sorted(data.rglob("*")) == before
    assert redis.Redis.from_url(broker_url).dbsize() == 0
    with psycopg.connect(superuser_url) as connection:
        assert connection.execute("SELECT to_regclass('seal_scan_control')").fetchone() == (None,)


def test_a_name_in_a_column_is_found_in_the_dump_and_in_the_files(
    needles: Path, data: Path, served: list[str], capsys: pytest.CaptureFixture[str], superuser_url: str
) -> None:
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE careless (words text)")
        connection.execute("INSERT INTO careless VALUES (%s)", [f"Dear {NAME.upper()},"])
        try:
            run = Run(needles, data, capsys, "--only", "database", "--only", "database-files", *served)
        finally:
            connection.execute("DROP TABLE careless")
    assert run.exit_code == 1
    assert {("database", "name-client"), ("database-files", "name-client")} <= run.places
    assert NAME not in run.text
    assert "public.careless" in {leak["place"] for leak in run.report["leaks"]}


def test_a_packed_blob_in_a_column_is_opened(
    needles: Path, data: Path, served: list[str], capsys: pytest.CaptureFixture[str], superuser_url: str
) -> None:
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE careless (packed bytea)")
        connection.execute("INSERT INTO careless VALUES (%s)", [zlib.compress(b"x" * 200 + NAME.encode() + b"x" * 200)])
        try:
            run = Run(needles, data, capsys, "--only", "database", *served)
        finally:
            connection.execute("DROP TABLE careless")
    assert ["hex", "zlib"] in [leak["via"] for leak in run.report["leaks"]]


def test_a_key_and_a_value_of_every_type_are_found_in_the_broker(
    data: Path, served: list[str], capsys: pytest.CaptureFixture[str], broker_url: str, tmp_path: Path
) -> None:
    words = {kind: f"Tamsin-{kind}-Okorafor" for kind in ("list", "set", "hash", "zset", "stream", "string", "key")}
    needles = tmp_path / "seven.txt"
    needles.write_text("".join(f"{kind}: {word}\n" for kind, word in words.items()))
    client = redis.Redis.from_url(broker_url)
    client.rpush("a list", words["list"])
    client.sadd("a set", words["set"])
    client.hset("a hash", "last", words["hash"])
    client.zadd("a sorted set", {words["zset"]: 1})
    client.xadd("a stream", {"field": words["stream"]})
    client.set("a string", words["string"])
    client.set(words["key"], 1)
    try:
        run = Run(needles, data, capsys, "--only", "broker", *served)
    finally:
        client.flushall()
    assert run.places == {("broker", kind) for kind in words}


def test_a_value_is_found_in_the_memory_of_the_brokers_process(
    needles: Path, data: Path, served: list[str], capsys: pytest.CaptureFixture[str], broker_url: str
) -> None:
    client = redis.Redis.from_url(broker_url)
    client.set("plain", NAME)
    try:
        run = Run(needles, data, capsys, "--only", "broker-memory", *served)
    finally:
        client.flushall()
    assert ("broker-memory", "name-client") in run.places


def test_a_command_that_the_broker_noted_as_slow_is_found(
    needles: Path, data: Path, served: list[str], capsys: pytest.CaptureFixture[str], broker_url: str
) -> None:
    client = redis.Redis.from_url(broker_url)
    client.config_set("slowlog-log-slower-than", 0)
    client.set("plain", A_NUMBER)
    client.config_set("slowlog-log-slower-than", -1)
    client.delete("plain")
    try:
        run = Run(needles, data, capsys, "--only", "broker", *served)
    finally:
        client.slowlog_reset()
    assert "slowlog get -1" in {leak["place"] for leak in run.report["leaks"]}


@pytest.mark.parametrize("folder", ["blobs", "logs", "tmp", "extra"])
def test_a_file_and_a_files_name_are_found_in_every_folder(
    folder: str,
    needles: Path,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seal_scan, "SHARED", ())  # other people's files are no part of this test
    monkeypatch.setattr(tempfile, "tempdir", str(data / "tmp"))
    root = tmp_path / "profile" if folder == "extra" else data / folder
    (root / "deep").mkdir(parents=True)
    (root / "deep" / "cache").write_bytes(os.urandom(600_000) + A_NUMBER.encode() + os.urandom(600_000))
    (root / f"{NAME.split()[0]}.pdf").touch()
    store = {"blobs": "storage", "logs": "logs", "tmp": "temp", "extra": "extra"}[folder]
    run = Run(needles, data, capsys, "--only", store, "--extra", str(tmp_path / "profile"))
    labels = {label for found, label in run.places if found.startswith(store)}
    assert labels == {"name-client", "a-number"}
    assert NAME.split()[0] not in run.text


def test_a_set_up_code_in_a_log_is_found_however_it_is_written(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "0a1b2-c3d4e-5f6g7-8h9jk-mnpqr"
    needles = tmp_path / "codes.txt"
    needles.write_text(f"setup-code: {code}\n")
    for number, written in enumerate((code, code.upper(), f"code={code}&step=office", code.encode().hex())):
        (data / "logs" / "web.log").write_text(f"line\n{written}\nline\n")
        run = Run(needles, data, capsys, "--only", "logs")
        assert {label for _, label in run.places} == {"setup-code"}, number
        assert code not in run.text


@pytest.mark.parametrize("store", [DatabaseDump, DatabaseFiles, BrokerKeys, BrokerMemory, FolderStore])
def test_a_store_whose_reader_reads_nothing_is_told_as_broken(
    store: Any,
    needles: Path,
    data: Path,
    served: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = {
        DatabaseDump: "database",
        DatabaseFiles: "database-files",
        BrokerKeys: "broker",
        BrokerMemory: "broker-memory",
        FolderStore: "storage",
    }
    monkeypatch.setattr(store, "read", lambda self, tally: None)
    run = Run(needles, data, capsys, "--only", names[store], *served)
    assert run.exit_code == 3
    assert any(line.startswith(f"{names[store]}: control missed") for line in run.report["broken"])


def test_one_form_that_is_not_found_is_told_by_its_name(
    needles: Path, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record_match = Findings.record_match

    def half_blind(self: Findings, place: str, via: tuple[str, ...], offset: int, pattern: bytes) -> None:
        if not any("percent, lower" in form.name for form in self.matcher.patterns[pattern]):
            record_match(self, place, via, offset, pattern)

    monkeypatch.setattr(Findings, "record_match", half_blind)
    run = Run(needles, data, capsys, "--only", "storage")
    assert run.exit_code == 3
    assert any("percent, lower" in line for line in run.report["broken"])


@pytest.mark.parametrize("missing", ["blobs", "logs"])
def test_a_store_that_is_not_there_is_told_as_broken(
    missing: str, needles: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (data / missing).iterdir():
        path.unlink()
    (data / missing).rmdir()
    run = Run(needles, data, capsys, "--only", {"blobs": "storage", "logs": "logs"}[missing])
    assert run.exit_code == 3


def test_a_database_that_is_not_a_caseapps_fails_the_negative_control(
    needles: Path, data: Path, database: tuple[Postgres, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = database[0].admin_url("template1")
    run = Run(needles, data, capsys, "--only", "database", "--database-url", elsewhere)
    assert run.exit_code == 3
    assert any("name of a table" in line for line in run.report["broken"])


def test_controls_are_taken_out_even_when_reading_fails(
    needles: Path, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(data.rglob("*"))

    def fail(self: FolderStore, path: Path, tally: Tally) -> None:
        raise RuntimeError

    monkeypatch.setattr(FolderStore, "_read_file", fail)
    with pytest.raises(RuntimeError):
        Run(needles, data, capsys, "--only", "storage")
    assert sorted(data.rglob("*")) == before
