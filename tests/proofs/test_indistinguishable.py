"""Two offices with the same schedule and other contents look alike to whoever has no keys."""

import os

import pytest
from django.core.management import call_command

from tests.proofs import working_office
from tests.proofs.indistinguishable import Features, apart, features
from tests.proofs.seizure import take

pytestmark = pytest.mark.django_db(transaction=True)


def _seen(family: str, told: str) -> Features:
    with working_office.frozen() as day:
        here = working_office.staffed()
        day.family, day.told = family, told
        working_office.work(here, day, seed=7, cases_in_all=10, saves=25)
    found = features(take())
    call_command("flush", interactive=False, verbosity=0)
    return found


def test_other_contents_of_the_same_length_class_cannot_be_told_apart() -> None:
    assert apart(_seen("velin Ortega", "Phoned. "), _seen("melia Vargas", "Waited. ")) == []


def test_what_longer_contents_show_is_sizes_in_steps_and_nothing_else() -> None:
    different = apart(_seen("velin Ortega", "Phoned. "), _seen("velin Ortega", "Phoned twice, and waited. "))
    if os.environ.get("CASEAPP_PRINT_FEATURES"):
        print("\n".join(different))
    assert "vault_record.sealed: lengths" in different, "the features see what there is to see (L2)"
    assert set(different) <= {"vault_record.sealed: lengths", "vault_past.sealed: lengths"}
