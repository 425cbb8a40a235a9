"""The benches of moving do at a small size what they do at their full one, and see what is not as promised."""

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from caseapp.moving.services.own_import import cases as own_import
from caseapp.moving.services.own_import.package import PackageLine
from caseapp.tools.bench.moves import round_trip
from caseapp.tools.bench.moves.imports import compare_imports
from caseapp.tools.bench.moves.round_trip import RecordLine, RoundTrip, compare_offices, make_round_trip
from caseapp.vault.registry import KINDS, _by_kind

KINDS_OF_CASES = {KINDS[kind] for kind in _by_kind if kind < 100}


@pytest.mark.django_db
def test_an_export_of_an_office_imported_into_an_empty_one_gives_equal_records_of_every_kind() -> None:
    trip = make_round_trip(cases=11, documents=4)
    assert trip.differences == []
    assert set(trip.kinds) == KINDS_OF_CASES
    assert (trip.kinds["case"], trip.documents) == (11, 4)


@pytest.mark.django_db
def test_a_field_and_a_document_that_are_lost_on_the_way_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    record_of, stored = own_import.ArchiveCases._record_of, own_import._with_files

    def without_a_number(run: Any, line: PackageLine) -> Any:
        record = record_of(run, line)
        return replace(record, a_number="") if line.kind == "party" and record.a_number else record  # type: ignore[attr-defined]  # of a person

    monkeypatch.setattr(own_import.ArchiveCases, "_record_of", without_a_number)
    monkeypatch.setattr(own_import, "_with_files", lambda record, files: stored(record, files[:0]))
    differences = make_round_trip(cases=1, documents=1).differences
    assert [line.split(" ", 2)[2] for line in differences if line.startswith("party")] == ["a_number is not the same"]
    assert any("its stored files are not the same" in line for line in differences)
    assert {line.split(" ")[0] for line in differences} == {"party", "document"}


def test_a_record_that_is_missing_new_of_another_version_or_file_is_a_difference() -> None:
    first, second = UUID(int=1), UUID(int=2)
    line = RecordLine("note", 1, {"text": "Told."}, ("aa",))
    cases = {
        "missing": ({first: line}, {}),
        "new": ({}, {second: line}),
        "version": ({first: line}, {first: RecordLine("note", 2, {"text": "Told."}, ("aa",))}),
        "files": ({first: line}, {first: RecordLine("note", 1, {"text": "Told."}, ("ab",))}),
        "text": ({first: line}, {first: RecordLine("note", 1, {}, ("aa",))}),
        "kind": ({first: line}, {first: RecordLine("task", 1, {"text": "Told."}, ("aa",))}),
    }
    for word, (before, after) in cases.items():
        (difference,) = compare_offices(before, after, RoundTrip()).differences
        assert word in difference
    assert compare_offices({first: line}, {first: line}, RoundTrip()).differences == []
    assert round_trip._figure("differences", "faults", 1, goal=0)["met"] is False


@pytest.mark.django_db(transaction=True)
def test_a_list_through_the_reader_killed_at_random_points_gives_the_same_office_and_goes_again() -> None:
    result = compare_imports(rows=40, kills=2)
    assert result.wrong == []
    assert result.killed.counts["rejected"] == 2
    assert result.killed.counts["opened"] == 40 - 2 - result.killed.counts["skipped"]
    assert sum(result.killed.kills.values()) >= 2
