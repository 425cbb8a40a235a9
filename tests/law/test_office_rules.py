"""The office's own rules, closures and standing orders: who enters, who confirms, and what they change."""

import dataclasses
import datetime as dt

import msgspec
import pytest
from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys import office_file
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.index import queries
from caseapp.law import services
from caseapp.lib import clock, recompute_mark
from caseapp.lib.errors import Refused
from caseapp.records.office import Office
from caseapp.vault.tenancy import office_transaction
from tests.deadlines import law
from tests.helpers import cast

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
STORM = rules.OfficeClosure(
    id="storm", first=dt.date(2027, 1, 15), last=dt.date(2027, 1, 15), why="Snow storm", source="the court's page"
)
ORDER = rules.StandingOrder(
    id="moreau", court="Court North", judge="Moreau", rule="us.eoir.individual.filings", what="45 days for evidence",
    source="order of 2 November 2026", count="-45d", effective_from=dt.date(2026, 11, 2),
    last_checked=dt.date(2026, 11, 20),
)  # fmt: skip
RULE = rules.Rule(
    id="office.brief", what="Brief asked for by the clinic", on=("order",), citation="clinic handbook, p. 3",
    severity="serious", state="settled", chk="r", count="+20d", roll="fwd", effective_from=dt.date(2026, 1, 1),
    last_checked=dt.date(2026, 11, 20),
)  # fmt: skip
FILE = """
name = "Harbor Legal Aid"
version = "2026.11.24"
last_checked = 2026-11-20

[[closures]]
id = "storm"
from = 2027-01-15
to = 2027-01-18
why = "Snow storm"
source = "the court's page"

[[closures]]
id = "flood"
from = 2027-02-01
to = 2027-02-01
why = "Flood"
source = "telephone"
"""


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def attorney() -> Staff:
    return cast.found()


def _as(staff: Staff, role: str) -> Staff:
    """The same keys under another role: what a role may do is asked of `Staff`."""
    return dataclasses.replace(staff, role=role)


def _law(staff: Staff) -> office_law.Law:
    with office_transaction(staff.org_id):
        return office_law.law_of(staff.keys)


def _mark(staff: Staff) -> str:
    with office_transaction(staff.org_id):
        return next(iter(queries.law_marks(staff.org_id, [staff.keys.groups[0].group]).values()))


def _digest(staff: Staff, what: str) -> str:
    return next(item.digest for item in _law(staff).book.list_confirmables() if item.what == what)


def test_a_closure_an_order_and_a_rule_are_used_and_stay_to_be_checked(attorney: Staff) -> None:
    services.add_closure(attorney, STORM)
    services.add_order(attorney, ORDER)
    services.add_rule(attorney, RULE, starts_with="voluntary_departure_at_end")
    book = _law(attorney).book
    filing = rules.compute(
        "us.eoir.individual.filings",
        {"hearing": dt.date(2027, 3, 17)},
        rules.Options(court="Court North", judge="Moreau"),
        book=book,
    )
    # 45 days before Wed 17 Mar 2027 is Sun 31 Jan: act by the Friday before.
    assert filing.act_by == dt.date(2027, 1, 29)
    assert "order:moreau" in filing.to_check
    brief = rules.compute("office.brief", {"order": dt.date(2026, 11, 20)}, book=book)
    assert brief.due_on == dt.date(2026, 12, 10)  # 20 days after Fri 20 Nov
    assert brief.is_confirmed is False
    assert "office.brief" in {start.rule for start in rules.rule_starts_for("voluntary_departure_at_end", book=book)}


def test_a_closure_moves_due_on_and_never_the_safe_day(attorney: Staff) -> None:
    services.add_closure(attorney, STORM)
    # 90 days after Sat 17 Oct 2026 is Fri 15 Jan 2027, the day of the storm.
    found = rules.compute("us.bia.reopen", {"order_final": dt.date(2026, 10, 17)}, book=_law(attorney).book)
    assert found.due_on == dt.date(2027, 1, 19)  # Sat, Sun, and Mon 18 Jan is a holiday
    assert found.act_by == dt.date(2027, 1, 15)


def test_whoever_may_not_enter_or_confirm_is_refused(attorney: Staff) -> None:
    with pytest.raises(Refused):
        services.add_closure(_as(attorney, "volunteer"), STORM)
    what = services.add_closure(_as(attorney, "caseworker"), STORM)
    digest = _digest(attorney, what)
    for role in ("caseworker", "supervisor", "volunteer", "interpreter"):
        with pytest.raises(Refused):
            services.confirm_text(_as(attorney, role), what, digest)
    assert not _law(attorney).book.is_confirmed(what)
    services.confirm_text(_as(attorney, "accredited_representative"), what, digest)
    assert _law(attorney).book.is_confirmed(what)


def test_a_confirmation_says_who_when_and_which_version_and_can_be_taken_back(attorney: Staff) -> None:
    what = "rule:us.asylum.one_year"
    services.confirm_text(attorney, what, _digest(attorney, what))
    told = _law(attorney).office.confirmed[0]
    assert (told.by, told.on) == (attorney.member_id, dt.date(2026, 11, 24))
    assert told.version.startswith("us-federal 2026.")
    assert rules.compute(
        "us.asylum.one_year", {"last_arrival": dt.date(2026, 4, 9)}, book=_law(attorney).book
    ).is_confirmed
    services.withdraw_confirmation(attorney, what)
    assert not _law(attorney).book.is_confirmed(what)


def test_a_new_pack_unconfirms_what_it_changed_and_nothing_else(
    attorney: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed, same = "rule:us.asylum.one_year", "rule:us.eoir.address.court"
    for what in (changed, same):
        services.confirm_text(attorney, what, _digest(attorney, what))
    law.change(monkeypatch, "us.asylum.one_year", citation="INA 208(a)(2)(B), as amended")
    book = _law(attorney).book
    assert (book.is_confirmed(changed), book.is_confirmed(same)) == (False, True)


def test_a_text_that_changed_under_the_readers_eyes_is_not_confirmed(attorney: Staff) -> None:
    services.add_closure(attorney, STORM)
    read = _digest(attorney, "closure:storm")
    services.add_file(attorney, FILE)
    with pytest.raises(Refused, match="changed"):
        services.confirm_text(attorney, "closure:storm", read)


def test_a_file_adds_and_replaces_and_what_it_replaced_is_unconfirmed(attorney: Staff) -> None:
    services.add_closure(attorney, STORM)
    services.confirm_text(attorney, "closure:storm", _digest(attorney, "closure:storm"))
    assert services.add_file(attorney, FILE) == services.AddedItems(new=1, replaced=1)
    found = _law(attorney)
    assert found.pack is not None
    assert {item.id: item.last for item in found.pack.closures} == {
        "storm": dt.date(2027, 1, 18), "flood": dt.date(2027, 2, 1)
    }  # fmt: skip
    assert not found.book.is_confirmed("closure:storm")
    assert found.office.law_entered["closure:flood"].by == attorney.member_id


def test_a_file_with_a_mistake_names_its_line_and_changes_nothing(attorney: Staff) -> None:
    broken = FILE.replace('why = "Flood"', "why = 7")
    with pytest.raises(Refused) as refused:
        services.add_file(attorney, broken)
    assert refused.value.code == "text"
    line = broken.splitlines().index("why = 7") + 1
    assert f"line {line}" in refused.value.sentence
    assert _law(attorney).pack is None


@pytest.mark.parametrize("text", ["", "name = ", "x" * 200_001, 'id = "us-federal"', "\x00"])
def test_a_text_that_is_no_pack_is_refused_with_a_sentence(attorney: Staff, text: str) -> None:
    with pytest.raises(Refused) as refused:
        services.add_file(attorney, text)
    assert refused.value.sentence


def test_two_of_one_name_are_refused_and_one_taken_out_is_gone(attorney: Staff) -> None:
    what = services.add_closure(attorney, STORM)
    with pytest.raises(Refused):
        services.add_closure(attorney, STORM)
    services.remove_item(attorney, what)
    with pytest.raises(Refused):
        services.remove_item(attorney, what)
    assert services.add_closure(attorney, STORM) == what


def test_a_rule_that_would_be_one_of_ours_is_refused(attorney: Staff) -> None:
    with pytest.raises(Refused):
        services.add_rule(attorney, replace(RULE, id="us.asylum.one_year"))


def test_a_change_of_the_law_owes_every_group_a_computation_and_a_confirmation_does_not(attorney: Staff) -> None:
    assert _mark(attorney) == rules.pack_version()
    what = "rule:us.asylum.one_year"
    services.confirm_text(attorney, what, _digest(attorney, what))
    assert _mark(attorney) == rules.pack_version()
    services.add_closure(attorney, STORM)
    assert _mark(attorney) == "~20261124"
    assert recompute_mark.parse_mark(_mark(attorney)).since == dt.date(2026, 11, 24)


def test_what_is_owed_stays_owed_from_its_first_day(attorney: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    services.add_closure(attorney, STORM)
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=3))
    services.remove_item(attorney, "closure:storm")
    assert _mark(attorney) == "~20261124"


def test_a_law_that_does_not_read_closes_the_law_and_not_the_office(attorney: Staff) -> None:
    with office_transaction(attorney.org_id):
        told = office_file.read_office(attorney.keys)
        office_file.save_office(attorney.keys, replace(told, law=msgspec.msgpack.encode({"from": "the future"})))
    found = _law(attorney)
    assert (found.office.name, found.pack) == ("Harbor Legal Aid", None)
    assert found.problem
    with pytest.raises(Refused):
        services.add_closure(attorney, STORM)


def test_an_office_before_these_rules_reads_as_it_was() -> None:
    body = msgspec.msgpack.encode({"name": "Harbor Legal Aid", "zone": "America/New_York"})
    told = msgspec.msgpack.decode(body, type=Office)
    assert office_law.build_law(told).pack is None


def test_the_other_office_has_nothing_of_it(attorney: Staff) -> None:
    services.add_closure(attorney, STORM)
    outsider = cast.found(name="Otto", email="otto@elsewhere.test")
    assert _law(outsider).pack is None
    assert _mark(outsider) == rules.pack_version()
