"""The bench of files fails when what was sealed or stored is not what was given."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from caseapp.casefile.file_storage import BlobWriter
from caseapp.tools.bench import files as bench
from caseapp.vault.core import files
from caseapp.vault.errors import OpenFailed
from tests.helpers import cast

CONTENT = os.urandom(2 * bench.PIECE + 7)


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.BLOBS = tmp_path


@pytest.mark.django_db
def test_both_ways_are_measured_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "MEGABYTES", 1)
    monkeypatch.setattr(bench, "ROUNDS", 1)
    sealing, storing = bench.run()
    assert (sealing["goal"], storing["goal"]) == (0.9, None)
    assert all(figure["ours"] and figure["peer"] for figure in (sealing, storing))


@pytest.mark.django_db
def test_a_writer_that_stores_nothing_fails_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BlobWriter, "_write_sealed", lambda writer, sealed: None)
    check = bench.store(BlobWriter(cast.found().org_id), CONTENT)
    with pytest.raises(OpenFailed):
        check()


@pytest.mark.django_db
def test_a_writer_that_stores_other_bytes_fails_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    write = BlobWriter.write
    monkeypatch.setattr(BlobWriter, "write", lambda writer, piece: write(writer, bytes(len(piece))))
    check = bench.store(BlobWriter(cast.found().org_id), CONTENT)
    with pytest.raises(bench.WrongFile):
        check()


def test_a_sealer_that_seals_nothing_fails_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    def seal_nothing(sealer: files.Sealer, content: bytes | memoryview) -> Iterator[memoryview]:
        sealer.size += len(content)
        return iter(())

    monkeypatch.setattr(files.Sealer, "seal_pieces", seal_nothing)
    with pytest.raises(OpenFailed):
        bench.check_sealing(CONTENT)
