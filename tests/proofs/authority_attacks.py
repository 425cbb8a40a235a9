"""Attacks of a writer into the database who has one member's whole keyring, on a running program of any commit.

    .venv/bin/python -m tests.proofs.authority_attacks                                   # this checkout
    .venv/bin/python -m tests.proofs.authority_attacks /path/to/older/.venv/bin/caseapp "removed, grant alone"

The program is reached over HTTP, SQL and the command line only. Each attack is played on a team and a case of its own;
then two members go on working, and the adversary tries to read what they saved. Exit code 1 when an attack succeeded.
Where attacks succeed, play each alone: one spoils the office for the next.
"""

import sys
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from caseapp.tools.pytest_plugin import CASEAPP
from caseapp.vault.core.keyring import GroupKey
from tests.helpers.visitor import Visitor
from tests.proofs import sheet_attack
from tests.proofs.attacked_office import AttackedOffice, Team, attacked_office
from tests.proofs.forger import Forger, Row

ANA, CORA, BEN, VERA = "Ana Ruiz", "Cora Diaz", "Ben Okafor", "Vera Lind"
CLIENTS = (
    "Zarmina Qaderdan", "Mateo Ixchel Tum", "Thida Win", "Joseph Etienne", "Farah Noori", "Oksana Kovalenko",
    "Amina Warsame", "Nadia Haddad", "Samuel Okello", "Lien Pham", "Rosa Quispe", "Emeka Nwosu", "Dawit Tesfaye",
    "Irina Volkova", "Jorge Batista", "Meryem Demir", "Sunil Thapa", "Fatou Ceesay", "Layla Rahimi", "Hai Nguyen",
    "Marta Lemus", "Kofi Mensah", "Anush Petrosyan", "Bilal Shinwari", "Elira Hoxha", "Tomas Ruiz Paz", "Yusuf Barre",
    "Ngoc Tran", "Paulo Mendes", "Sara Yohannes",
)  # fmt: skip
LATER = "Saved after the attack"


@dataclass(frozen=True)
class Outcome:
    """What one attack led to.

    opened    tables in which the adversary reads something that members saved after the attack
    failing   requests of members that failed after it
    findings  what an admin is shown of it, that was not there before
    """

    attack: str
    opened: tuple[str, ...]
    failing: tuple[str, ...]
    findings: tuple[str, ...]

    @property
    def succeeded(self) -> bool:
        """Return whether the adversary opened something new, or locked members out while no admin is shown why."""
        return bool(self.opened or (self.failing and not self.findings))


@dataclass
class Stage:
    """One office under attack: the two adversaries, the teams by attack, and group rows as they were before."""

    office: AttackedOffice
    home: Team
    clients: list[str]
    teams: dict[str, Team] = field(default_factory=dict)
    rows: dict[UUID, Row] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)  # findings that were shown before
    outcomes: list[Outcome] = field(default_factory=list)
    controls: dict[str, list[str]] = field(default_factory=dict)  # what each adversary reads by right, by name
    doctor: str = ""
    sheets: sheet_attack.Outcome | None = None  # where that was played too

    def prepare(self, attack: str, *, with_ben: bool) -> None:
        """Make the team and the case that an attack is played on."""
        team = self.teams[attack] = self.office.make_team(attack, self.clients.pop(), with_ben=with_ben)
        if with_ben:
            self.rows[team.id] = self.forger(CORA).group_row(team.id)

    def forger(self, name: str) -> Forger:
        """Return an adversary with a member's whole keyring as it is now."""
        office = self.office
        return Forger.of_member(office.database, office.secrets, office.members[name], office.passphrases[name])

    def judge(self, attack: str, forger: Forger, failing: list[str], *texts: str) -> None:
        """Write down what became of an attack, once members went on working."""
        findings = sorted((self.office.findings() - self.seen).elements())
        opened = sorted({where for text in texts for where in forger.opens(text)})
        self.outcomes.append(Outcome(attack, tuple(opened), tuple(failing), tuple(findings)))

    def look(self) -> None:
        """Remember the findings that are shown now: those of the next attacks are counted without them."""
        self.seen = self.office.findings()

    def put_back(self, row: Row) -> None:
        """Let the operator of the server restore a group's row, as from a backup."""
        self.forger(CORA).write(
            "UPDATE accounts_group SET version = %s, sealed = %s, epoch = %s, needs_epoch = %s WHERE group_id = %s",
            *(row[name] for name in ("version", "sealed", "epoch", "needs_epoch", "group_id")),
        )

    def work(self, attack: str, forger: Forger) -> None:
        """Let both members go on in the attacked team, and look what became of it."""
        office, team, client = self.office, self.teams[attack], self.clients.pop()
        text = f"{LATER}: {attack}"
        unsaved = _posts(office.ana, f"{team.path}notes/new/", {"text": text})
        failing = [*_asks(office.ana, "/", ""), *unsaved, *_asks(office.ana, team.path, "" if unsaved else text)]
        failing += [*_asks(office.cora, "/", ""), *_asks(office.cora, team.path, "" if unsaved else text)]
        failing += [line for path in ("/law/", "/team/invite/") for line in _asks(office.ana, path, "")]
        made = office.cora.post("/cases/new/", {"name": client, "stage": "intake", "group": str(team.id)})
        failing += [f"new case: {made.status}"] if made.status != 303 else _asks(office.ana, made.location, client)
        self.judge(attack, forger, failing, text, client)


def _asks(visitor: Visitor, path: str, text: str) -> list[str]:
    answer = visitor.get(path.partition("#")[0])
    return [] if answer.status == 200 and text in answer.text else [f"GET {path}: {answer.status}"]


def _posts(visitor: Visitor, path: str, fields: dict[str, str]) -> list[str]:
    answer = visitor.post(path, fields)
    return [] if answer.status == 303 else [f"POST {path}: {answer.status}"]


def _newer_epoch(forger: Forger, team: Team) -> None:
    """Claim the group's next epoch in its row, and give its key to both members."""
    key = forger.make_key(team.id, forger.group_row(team.id)["epoch"] + 1)
    forger.claim_group(team.id, key, members=_members(forger))
    _give_both(forger, key)


def _grant_alone(forger: Forger, team: Team) -> None:
    """Give both members a key of the next epoch, and write nothing else: one inserted row each."""
    _give_both(forger, forger.make_key(team.id, forger.group_row(team.id)["epoch"] + 1))


def _same_epoch(forger: Forger, team: Team) -> None:
    _give_both(forger, forger.make_key(team.id, forger.group_row(team.id)["epoch"]))


def _share_as_team(forger: Forger, team: Team) -> None:
    """Give the key of a share under the id of a team, of an epoch that the team will not reach for long."""
    _give_both(forger, forger.make_key(team.id, 99, "share"))


def _continue_row(forger: Forger, team: Team, row: Row, *, epoch: int) -> None:
    """Continue the group's row as it was before the removal, up to an epoch; name the directory's version of then."""
    key = forger.make_key(team.id, epoch)
    forger.claim_group(team.id, key, members=_members(forger), based_on=row)
    for name in (ANA, CORA):
        forger.give(name, key, directory_version=1, version=1)


def _members(forger: Forger) -> tuple[UUID, ...]:
    return tuple(UUID(forger.people[name]["member_id"]) for name in (ANA, CORA))


def _give_both(forger: Forger, key: GroupKey) -> None:
    for name in (ANA, CORA):
        forger.give(name, key)


VOLUNTEER: dict[str, Callable[[Forger, Team], None]] = {
    "volunteer, newer epoch": _newer_epoch,
    "volunteer, grant alone": _grant_alone,
    "volunteer, same epoch": _same_epoch,
    "volunteer, share as team": _share_as_team,
    "volunteer, office file": lambda forger, _: forger.give(ANA, office_file=uuid4()),
}
# Played right after the removal: no case has a new key yet, and Cora made no request since.
AT_ONCE: dict[str, Callable[[Forger, Team], None]] = {
    "removed, grant alone": _grant_alone,
    "removed, same epoch": _same_epoch,
    "removed, share in a case": lambda forger, team: forger.add_share(team.case_id, CORA, re_sign=False),
    "removed, share he signed": lambda forger, team: forger.add_share(team.case_id, CORA, re_sign=True),
    "removed, office file": lambda forger, _: forger.give(ANA, office_file=uuid4()),
}
# He continues the row of before his removal: epochs past the present one, or just the one that his removal led to.
ROWS = {"removed, newer epoch": 2, "removed, dated before": 1}
SHARES = ("removed, share in a case", "removed, share he signed")
NAMES_HERSELF, PUT_BACK = "volunteer, names herself", ", put back"
ATTACKS = (*VOLUNTEER, NAMES_HERSELF, *AT_ONCE, *ROWS)


def play(program: str, attacks: Collection[str], *, with_sheets: bool = False) -> Stage:
    """Play attacks on a new office of a program and return what they led to. `program`: path of its `caseapp`.

    with_sheets  play `sheet_attack` in the same office
    """
    with attacked_office(program) as office:
        sheets = sheet_attack.play(office) if with_sheets else None
        stage = Stage(
            office, office.make_team("Home team", "Selam Abebe", with_ben=False), list(CLIENTS), sheets=sheets
        )
        for attack in sorted(attacks):  # the teams with Ben first: the first client is his control
            stage.prepare(attack, with_ben=attack in (*AT_ONCE, *ROWS))
        _play_as_volunteer(stage)
        _play_as_removed(stage)
        stage.doctor = office.doctor()
    return stage


def _play_as_volunteer(stage: Stage) -> None:
    vera = stage.forger(VERA)
    stage.controls[VERA] = vera.opens("Selam Abebe")
    for attack in [attack for attack in VOLUNTEER if attack in stage.teams]:
        stage.look()
        VOLUNTEER[attack](vera, stage.teams[attack])
        stage.work(attack, vera)
    if NAMES_HERSELF in stage.teams:
        stage.look()
        team, ana, text = stage.teams[NAMES_HERSELF], stage.office.ana, f"{LATER}: {NAMES_HERSELF}"
        failing = _posts(ana, f"{stage.home.path}access/", {"act": "share_team", "group": str(team.id)})
        vera.name_himself(team.id)
        failing += _posts(ana, f"{stage.home.path}notes/new/", {"text": text})
        stage.judge(NAMES_HERSELF, vera, [*failing, *_asks(ana, stage.home.path, text)], text)


def _play_as_removed(stage: Stage) -> None:
    """Play what a removed member does: nothing of it was signed, and no key of it held, before the removal."""
    if not stage.rows:
        return
    ben = stage.forger(BEN)
    stage.controls[BEN] = ben.opens(CLIENTS[-1])
    stage.look()
    stage.office.remove_ben()
    at_once = [attack for attack in AT_ONCE if attack in stage.teams]
    for attack in at_once:
        AT_ONCE[attack](ben, stage.teams[attack])
    for attack in at_once:
        stage.work(attack, ben)
    for attack in [attack for attack in ROWS if attack in stage.teams]:
        stage.look()
        team = stage.teams[attack]
        row, before = ben.group_row(team.id), stage.rows[team.id]
        _continue_row(ben, team, before, epoch=before["epoch"] + ROWS[attack])
        stage.work(attack, ben)
        stage.put_back(row)
        stage.look()
        stage.teams[f"{attack}{PUT_BACK}"] = team
        stage.work(f"{attack}{PUT_BACK}", ben)


def main(arguments: list[str]) -> int:
    """Print what each attack led to. Return 1 when one succeeded."""
    program, *attacks = arguments or [CASEAPP]
    stage = play(program, attacks or ATTACKS)
    for outcome in stage.outcomes:
        print(f"{'SUCCEEDED' if outcome.succeeded else 'refused  '}  {outcome.attack}")
        for name, values in (("opened", outcome.opened), ("failing", outcome.failing), ("shown", outcome.findings)):
            for value in values:
                print(f"             {name}: {value}")
    return 1 if any(outcome.succeeded for outcome in stage.outcomes) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
