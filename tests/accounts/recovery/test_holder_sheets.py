"""A holder shows and checks their own sheet in their own session, against a commitment."""

import datetime as dt
from collections.abc import Callable

import pytest

from caseapp.accounts.directory.records import HolderSheet
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import removal
from caseapp.accounts.models import Sheet
from caseapp.accounts.recovery import office, own_sheet, sheet_rows
from caseapp.accounts.recovery.sheet_rows import SheetState
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused, TooMany
from caseapp.vault.core import hybrid, primitives, shares
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.sheets import collected, dealt, make_set, sheet_of, states_of

pytestmark = pytest.mark.django_db
Move = Callable[[dt.timedelta], None]


def _row(staff: Staff, sheet: HolderSheet) -> Sheet:
    with office_transaction(staff.org_id):
        row = Sheet.objects.filter(org_id=staff.org_id, id=sheet.id).first()
    assert row is not None
    return row


def _write(staff: Staff, sheet: HolderSheet, **changed: bytes) -> None:
    with office_transaction(staff.org_id):
        Sheet.objects.filter(org_id=staff.org_id, id=sheet.id).update(**changed)


def test_a_member_shows_their_own_sheet_and_no_other(admin: Staff, ben: Staff, vera: Staff) -> None:
    make_set(admin, ben, vera)
    bens, veras = sheet_of(ben), sheet_of(vera)
    assert bens.id != veras.id
    for act in (
        lambda: own_sheet.show_sheet(admin, bens.id),
        lambda: own_sheet.check_sheet(admin, bens.id, "word " * 33),
        lambda: own_sheet.record_asking(admin, bens.id),
    ):
        with pytest.raises(NotFound):
            act()
    assert len(own_sheet.show_sheet(ben, bens.id)[1]) == 33
    assert states_of(admin) == ["waiting", "shown", "waiting"]


def test_no_sheet_opens_with_the_keys_of_the_admin_who_made_the_set(admin: Staff, ben: Staff, vera: Staff) -> None:
    make_set(admin, ben, vera)
    for staff in (ben, vera):
        sheet = sheet_of(staff)
        with pytest.raises(OpenFailed):
            sheet_rows.open_words(admin.keys, sheet, bytes(_row(admin, sheet).sealed))


def test_a_check_counts_and_the_sealed_copy_is_overwritten(admin: Staff, ben: Staff, vera: Staff, move: Move) -> None:
    make_set(admin, ben, vera)
    sheet = sheet_of(ben)
    before = bytes(_row(admin, sheet).sealed)
    _, words = own_sheet.show_sheet(ben, sheet.id)
    assert bytes(_row(admin, sheet).sealed) == before, "a print that failed can be repeated"
    assert own_sheet.show_sheet(ben, sheet.id)[1] == words
    own_sheet.check_sheet(ben, sheet.id, " ".join(words))
    after = bytes(_row(admin, sheet).sealed)
    assert (len(after), after[:2]) == (len(before), before[:2])
    with pytest.raises(OpenFailed):
        sheet_rows.open_words(ben.keys, sheet, after)
    with pytest.raises(Refused) as refusal:
        own_sheet.show_sheet(ben, sheet.id)
    assert refusal.value.code == "on_paper"
    status = office.read_state(admin.keys).sheets[1]
    assert (status.state, status.checked_at) == ("checked", clock.now().replace(microsecond=0))


def test_words_typed_with_numbers_capitals_and_line_breaks_are_right(admin: Staff, ben: Staff, vera: Staff) -> None:
    make_set(admin, ben, vera)
    sheet = sheet_of(ben)
    _, words = own_sheet.show_sheet(ben, sheet.id)
    own_sheet.check_sheet(ben, sheet.id, "\n".join(f"{n}. {word.upper()}" for n, word in enumerate(words, 1)))
    assert states_of(admin)[1] == "checked"


@pytest.mark.parametrize("position", [0, 16, 32])
def test_a_wrong_word_is_refused_with_one_sentence_wherever_it_is(
    admin: Staff, ben: Staff, vera: Staff, position: int
) -> None:
    make_set(admin, ben, vera)
    sheet = sheet_of(ben)
    _, words = own_sheet.show_sheet(ben, sheet.id)
    typed = [*words[:position], "academic" if words[position] != "academic" else "acid", *words[position + 1 :]]
    with pytest.raises(Refused) as refusal:
        own_sheet.check_sheet(ben, sheet.id, " ".join(typed))
    assert (refusal.value.code, refusal.value.sentence) == ("words", own_sheet.NOT_ITS_WORDS)
    assert states_of(admin)[1] == "shown"


def test_the_words_of_another_sheet_of_the_set_are_not_right(admin: Staff, ben: Staff, vera: Staff) -> None:
    make_set(admin, ben, vera)
    (veras,) = collected(vera)
    own_sheet.show_sheet(ben, sheet_of(ben).id)
    with pytest.raises(Refused) as refusal:
        own_sheet.check_sheet(ben, sheet_of(ben).id, veras)
    assert refusal.value.sentence == own_sheet.NOT_ITS_WORDS
    assert states_of(admin)[1] == "shown"


def test_guesses_at_a_sheet_are_slowed_down(admin: Staff, ben: Staff, vera: Staff) -> None:
    make_set(admin, ben, vera)
    sheet = sheet_of(ben)
    _, words = own_sheet.show_sheet(ben, sheet.id)
    for _ in range(10):
        with pytest.raises(Refused):
            own_sheet.check_sheet(ben, sheet.id, "acid " * 33)
    with pytest.raises(TooMany):
        own_sheet.check_sheet(ben, sheet.id, " ".join(words))
    assert collected(vera), "another holder is not slowed down"


def test_a_sheet_that_was_taken_out_of_the_database_is_named_as_missing(admin: Staff, ben: Staff, vera: Staff) -> None:
    make_set(admin, ben, vera)
    with office_transaction(admin.org_id):
        Sheet.objects.filter(org_id=admin.org_id, id=sheet_of(ben).id).delete()
    assert [status.reason for status in office.read_state(admin.keys).lost] == ["missing"]
    with pytest.raises(NotFound):
        own_sheet.show_sheet(ben, sheet_of(ben).id)


def test_a_sheet_put_in_anothers_row_is_not_shown(admin: Staff, ben: Staff, vera: Staff) -> None:
    make_set(admin, ben, vera)
    bens, veras = sheet_of(ben), sheet_of(vera)
    _write(admin, bens, sealed=bytes(_row(admin, veras).sealed))
    with pytest.raises(Refused) as refusal:
        own_sheet.show_sheet(ben, bens.id)
    assert refusal.value.code == "not_there"


def test_words_that_were_not_dealt_are_not_shown(admin: Staff, ben: Staff, vera: Staff) -> None:
    """Anyone who writes into the database can seal something to Ben: his sheet's commitment is signed by the root."""
    make_set(admin, ben, vera)
    sheet, other = sheet_of(ben), shares.split_secret(primitives.new_key(), 2, 3)[0]
    public = hybrid.derive_public_key(ben.keys.keyring.hpke_private)
    _write(admin, sheet, sealed=sheet_rows.seal_words(ben.org_id, sheet.id, ben.member_id, other, public))
    with pytest.raises(Refused) as refusal:
        own_sheet.show_sheet(ben, sheet.id)
    assert refusal.value.code == "not_there"


def test_a_check_without_the_words_does_not_count(admin: Staff, ben: Staff, vera: Staff) -> None:
    """Vera has the office's keys, can write into the database, and wants Ben's sheet to look checked."""
    make_set(admin, ben, vera)
    (veras,) = collected(vera)
    bens, hers = sheet_of(ben), sheet_of(vera)
    her_state = sheet_rows.open_state(vera.keys, hers.id, bytes(_row(admin, hers).state))
    for forged in (
        her_state,
        sheet_rows.sign_check(vera.org_id, hers, veras, SheetState()),
        SheetState(checked_at=her_state.checked_at, signature=bytes(64)),
        SheetState(checked_at=2**62, signature=bytes(64)),
    ):
        _write(admin, bens, state=sheet_rows.seal_state(vera.keys, bens.id, forged))
        assert states_of(admin)[1] in {"waiting", "shown"}


def test_a_check_dated_in_the_future_does_not_count(admin: Staff, ben: Staff, vera: Staff, move: Move) -> None:
    """What an item says about its own time proves nothing: Ben cannot check for years to come."""
    make_set(admin, ben, vera)
    sheet = sheet_of(ben)
    _, words = own_sheet.show_sheet(ben, sheet.id)
    move(dt.timedelta(days=800))
    ahead = sheet_rows.sign_check(ben.org_id, sheet, " ".join(words), SheetState())
    move(dt.timedelta())
    _write(admin, sheet, state=sheet_rows.seal_state(ben.keys, sheet.id, ahead))
    assert states_of(admin)[1] == "waiting"


def test_a_state_that_does_not_open_asks_the_holder_again(admin: Staff, ben: Staff, vera: Staff) -> None:
    words = dealt(admin, ben, vera)
    sheet = sheet_of(ben)
    _write(admin, sheet, state=b"\x06\x01" + bytes(300))
    assert not office.read_state(admin.keys).is_tested
    own_sheet.check_sheet(ben, sheet.id, words[1])
    assert office.read_state(admin.keys).is_tested


def test_the_state_is_read_after_the_offices_key_changed(admin: Staff, ben: Staff, vera: Staff, amara: Staff) -> None:
    make_set(admin, ben, amara)
    collected(ben)
    removal.end_membership(admin, vera.member_id)
    again = cast.signed_in("ana@office.test")
    assert again.keys.office_group.epoch == 2
    assert states_of(again)[1] == "checked"


def test_in_an_office_of_one_sheets_are_shown_once_and_one_at_a_time(admin: Staff) -> None:
    make_set(admin)
    first, second, _ = own_sheet.read_own_sheets(admin.keys)[0].sheets
    _, words = own_sheet.show_sheet(admin, first.sheet.id)
    with pytest.raises(Refused) as refusal:
        own_sheet.show_sheet(admin, first.sheet.id)
    assert refusal.value.code == "shown_once"
    with pytest.raises(OpenFailed):
        sheet_rows.open_words(admin.keys, first.sheet, bytes(_row(admin, first.sheet).sealed))
    with pytest.raises(Refused) as refusal:
        own_sheet.show_sheet(admin, second.sheet.id)
    assert refusal.value.code == "one_by_one"
    own_sheet.check_sheet(admin, first.sheet.id, " ".join(words))
    assert len(own_sheet.show_sheet(admin, second.sheet.id)[1]) == 33


def test_asking_for_an_envelope_counts_only_after_its_words_were_typed(admin: Staff, move: Move) -> None:
    make_set(admin)
    sheet = sheet_of(admin)
    with pytest.raises(NotFound):
        own_sheet.record_asking(admin, sheet.id)
    collected(admin)
    move(dt.timedelta(days=91))
    assert states_of(admin)[0] == "due"
    own_sheet.record_asking(admin, sheet.id)
    assert states_of(admin) == ["checked", "due", "due"]


def test_the_row_of_a_sheet_names_nobody_and_all_rows_look_alike(admin: Staff, ben: Staff, vera: Staff) -> None:
    make_set(admin, ben, vera)
    collected(ben)
    own_sheet.show_sheet(vera, sheet_of(vera).id)
    with office_transaction(admin.org_id):
        rows = list(Sheet.objects.filter(org_id=admin.org_id).values())
    assert {len(bytes(row["sealed"])) for row in rows} == {2 + 8 + 1120 + 512 + 16}
    assert {len(bytes(row["state"])) for row in rows} == {2 + 12 + 256 + 16}
    everything = b"".join(bytes(row["sealed"]) + bytes(row["state"]) + row["id"].bytes for row in rows)
    assert not [staff for staff in (admin, ben, vera) if staff.member_id.bytes in everything]
