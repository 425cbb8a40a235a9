"""Each worker begins with long tests of its own; nothing is lost, and the rest stays in its random order."""

from tests.helpers.run_order import deal_long_tests

TESTS = ["a1", "B1", "a2", "c1", "B2", "D1", "c2", "E1", "f1", "f2", "f3", "f4", "f5", "f6"]


def _dealt(tests: list[str], workers: int) -> list[str]:
    return deal_long_tests(tests, workers, is_long=str.isupper, module=lambda name: name[0])


def test_each_worker_begins_with_its_share_of_the_long_tests() -> None:
    # Parts as pytest-xdist cuts them: 4, 5 and 5 tests.
    assert _dealt(TESTS, 3) == [
        *("B1", "B2", "a1", "a2"),
        *("D1", "c1", "c2", "f1", "f2"),
        *("E1", "f3", "f4", "f5", "f6"),
    ]  # fmt: skip


def test_a_single_process_runs_the_long_tests_first() -> None:
    assert _dealt(TESTS, 1) == ["B1", "B2", "D1", "E1", "a1", "a2", "c1", "c2", "f1", "f2", "f3", "f4", "f5", "f6"]


def test_no_test_is_lost_where_nearly_all_are_long() -> None:
    for workers in (1, 2, 3, 5):
        for tests in (["A1"], ["A1", "A2", "A3", "B1", "c1"], ["c1", "c2"], []):
            assert sorted(_dealt(tests, workers)) == sorted(tests)
