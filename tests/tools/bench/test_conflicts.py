"""The bench of conflict checks measures both sides on the same people and leaves nothing behind."""

import pytest

from caseapp.conflicts.services import matching
from caseapp.index.models import ConflictPart
from caseapp.tools.bench.conflict_checks import bench as conflicts
from caseapp.tools.bench.conflict_checks import checked_people, plain_server


@pytest.mark.django_db(transaction=True)
def test_the_bench_gives_its_figures_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        plain_server._find_programs()
    except plain_server.NoTrigrams:
        pytest.skip("this machine has no PostgreSQL with pg_trgm")
    monkeypatch.setattr(conflicts, "CASES", 400)
    monkeypatch.setattr(conflicts, "ROUNDS", 1)
    with monkeypatch.context() as broken:
        broken.setattr(matching, "find_matches", lambda *_: [])
        without = {str(figure["name"]): figure for figure in conflicts.run()}
    assert not any(without[name]["met"] for name in without if name.startswith("recall"))
    figures = {str(figure["name"]): figure for figure in conflicts.run()}
    assert list(figures) == [
        "recall with a birth year or number",
        "recall by name alone",
        "recall by name alone, Latin",
        "most candidates of a name",
        "one check, p95",
        "opening the sealed index once",
    ]
    assert figures["recall with a birth year or number"]["ours"] == 1.0
    assert figures["recall by name alone"]["met"]
    assert figures["recall by name alone, Latin"]["met"]
    assert figures["recall by name alone, Latin"]["goal"] == 0.95
    assert figures["most candidates of a name"]["met"]
    assert ConflictPart.objects.count() == 0


def test_half_of_the_checks_give_a_fact_and_none_writes_the_name_as_it_is_stored() -> None:
    people = checked_people.fictional_people(50)
    checks = checked_people.fictional_checks(people)
    by_case = dict(people)
    assert len(checks) == 20
    assert sum(check.has_fact for check in checks) == 10
    for check in checks:
        assert bool(check.asked.born or check.asked.a_number) == check.has_fact
        names = {name for person in by_case[check.case_id] for name in person.names}
        assert check.asked.names[0] not in names
