"""An office with an intake, and its forms as a browser sends them."""

import datetime as dt
from uuid import UUID

from django.urls import reverse

from caseapp.intake.services import intakes
from caseapp.intake.services.intakes import FirstFacts
from caseapp.records.answer import Answer
from tests.helpers.two_offices import Worker, boxes

NAME = "Oyunchimeg Batbayar"


def first(**changed: str) -> dict[str, str]:
    """The first page as a browser sends it."""
    return {
        "can_talk": "yes",
        "detained": "no",
        "name": NAME,
        **boxes("born_on", None),
        "born_on_year": "1991",
        **boxes("call_back_on", None),
        **boxes("detained_since", None),
        "phone": "",
        "phone_safe": "not_asked",
        "careful": "",
        **changed,
    }


def call(**changed: str) -> dict[str, str]:
    """The hotline page as a browser sends it."""
    return {
        "phone": "212 555 0147",
        "name": "Tsetsegmaa",
        "about": "Letter from the court",
        "urgent": "yes",
        **boxes("call_back_on", dt.date(2026, 11, 25)),
        "call_back_when": "after 5 PM",
        **changed,
    }


def opened(worker: Worker, name: str = NAME, **answers: str) -> UUID:
    """Return the case of a new intake."""
    return intakes.open_intake(worker.staff, FirstFacts(name=name, answers={"detained": "no", **answers}))


def intake(worker: Worker, case_id: UUID) -> Answer:
    """Return the record of an intake."""
    entry = intakes.intake_of(worker.file(case_id))
    assert entry is not None
    return entry.record


def at(step: str, case_id: UUID, *more: object) -> str:
    """Return the path of a step."""
    return reverse(f"intake:{step}", args=[case_id, *more])


def decision(what: str, **changed: str) -> dict[str, str]:
    """The decision as a browser sends it."""
    return {"act": "decide", "what": what, "reason": "We have room and know this work.", **changed}
