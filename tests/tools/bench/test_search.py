"""The bench of search: its names are the committed ones, and a search that finds nothing makes it fail."""

from pathlib import Path

import pytest

from caseapp.index.models import IndexPart
from caseapp.index.view import IndexView
from caseapp.tools.bench.conflict_checks import plain_server
from caseapp.tools.bench.search_names import bench, names
from caseapp.tools.bench.search_names.people import KINDS, LATIN, OWN, make_yardstick


def test_names_of_another_digest_are_refused(tmp_path: Path) -> None:
    for half in (names.DEVELOPMENT, names.HELD_OUT):
        content = (names.FOLDER / f"{half}.tsv").read_bytes()
        (tmp_path / f"{half}.tsv").write_bytes(content)
        assert names.read_names(half, tmp_path) == names.read_names(half)
        (tmp_path / f"{half}.tsv").write_bytes(content.replace(b"ivan", b"iwan", 1))
        with pytest.raises(names.OtherNames):
            names.read_names(half, tmp_path)


def test_no_name_of_one_half_is_in_the_other() -> None:
    halves = [set(names.read_names(half)) for half in names.DIGESTS]
    assert min(map(len, halves)) > 4_000
    assert not halves[0] & halves[1]


def test_each_search_is_for_one_stored_name_that_is_written_otherwise() -> None:
    listed = names.read_names(names.DEVELOPMENT)
    yardstick, larger = make_yardstick(listed, 500, searches=50), make_yardstick(listed, 900, searches=50)
    assert yardstick.searches == larger.searches
    assert len(set(yardstick.names)) == 500
    assert {search.kind for search in yardstick.searches[LATIN]} == set(KINDS)
    for searches in yardstick.searches.values():
        assert len(searches) == 50
        for search in searches:
            assert search.wanted in yardstick.names
            assert search.text.casefold() != search.wanted.casefold()


@pytest.mark.django_db(transaction=True)
def test_the_bench_fails_where_search_finds_nothing_and_gives_its_figures_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    try:
        plain_server._find_programs()
    except plain_server.NoTrigrams:
        pytest.skip("this machine has no PostgreSQL with pg_trgm")
    monkeypatch.setattr(bench, "SMALLER", 200)
    monkeypatch.setattr(bench, "LARGER", 250)
    monkeypatch.setattr(bench, "SEARCHES", 20)
    with monkeypatch.context() as broken:
        broken.setattr(IndexView, "search_cases", lambda *_, **__: [])
        with pytest.raises(bench.SearchFindsNothing):
            bench.run()
    figures = {str(figure["name"]): figure for figure in bench.run()}
    measured = ("Latin spellings, recall@10", "Latin spellings, recall@1", "own script, recall@10", "a search, p95")
    assert list(figures) == [f"{name}, {count}" for count in (200, 250) for name in measured]
    assert float(str(figures["Latin spellings, recall@10, 200"]["ours"])) >= 0.7
    assert IndexPart.objects.count() == 0


def test_each_bar_is_judged_against_its_goal() -> None:
    """A side that finds too little or takes too long misses its goals."""
    good = bench.SideFigures({sort: [0] * 96 + [None] * 4 for sort in (LATIN, OWN)}, [1.0] * 100)
    bad = bench.SideFigures({sort: [0] * 80 + [None] * 20 for sort in (LATIN, OWN)}, [9.0] * 100)
    assert all(each["met"] for each in bench._figures(5, bench.LARGER_GOALS, good, bad))
    assert not any(each["met"] for each in bench._figures(5, bench.LARGER_GOALS, bad, good))
    smaller = [each["met"] for each in bench._figures(5, bench.SMALLER_GOALS, good, bad)]
    assert smaller == [False, True, True, True]
    assert (bench.SMALLER_GOALS, bench.LARGER_GOALS, bench.OWN_GOAL) == ((0.97, 0.87), (0.95, 0.82), 0.85)
