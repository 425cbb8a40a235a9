"""The published guesser: from a dump and all keys of the server, who works on which case, and which cases go together.

Each feature below is one way to guess; a guess is (sureness, what, answer) and a feature answers with its guesses, the
surest first. What it uses:

- *when a case was opened*: place of its row in `vault_case` (rows are never changed);
- *when it was saved*: places of its head and records in `vault_record`, and of replaced versions in `vault_past`;
- *when a member's reminder days were last written, or first*: place of their rows in `reminders_fire`, opened with the
  operational key, which names the member of each;
- *when a member was last here*: rows of `accounts_session` tell when, not who; who it was is guessed from the row that
  was written before it and names a member, their profile's or their second factor's;
- *when a member looked*: place of the lines of their messages that were followed by opening Today, in
  `reminders_delivery`, opened with the operational key;
- *when a group was last saved*: place of its parts in `index_part`, where the group's id stands in clear.

The dump shows places, not times; two things are set beside each other by their places. Whoever has the disk also has
transaction numbers (`Dump` taken with `written=True`), and need not guess what was written in one batch.
"""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from caseapp.vault.core import operational
from tests.proofs.seizure import XMIN, Dump, Row

WIDTH = 0.015  # of the whole, how far two places may lie apart and still speak for each other
NEAR = 3  # transaction numbers
BATCH = "days of the next batch"
LOOKED = "looked just before"
OWN = "own profile or factor written just before"
HERE = "last seen just before"
SEEN = "last seen beside last entered"
LITTLE = 0.01  # added to every thickness, so that one place without a neighbour rules nobody out
WINDOW = 30  # reminder rows: about what one save of a case with a date rewrites
Guess = tuple[float, UUID, UUID]  # sureness, case, member or group
Pair = tuple[float, UUID, UUID]  # sureness, case, another case that is guessed to be of the same person or group
Places = dict[UUID, list[float]]  # 0 = first in the table as the dump shows it, 1 = last


def opened(dump: Dump) -> Places:
    """Where the key of each case lies: cases by the order in which they were made."""
    return _places([row["case_id"] for row in dump["vault_case"]])


def heads(dump: Dump) -> Places:
    """Where the head of each case lies, which every save writes anew."""
    return _places([row["case_id"] for row in dump["vault_record"] if row["id"] == row["case_id"]])


def records(dump: Dump) -> Places:
    """Where the other records of each case lie: nearly the order in which they were entered."""
    return _places([row["case_id"] for row in dump["vault_record"] if row["id"] != row["case_id"]])


def past(dump: Dump) -> Places:
    """Where the replaced versions lie: the order in which changes were made."""
    return _places([row["case_id"] for row in dump["vault_past"]])


def newest(dump: Dump) -> Places:
    """Cases by where their newest record lies, evenly spaced."""
    return _places(list(reversed(_latest(records(dump)))))


CASE_ORDERS: dict[str, Callable[[Dump], Places]] = {
    "opened": opened, "heads": heads, "records": records, "past": past, "newest": newest,
}  # fmt: skip


def fire_members(dump: Dump, operational_key: bytes) -> list[UUID]:
    """The member of each reminder row, in dump order. A thief with the server's keys reads them all."""
    return [
        operational.open_fire(operational_key, row["org_id"], row["id"], bytes(row["sealed"])).member
        for row in dump["reminders_fire"]
    ]


def looked(dump: Dump, operational_key: bytes) -> list[tuple[UUID, Row]]:
    """The member and the line of each message that was followed by a look at Today, in dump order."""
    return [
        (operational.open_log_recipient(operational_key, row["org_id"], row["message_id"], bytes(row["sealed"])), row)
        for row in dump["reminders_delivery"]
        if row["seen"]
    ]


def members_of_cases(dump: Dump, operational_key: bytes) -> dict[str, list[Guess]]:
    """By feature: for each case, the member who is guessed to work on it."""
    fires = fire_members(dump, operational_key)
    found = {f"days beside: {name}": _beside(order(dump), fires) for name, order in CASE_ORDERS.items()}
    found |= {f"days at the end: {name}": _at_the_end(order(dump), fires) for name, order in CASE_ORDERS.items()}
    who_looked = [member for member, _ in looked(dump, operational_key)]
    found |= {f"looks beside: {name}": _beside(order(dump), who_looked) for name, order in CASE_ORDERS.items()}
    who_used = [row["member_id"] for row in dump["accounts_factor"]]
    found |= {f"factors beside: {name}": _beside(order(dump), who_used) for name, order in CASE_ORDERS.items()}
    return found


def groups_of_cases(dump: Dump) -> dict[str, list[Guess]]:
    """By feature: for each case, the group whose index part lies beside it.

    Only the parts of single saves are set beside single cases: those that were merged since tell no order any more.
    """
    singles = [row["group_id"] for row in dump["index_part"] if row["hi"] - row["lo"] == 1]
    every = [row["group_id"] for row in dump["index_part"]]
    found = {f"parts beside: {name}": _beside(order(dump), every) for name, order in CASE_ORDERS.items()}
    return found | {
        f"parts at the end: {name}": _at_the_end(order(dump), singles, window=1) for name, order in CASE_ORDERS.items()
    }


def pairs(guesses: Sequence[Guess]) -> list[Pair]:
    """Disjoint pairs of cases guessed to have the same answer, the surest first."""
    waiting: dict[UUID, tuple[float, UUID]] = {}
    made: list[Pair] = []
    for sure, case, answer in guesses:
        if answer in waiting:
            other_sure, other = waiting.pop(answer)
            made.append((min(sure, other_sure), other, case))
        else:
            waiting[answer] = (sure, case)
    return sorted(made, key=lambda pair: pair[0], reverse=True)


def by_transaction(dump: Dump, operational_key: bytes) -> dict[str, list[Guess]]:
    """The same questions to a disk: what was written in the case's transaction, in the next batch of reminders, and
    just before, when somebody came in, covered names or opened Today.
    """
    fires = list(zip(fire_members(dump, operational_key), (row[XMIN] for row in dump["reminders_fire"]), strict=True))
    saved = {row["case_id"]: row[XMIN] for row in dump["vault_record"] if row["id"] == row["case_id"]}
    parts = [(row[XMIN], row["group_id"]) for row in dump["index_part"]]
    share = Counter(member for member, _ in fires)
    members: list[Guess] = []
    groups: list[Guess] = []
    for case, written in saved.items():
        later = [number for _, number in fires if number > written]
        batch = Counter(member for member, number in fires if later and number == min(later))
        if batch:
            best = max(batch, key=lambda member: batch[member] / share[member])
            members.append((batch[best] / batch.total(), case, best))
        # Each part of a transaction has a number of its own; they follow each other closely.
        near = [group for number, group in parts if 0 <= number - written <= NEAR]
        groups += [(1.0, case, near[0])] if near else []
    return {
        BATCH: sorted(members, reverse=True),
        LOOKED: _saved_next(dump, [(row[XMIN], member) for member, row in looked(dump, operational_key)]),
        OWN: _saved_next(dump, _own_rows(dump)),
        HERE: _saved_next(dump, [(row[XMIN], member) for row, member in _whose(dump)]),
        SEEN: _seen(dump),
        "group, numbers that follow": groups,
    }


def _saved_next(dump: Dump, signs: Sequence[tuple[int, UUID]]) -> list[Guess]:
    """The case that was written next after a sign of a member goes to them; of several signs, to the nearest."""
    writes = sorted((row[XMIN], row["case_id"]) for table in ("vault_record", "vault_past") for row in dump[table])
    nearest: dict[UUID, tuple[float, UUID]] = {}
    for (number, member), times in Counter(signs).items():
        place = bisect_right(writes, number, key=lambda write: write[0])
        if place < len(writes):
            written, case = writes[place]
            nearest[case] = max(nearest.get(case, (0.0, member)), (times / (written - number), member))
    return sorted(((sure, case, member) for case, (sure, member) in nearest.items()), reverse=True)


def _places(ids: Sequence[UUID]) -> Places:
    places: defaultdict[UUID, list[float]] = defaultdict(list)
    for number, case in enumerate(ids):
        places[case].append(number / max(len(ids) - 1, 1))
    return dict(places)


def _latest(cases: Places) -> list[UUID]:
    return sorted(cases, key=lambda case: max(cases[case]), reverse=True)


def _beside(cases: Places, owners: Sequence[UUID]) -> list[Guess]:
    """Whose rows are thick around all the places of a case, beside how many they have in all."""
    guesses = []
    by_owner = _places(owners)
    for case, own in cases.items():
        thick = {owner: sum(math.log(_thickness(at, theirs)) for at in own) for owner, theirs in by_owner.items()}
        most = max(thick.values(), default=0.0)
        guesses.append(_surest(case, {owner: math.exp(value - most) for owner, value in thick.items()}))
    return sorted(guesses, reverse=True)


def _thickness(place: float, places: Sequence[float]) -> float:
    return sum(math.exp(-(((place - other) / WIDTH) ** 2) / 2) for other in places) / len(places) + LITTLE


def _at_the_end(cases: Places, owners: Sequence[UUID], *, window: int = WINDOW) -> list[Guess]:
    """The last case gets the last rows, the one before it those before them, while there are any."""
    latest = _latest(cases)
    share = Counter(owners)
    guesses = []
    for number, case in enumerate(latest):
        rows = Counter(owners[max(len(owners) - window * (number + 1), 0) : len(owners) - window * number])
        if rows:
            sure, case, owner = _surest(case, {owner: rows[owner] / share[owner] for owner in rows})
            guesses.append((sure + 1 / (number + 1), case, owner))  # the later, the surer
    return sorted(guesses, reverse=True)


def _surest(case: UUID, weights: Mapping[UUID, float]) -> Guess:
    best = max(weights, key=lambda owner: (weights[owner], owner))
    return weights[best] / (sum(weights.values()) or 1.0), case, best


def _own_rows(dump: Dump) -> list[tuple[int, UUID]]:
    """Transaction number and member of every row that names its member and was written by itself."""
    rows = [(row[XMIN], row["id"]) for row in dump["accounts_member"]]
    rows += [(row[XMIN], row["member_id"]) for row in dump["accounts_factor"]]
    together = Counter(number for number, _ in set(rows))
    return [(number, member) for number, member in rows if together[number] == 1]


def _whose(dump: Dump) -> list[tuple[Row, UUID]]:
    """Rows of sessions, each with the member whose own row was written last before it."""
    named = sorted(_own_rows(dump)) or [(0, row["id"]) for row in dump["accounts_member"]]
    guessed = []
    for row in dump["accounts_session"]:
        place = bisect_right(named, row[XMIN], key=lambda write: write[0])
        guessed.append((row, named[max(place - 1, 0)][1]))
    return guessed


def _seen(dump: Dump) -> list[Guess]:
    """The case saved last goes to whoever was seen last, the one before to who was seen before, and round again."""
    seen = [who for _, who in sorted(_whose(dump), key=lambda found: found[0]["seen_at"], reverse=True)]
    latest = _latest(records(dump))
    return [(1 / (number + 1), case, seen[number % len(seen)]) for number, case in enumerate(latest)]
