"""The index's bench measures both sides on the same cases and leaves nothing behind."""

import pytest
from django.db import connection

from caseapp.index.models import IndexHead, IndexPart
from caseapp.tools.bench import index


@pytest.mark.django_db(transaction=True)
def test_the_bench_gives_its_figures_and_cleans_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "CASES", 600)
    figures = index.run()
    assert [figure["name"] for figure in figures] == [
        "cold open of 600 cases",
        "cold open and first search",
        "search by name, p50",
        "search by number, p50",
    ]
    assert all(figure["ours"] > 0 and figure["peer"] > 0 for figure in figures)
    assert all(figure["met"] == (figure["ratio"] <= figure["goal"]) for figure in figures)
    assert [name for name in connection.introspection.table_names() if name.startswith("bench_")] == []
    assert (IndexHead.objects.count(), IndexPart.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_both_sides_find_the_same_case_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "CASES", 600)
    with index._filled_bench() as filled:
        ours = index._search_by_number(filled)(5)
        twins = index._twin_number(filled)(5)
    assert [hit.row.a_numbers for hit in ours] == [("000000485",)]  # type: ignore[attr-defined]  # the bench times objects
    assert [twin.a_number for twin in twins] == ["000000485"]  # type: ignore[attr-defined]  # the bench times objects
