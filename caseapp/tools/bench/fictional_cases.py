"""Fictional cases for the bench of the index: names of many countries, a hearing and two deadlines each."""

import datetime as dt
import random
from collections.abc import Iterator
from uuid import UUID

from caseapp.index.likeness.person_row import PersonRow
from caseapp.index.rows import CaseRow, DeadlineRow, HearingRow, TaskRow
from caseapp.lib import clock

MEMBERS = 40
GIVEN_NAMES = (
    "Maria",
    "José",
    "Juan",
    "Fatima",
    "Ahmed",
    "Mohammed",
    "Olena",
    "Ivan",
    "Văn",
    "Tesfaye",
    "Abebe",
    "Chinwe",
    "Ngozi",
    "Wei",
    "Xiaoming",
    "Ali",
    "Hassan",
    "Leila",
    "Farid",
    "Rosa",
    "Carmen",
    "Luis",
    "Pedro",
    "Jean",
    "Marie",
    "Ayşe",
    "Mehmet",
    "Gurpreet",
    "Petro",
    "Daryna",
    "Amina",
    "Ibrahim",
    "Kofi",
    "Yusuf",
    "Sofía",
    "Diego",
    "Ixchel",
)
SYLLABLES = (
    "ka",
    "ri",
    "mi",
    "ló",
    "pez",
    "gar",
    "cía",
    "ngu",
    "yễn",
    "ko",
    "va",
    "len",
    "ten",
    "ta",
    "fo",
    "ru",
    "zhe",
    "ram",
    "di",
    "sa",
    "bel",
    "mor",
    "tí",
    "nez",
    "her",
    "nan",
    "dez",
    "qui",
    "la",
    "to",
)


def fictional_cases(count: int, me: UUID) -> Iterator[tuple[UUID, CaseRow]]:
    """Yield fictional cases, the same in every run except for `me`; dates are around the present day."""
    draw = random.Random(20261208)  # noqa: S311  # fictional cases, no key

    def new_id() -> UUID:
        return UUID(int=draw.getrandbits(128), version=4)

    members = [me, *(new_id() for _ in range(MEMBERS - 1))]
    families = ["".join(draw.choices(SYLLABLES, k=draw.randint(2, 4))).capitalize() for _ in range(6000)]
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    today = now.date()

    def name() -> str:
        return f"{draw.choice(GIVEN_NAMES)} {draw.choice(families)} {draw.choice(families)}"

    for number in range(count):
        lead = draw.choice(members)
        people = (name(), name())
        yield (
            new_id(),
            CaseRow(
                ref=f"{number:05}",
                stage=draw.choice(("intake", "in_court", "on_appeal")),
                names=tuple((full, "lead") for full in people),
                a_numbers=(f"{number:09}",),
                born=dt.date(1990, 1, 1),
                citizenships=("GT",),
                languages=("Mam", "Spanish"),
                relief=("asylum",),
                lead=lead,
                team=(lead,),
                detained=number % 50 == 0,
                opened_on=today,
                last_contact_on=today,
                head_version=1,
                head_digest=bytes(32),
                hearings=(
                    HearingRow(
                        id=new_id(),
                        starts_at=now + dt.timedelta(hours=draw.randint(1, 24 * 500)),
                        zone="America/New_York",
                        kind="master",
                        court="Court North",
                        room="12",
                        goes=lead,
                    ),
                ),
                deadlines=tuple(
                    DeadlineRow(
                        id=new_id(),
                        what="Evidence list",
                        severity=draw.choice(("fatal", "serious", "routine")),
                        act_by=today + dt.timedelta(days=draw.randint(-1, 400)),
                        owner=lead,
                    )
                    for _ in range(2)
                ),
                people=(PersonRow(new_id(), "lead", 2, f"{number:09}", born="1990-01-01", countries=("GT",)),),
                tasks=(TaskRow(id=new_id(), text="Call the interpreter", owner=lead, due_on=today),),
            ),
        )
