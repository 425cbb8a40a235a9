"""The reminders' bench tells everybody once, measures both sides and leaves nothing behind."""

import pytest
from django.db import connection

from caseapp.lib import clock
from caseapp.tools.bench import reminders


@pytest.mark.django_db(transaction=True)
def test_the_bench_gives_its_figures_tells_nobody_twice_and_cleans_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "OFFICES", 4)
    monkeypatch.setattr(reminders, "MEMBERS", 20)
    monkeypatch.setattr(reminders, "DAYS", 5)
    now = clock.now
    one, two, doubled = reminders.run()
    assert [one["name"], two["name"]] == ["claimed and handed over, 1 worker", "claimed and handed over, 2 workers"]
    for figure in (one, two):
        assert set(figure) == {"name", "unit", "better", "ours", "peer", "peer_name", "ratio", "goal", "met"}
        assert figure["better"] == "higher"
        assert figure["met"] == (figure["ratio"] >= 0.5)  # type: ignore[operator]  # a number
    assert doubled["name"] == "told twice or never, of 480"
    assert (doubled["ours"], doubled["met"]) == (0.0, True)
    assert clock.now is now
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", [reminders.SCHEMA])
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT (SELECT count(*) FROM reminders_fire) + (SELECT count(*) FROM reminders_delivery)")
        assert cursor.fetchone() == (0,)
