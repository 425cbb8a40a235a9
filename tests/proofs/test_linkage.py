"""The linkage game: from a dump and all keys of the server, who works on which case? No better than by chance.

Leads are dealt evenly and at random, so whoever knows nothing is right once in five (of pairs: 11 times in 59). What
is judged may pass a bound that chance alone passes less than once in 10,000 runs of this whole file; the distance in
standard errors is printed (`pytest -s`). Whether the guesser would find a leak at all is shown by planting some.
"""

import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.core.management import call_command

from caseapp.accounts.models import Factor
from caseapp.accounts.signin import factors
from caseapp.reminders.models import Delivery
from caseapp.reminders.planning import outbox
from caseapp.reminders.sending import delivery_log
from caseapp.vault import server_keys
from tests.proofs import guesser, working_office
from tests.proofs.guesser import Guess
from tests.proofs.seizure import Dump, Row, take
from tests.proofs.working_office import CASES, PEOPLE, Office

pytestmark = pytest.mark.django_db(transaction=True)
GAMES = int(os.environ.get("CASEAPP_LINKAGE_GAMES", "2"))
SUREST = 12  # of a game's guesses: a leak of the newest cases only would drown in all of them
FALSE_ALARM = 1e-4
ON_DISK = (guesser.BATCH, guesser.LOOKED, guesser.OWN, guesser.HERE, guesser.SEEN)  # what names members, by xmin
BY_CHANCE = 1 / len(PEOPLE)
PAIR_BY_CHANCE = (CASES / len(PEOPLE) - 1) / (CASES - 1)


@dataclass
class Tally:
    """How often a feature was right, and what chance gives."""

    chance: float
    right: int = 0
    of: int = 0

    def count(self, answers: Iterable[bool]) -> None:
        told = list(answers)
        self.right, self.of = self.right + sum(told), self.of + len(told)

    def said(self, name: str) -> str:
        error = math.sqrt(self.chance * (1 - self.chance) / self.of) if self.of else math.inf
        apart = (self.right / max(self.of, 1) - self.chance) / error
        return f"{name:<48} {self.right:>4}/{self.of:<4} chance {self.chance:.2f}  {apart:+.1f} standard errors"


def reached_by_chance(right: int, of: int, chance: float) -> float:
    """The probability of at least `right` of `of` by chance alone (exact, binomial)."""
    return sum(math.comb(of, k) * chance**k * (1 - chance) ** (of - k) for k in range(right, of + 1))


@dataclass
class Game:
    """What was guessed in all games. `told` is printed only."""

    judged: dict[str, Tally] = field(default_factory=dict)
    told: dict[str, Tally] = field(default_factory=dict)

    def play(self, here: Office, dump: Dump) -> None:
        key = server_keys.operational_key()
        on_disk = guesser.by_transaction(dump, key)
        features = guesser.members_of_cases(dump, key)
        features |= {name: on_disk.pop(name) for name in ON_DISK}
        for name, guesses in features.items():
            known = [guess for guess in guesses if guess[1] in here.worker]  # the office's own file is no case
            self._count(self.judged, name, known, here.worker, BY_CHANCE)
            self._count(self.judged, f"{name}, surest", known[:SUREST], here.worker, BY_CHANCE)
            same = [here.worker[one] == here.worker[other] for _, one, other in guesser.pairs(known)]
            self.judged.setdefault(f"{name}, pairs", Tally(PAIR_BY_CHANCE)).count(same)
        for name, guesses in (guesser.groups_of_cases(dump) | on_disk).items():
            known = [guess for guess in guesses if guess[1] in here.group][:SUREST]
            share = max(Counter(here.group.values()).values()) / CASES
            self._count(self.told, f"group: {name}, surest", known, here.group, share)

    @staticmethod
    def _count(
        where: dict[str, Tally], name: str, guesses: Sequence[Guess], truth: dict[UUID, UUID], chance: float
    ) -> None:
        where.setdefault(name, Tally(chance)).count(truth[case] == answer for _, case, answer in guesses)

    def found(self) -> list[str]:
        """Features that are right more often than chance explains."""
        each = FALSE_ALARM / len(self.judged)
        return [n for n, tally in self.judged.items() if reached_by_chance(tally.right, tally.of, tally.chance) < each]

    def gives_away(self, name: str) -> bool:
        """Whether this one feature, asked for before the game, is right more often than chance explains."""
        tally = self.judged[name]
        return reached_by_chance(tally.right, tally.of, tally.chance) < FALSE_ALARM

    def print(self) -> None:
        for title, tallies in (("judged", self.judged), ("told only: the published leak L4", self.told)):
            print(f"\n{title}")
            for name, tally in tallies.items():
                print(tally.said(name))


@cache
def _worked(seed: int) -> tuple[Office, Dump]:
    with working_office.frozen() as day:
        here = working_office.staffed()
        working_office.work(here, day, seed)
    dump = take(written=True)
    call_command("flush", interactive=False, verbosity=0)
    return here, dump


def test_nobody_learns_who_works_on_which_case_from_a_dump_and_the_servers_keys() -> None:
    game = Game()
    for seed in range(GAMES):
        here, dump = _worked(seed)
        assert len(here.worker) == CASES
        assert len(here.saved) >= working_office.SAVES
        assert set(guesser.fire_members(dump, server_keys.operational_key())) == set(here.members), "days are readable"
        assert {who for who, _ in guesser.looked(dump, server_keys.operational_key())} == set(here.members), "looks too"
        game.play(here, dump)
    game.print()
    assert game.found() == []
    _check_that_days_in_the_order_of_the_cases_would_be_found(*_worked(seed=0))


def test_the_guesser_finds_what_is_written_by_itself_at_a_save_a_look_and_a_sign_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three leaks are planted in the same offices and judged apart: days, looks, factors."""
    _write_days_by_themselves_after_each_save(monkeypatch)
    _mark_looks_when_they_happen(monkeypatch)
    _write_factors_by_themselves_at_a_sign_in(monkeypatch)
    game = Game()
    for seed in (103, 104):  # a sign-in tells the last case of five members, and no more
        game.play(*_worked(seed))
    assert game.gives_away(guesser.BATCH)
    assert game.gives_away(guesser.LOOKED)
    assert game.gives_away(guesser.OWN)
    assert game.gives_away(guesser.HERE)


def _write_days_by_themselves_after_each_save(monkeypatch: pytest.MonkeyPatch) -> None:
    no_others: Callable[..., list[object]] = lambda *_: []  # noqa: E731
    monkeypatch.setattr(outbox, "_other_waiting_rows", no_others)
    monkeypatch.setattr(working_office, "MERGED_AFTER", 1.0)


def _mark_looks_when_they_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_once(org_id: UUID, adds: Sequence[object], withdraws: Sequence[object], *, seen: Sequence[str]) -> None:
        Delivery.objects.filter(org_id=org_id, message_id__in=seen).update(seen=True)

    monkeypatch.setattr(delivery_log, "plan", SimpleNamespace(write=at_once))


def _write_factors_by_themselves_at_a_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def alone(
        holder: factors.BundleHolder, factor_id: UUID, *, seen: factors.FactorRecord, now: factors.FactorRecord
    ) -> None:
        Factor.objects.filter(org_id=holder.org_id, id=factor_id).update(
            sealed=factors._seal_factor(holder, factor_id, now)
        )

    monkeypatch.setattr(factors, "change", alone)


def _check_that_days_in_the_order_of_the_cases_would_be_found(here: Office, dump: Dump) -> None:
    game = Game()
    game.play(here, Dump(dump.tables | {"reminders_fire": _as_the_cases_lie(here, dump)}))
    assert game.gives_away("days beside: newest")


def _as_the_cases_lie(here: Office, dump: Dump) -> list[Row]:
    """Reminder rows as they would lie if the newest save of each case had written the days of its member: planted."""
    members = guesser.fire_members(dump, server_keys.operational_key())
    days = {who: [row for row, m in zip(dump["reminders_fire"], members, strict=True) if m == who] for who in members}
    newest = guesser.newest(dump)
    order = sorted(here.worker, key=lambda case: newest[case])
    return [row for case in order for row in days[here.worker[case]][:15]]
