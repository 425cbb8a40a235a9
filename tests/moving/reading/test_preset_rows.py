"""Each row that every preset must read, from the files of the products (import-columns.md, "Rows")."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseapp.moving.reading.cells.names import split_name
from caseapp.moving.reading.plans.mapping import describe_mapping, suggest_mapping
from caseapp.moving.reading.plans.row_plan import MemberName
from caseapp.moving.reading.presets.catalogue import guess_preset, presets
from caseapp.moving.reading.presets.fields import FIELDS_OF
from caseapp.moving.reading.settings import LEFT_BEHIND, Answers
from tests.moving.reading.files import errors_of, planned, plans_of, remarks_of

CASE = ["Case ID#", "Client Name"]
# The columns of a case and of its client, by preset.
IDS = {
    "legalserver-cases": ("Case ID#", "Client Name", "Date of Birth"),
    "clio-matters": ("Unique ID", "client_last_name", "DOB"),
    "spreadsheet": ("Expediente", "Nombre", "Fecha de nacimiento"),
}
PEOPLE = {
    "docketwise-contacts": ("id", "Full name", "Date Of Birth"),
    "clio-contacts": ("Id", "Name", "Date of Birth"),
    "mycase-people": ("MyCase ID", "Last Name", "Birthday"),
}
ALL = {**IDS, **PEOPLE}
MDY = Answers(date_order="mdy")


@pytest.mark.parametrize("preset", ALL)
def test_two_rows_above_the_headings_and_a_blank_at_their_end_are_read(preset: str) -> None:
    number, name, born = ALL[preset]
    (plan,) = plans_of(preset, [["Report"], [], [f"{number} ", name, f"{born} "], ["7", "Ruiz", "05/06/1990"]], MDY)
    assert plan.row == 4
    assert list(plan.keys.values()) == ["7"]
    assert plan.person is not None
    assert plan.person.born_on == dt.date(1990, 5, 6)


@pytest.mark.parametrize("preset", ALL)
def test_a_repeated_heading_is_kept_with_the_other_facts(preset: str) -> None:
    number, name, born = ALL[preset]
    (plan,) = plans_of(preset, [[number, name, born, born], ["7", "Ruiz", "05/06/1990", "05/07/1990"]], MDY)
    record = plan.case or plan.person
    assert record is not None
    assert (f"{born} 2", "05/07/1990") in record.other_facts


@pytest.mark.parametrize("preset", [*IDS, *PEOPLE])
def test_a_row_without_an_id_is_left_out_and_counted(preset: str) -> None:
    number, name, born = ALL[preset]
    first, footer = plans_of(preset, [[number, name, born, "Total"], ["7", "Ruiz", "", ""], ["", "", "", "1 row"]])
    assert first.status == "new"
    assert (footer.status, remarks_of(footer)) == ("left_out", ["no_id"])


def test_a_person_of_a_spreadsheet_without_a_number_is_not_lost() -> None:
    plans = plans_of("spreadsheet", [["Expediente", "Nombre"], ["1", "Ana"], ["", "Eva"]])
    assert [plan.status for plan in plans] == ["new", "new"]


@pytest.mark.parametrize(
    ("flag", "safe"),
    [
        ("t", "yes"),
        ("f", "no"),
        ("Yes", "yes"),
        ("N", "no"),
        ("x", "yes"),
        ("1", "yes"),
        ("0", "no"),
        ("", "not_asked"),
    ],
)
def test_what_is_safe_to_call_is_what_the_file_says_and_a_blank_was_not_asked(flag: str, safe: str) -> None:
    rows = [
        [*CASE, "Mobile Phone", "Mobile Phone Safe", "Mobile Phone Note"],
        ["1", "Ana", "212-555-0100", flag, "noon"],
    ]
    (plan,) = plans_of("legalserver-cases", rows)
    assert plan.person is not None
    (contact,) = plan.person.contacts
    assert (contact.way, contact.text, contact.safe, contact.note) == (
        "phone",
        "212-555-0100",
        safe,
        "Mobile Phone; noon",
    )


def test_an_unclear_safe_flag_counts_as_not_asked_and_is_shown() -> None:
    rows = [[*CASE, "Mobile Phone", "Mobile Phone Safe"], ["1", "Ana", "212-555-0100", "only mornings"]]
    (plan,) = plans_of("legalserver-cases", rows)
    assert plan.person is not None
    assert plan.person.contacts[0].safe == "not_asked"
    assert "yes_no" in remarks_of(plan)


@pytest.mark.parametrize(
    ("heading", "text", "full", "given", "family", "remarks"),
    [
        ("Full Person/Group Name (Last First)", "Ruiz Ana", "Ana Ruiz", "Ana", "Ruiz", []),
        (
            "Full Person/Group Name (Last First)",
            "García Pérez Ana María",
            "García Pérez Ana María",
            "",
            "",
            ["name_unsplit"],
        ),
        ("Client Name", "Ruiz Ana", "Ruiz Ana", "", "", ["name_unsplit"]),
        ("Client Name", "García Pérez, Ana María", "Ana María García Pérez", "Ana María", "García Pérez", []),
        ("Client Name", "Ruiz, Luis, Jr.", "Luis Ruiz Jr.", "Luis", "Ruiz", []),
        ("Client Name", "Mahmoud", "Mahmoud", "", "", []),
        ("Client Name", "Ana Ruiz / Luis Ruiz", "Ana Ruiz / Luis Ruiz", "", "", ["several_people"]),
        ("Client Name", "አበበ በቀለ", "አበበ በቀለ", "", "", ["name_unsplit"]),
    ],
)
def test_a_name_in_one_cell_is_split_by_its_comma_or_its_heading_and_never_by_guess(
    heading: str, text: str, full: str, given: str, family: str, remarks: list[str]
) -> None:
    (plan,) = plans_of("legalserver-cases", [["Case ID#", heading], ["1", text]])
    assert plan.person is not None
    assert (plan.person.name.full, plan.person.name.given, plan.person.name.family) == (full, given, family)
    assert remarks_of(plan) == remarks


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=40), st.booleans())
def test_splitting_a_name_loses_no_letter(text: str, is_last_first: bool) -> None:
    read = split_name(text, family_first=is_last_first)
    letters = sorted(sign for sign in text if not sign.isspace() and sign != ",")
    assert sorted(sign for sign in read.name.full if not sign.isspace() and sign != ",") == letters


@pytest.mark.parametrize("preset", [code for code in ALL if code != "mycase-people"])
@pytest.mark.parametrize(
    ("text", "number"),
    [("12345678", "012345678"), ("A012345678", "012345678"), ("A 012 345 678", "012345678"), ("1234567", "001234567")],
)
def test_an_a_number_is_read_in_every_form_that_people_write(preset: str, text: str, number: str) -> None:
    heading = {"docketwise-contacts": "Alien Registration Number"}.get(preset, "A Number")
    (plan,) = plans_of(preset, [[*ALL[preset][:2], heading], ["7", "Ruiz", text]])
    assert plan.person is not None
    assert plan.person.a_number == number


def test_an_a_number_of_another_form_is_kept_as_typed_and_marked() -> None:
    (plan,) = plans_of("legalserver-cases", [[*CASE, "A Number"], ["1", "Ana", "12-34 pending"]])
    assert plan.person is not None
    assert (plan.person.a_number, plan.person.other_numbers) == ("", (("A Number", "12-34 pending"),))
    assert "a_number" in remarks_of(plan)


def test_an_a_number_in_the_visa_column_is_found_and_two_that_differ_are_asked_about() -> None:
    rows = [
        [*CASE, "A Number", "Visa Number"],
        ["1", "Ana", "", "A000111222"],
        ["2", "Eva", "000111223", "111223"],
        ["3", "Luis", "000111224", "000111225"],
        ["4", "Omar", "000111226", "A-111226"],
    ]
    first, second, third, _fourth = plans_of("legalserver-cases", rows)
    assert first.person is not None
    assert first.person.a_number == "000111222"
    assert second.person is not None
    assert second.person.a_number == "000111223"
    assert errors_of(third) == ["a_numbers_differ"]
    assert third.status == "rejected"


def test_a_date_that_fits_another_order_than_the_declared_one_makes_the_file_ask() -> None:
    rows = [[*CASE, "Date Opened"], ["1", "Ana", "05/06/2024"], ["2", "Eva", "25/06/2024"], ["3", "Luis", "2024-06-05"]]
    survey, plans = planned("legalserver-cases", rows)
    (question,) = survey.questions
    assert (question.code, question.choices, question.rows) == ("date_order", ("mdy", "dmy"), 2)
    assert question.examples == ("05/06/2024", "25/06/2024")
    assert [errors_of(plan) for plan in plans] == [["date_order"], [], []]

    survey, plans = planned("legalserver-cases", rows, Answers(date_order="dmy"))
    assert survey.questions == ()
    opened = [plan.case.opened_on for plan in plans if plan.case]
    assert opened == [dt.date(2024, 6, 5), dt.date(2024, 6, 25), dt.date(2024, 6, 5)]

    _survey, plans = planned("legalserver-cases", rows, MDY)
    assert [errors_of(plan) for plan in plans] == [[], ["date_other_order"], []]


def test_the_order_of_a_file_that_declares_none_is_asked_about() -> None:
    survey, plans = planned(
        "clio-matters", [["Unique ID", "client_last_name", "Open Date"], ["1", "Ruiz", "05/06/2024"]]
    )
    assert [question.code for question in survey.questions] == ["date_order"]
    assert errors_of(plans[0]) == ["date_order"]


def test_a_year_of_two_digits_is_refused_with_a_question() -> None:
    rows = [[*CASE, "Date of Birth"], ["1", "Ana", "05/05/19"], ["2", "Eva", "05/05/0019"], ["3", "Luis", "05/05/1919"]]
    survey, plans = planned("legalserver-cases", rows)
    assert [(question.code, question.rows) for question in survey.questions] == [("short_years", 2)]
    assert [errors_of(plan) for plan in plans] == [["short_year"], ["short_year"], []]
    _survey, plans = planned("legalserver-cases", rows, Answers(short_years_from=1927))
    assert [plan.person.born_on for plan in plans if plan.person] == [
        dt.date(2019, 5, 5),
        dt.date(2019, 5, 5),
        dt.date(1919, 5, 5),
    ]


def test_two_receipts_in_a_cell_are_two_and_one_of_another_form_is_kept_as_typed() -> None:
    rows = [
        [*CASE[:1], "client_last_name", "Receipt Number"],
        ["1", "Ruiz", "EAC-00 0000 0012, MSC0000000013;\npending"],
    ]
    (plan,) = plans_of("clio-matters", [["Unique ID", *rows[0][1:]], rows[1]])
    assert plan.case is not None
    assert plan.case.receipts == ("EAC0000000012", "MSC0000000013", "pending")
    assert "receipt" in remarks_of(plan)


def test_a_note_in_html_becomes_text_with_its_line_breaks_its_author_and_its_time() -> None:
    body = "<p>Called <b>client</b>.</p><p>She said: 2 &lt; 3<br>twice</p><script>alert(1)</script>"
    rows = [
        ["Case ID#", "id", "Subject", "Body", "Date Posted", "Created By", "Office"],
        ["24-1", "n1", "Call", body, "03/05/2024 2:30 PM", "Ana Ruiz", "Bronx"],
    ]
    (plan,) = plans_of("legalserver-notes", rows, Answers(zone="America/New_York"))
    assert plan.case_keys == {"legalserver": "24-1"}
    (note,) = plan.notes
    assert note.text == "Call\n\nCalled client.\n\nShe said: 2 < 3\ntwice\n\nOffice: Bronx"
    assert (note.told_by, note.entered_at) == ("Ana Ruiz", dt.datetime(2024, 3, 5, 19, 30, tzinfo=dt.UTC))
    assert note.external_ids == {"legalserver": "n1"}


def test_a_matter_whose_client_is_a_company_keeps_the_whole_name() -> None:
    rows = [["Unique ID", "Client Name"], ["1", "Casa del Sol, Inc."], ["2", "Ruiz, Ana"]]
    company, person = plans_of("clio-matters", rows)
    assert (company.client_name, remarks_of(company)) == ("Casa del Sol, Inc.", ["company"])
    assert (person.client_name, person.person, remarks_of(person)) == ("Ruiz, Ana", None, [])


def test_a_closed_case_that_was_opened_again_is_one_case_and_keeps_its_earlier_dates() -> None:
    rows = [
        [*CASE, "Date Opened", "Date Closed", "Case Disposition", "Close Reason"],
        ["1", "Ana", "01/02/2020", "03/04/2021", "Closed", "Advice"],
        ["2", "Eva", "01/02/2022", "", "Open", ""],
        ["1", "Ana", "05/06/2024", "", "Open", ""],
    ]
    first, _second, third = plans_of("legalserver-cases", rows)
    assert (first.status, remarks_of(first), first.problems[0].rows) == ("duplicate", ["reopened"], (4,))
    assert third.status == "new"
    assert third.case is not None
    assert (third.case.opened_on, third.case.closed_on) == (dt.date(2024, 5, 6), None)
    assert ("Date Closed", "03/04/2021") in third.case.other_facts


def test_rows_with_one_number_and_other_facts_are_rejected_and_the_same_row_twice_is_not() -> None:
    rows = [[*CASE, "City"], ["1", "Ana", "Lima"], ["1", "Eva", "Quito"], ["2", "Luis", "Cali"], ["2", "Luis", "Cali"]]
    plans = plans_of("legalserver-cases", rows)
    assert [plan.status for plan in plans] == ["new", "rejected", "new", "duplicate"]
    assert (errors_of(plans[1]), plans[1].errors[0].rows) == (["same_id"], (2,))


def test_one_a_number_on_two_cases_is_remarked() -> None:
    rows = [[*CASE, "A Number"], ["1", "Ana", "000111222"], ["2", "Anna", "A000-111-222"]]
    assert remarks_of(plans_of("legalserver-cases", rows)[1]) == ["same_a_number"]


@pytest.mark.parametrize(
    ("text", "relief", "wall"),
    [
        ("81 U visa", ("u",), "protected_relief"),
        ("VAWA self-petition", ("vawa",), "protected_relief"),
        ("T Visa", ("t",), "protected_relief"),
        ("Asylum (I-589)", ("asylum",), "protected_relief"),
        ("Asylum and withholding", ("asylum", "withholding"), "protected_relief"),
        ("TPS renewal", ("tps",), ""),
        ("Family petition", ("family",), ""),
        ("Housing", (), ""),
        ("U", ("u",), "protected_relief"),
    ],
)
def test_a_case_whose_type_names_protected_relief_is_proposed_to_open_restricted(
    text: str, relief: tuple[str, ...], wall: str
) -> None:
    (plan,) = plans_of("legalserver-cases", [[*CASE, "Legal Problem Code"], ["1", "Ana", text]])
    assert plan.case is not None
    assert (plan.case.relief, plan.wall) == (relief, wall)
    assert ("Legal Problem Code", text) in plan.case.other_facts


def test_a_confirmed_table_gives_the_relief_and_does_not_open_what_the_words_protect() -> None:
    rows = [[*CASE, "Legal Problem Code"], ["1", "Ana", "Asylum clinic"], ["2", "Eva", "Code 81"]]
    survey, plans = planned("legalserver-cases", rows, Answers(relief={"asylum clinic": "other", "code 81": "u"}))
    assert survey.questions == ()
    assert [(plan.case.relief, plan.wall) for plan in plans if plan.case] == [
        (("other",), "protected_relief"),
        (("u",), "protected_relief"),
    ]


def test_an_access_list_of_the_file_proposes_a_restriction_to_be_confirmed() -> None:
    rows = [
        [*CASE, "case_exclusions", "exclude_from_search_results"],
        ["1", "Ana", "Omar Diallo; Eva Lin", "f"],
        ["2", "Eva", "", "t"],
    ]
    first, second = plans_of("legalserver-cases", rows)
    assert (first.wall, first.wall_names) == ("access_list", ("Omar Diallo", "Eva Lin"))
    assert second.wall == "access_list"


def test_numbers_that_help_to_find_a_person_are_left_behind_unless_ticked() -> None:
    rows = [[*CASE, "S.S.N.", "Eye Color", "Days Open"], ["1", "Ana", "000-00-0000", "brown", "34"]]
    (plan,) = plans_of("legalserver-cases", rows)
    assert plan.case is not None
    assert plan.case.other_facts == ()
    (plan,) = plans_of("legalserver-cases", rows, Answers(keep_left_behind=True))
    assert plan.case is not None
    assert plan.case.other_facts == (("S.S.N.", "000-00-0000"), ("Eye Color", "brown"))


def test_an_unknown_column_is_never_lost() -> None:
    for preset, (number, name, _born) in ALL.items():
        (plan,) = plans_of(preset, [[number, name, "Seized at border"], ["7", "Ruiz", "phone, 40 dollars"]])
        record = plan.case or plan.person
        assert record is not None
        assert ("Seized at border", "phone, 40 dollars") in record.other_facts


def test_custody_is_asked_about_and_never_marked_by_a_file() -> None:
    (plan,) = plans_of("legalserver-cases", [[*CASE, "institutionalized_at"], ["1", "Ana", "Orange County Jail"]])
    assert plan.person is not None
    assert plan.person.detained_since is None
    assert plan.person.other_facts == (("institutionalized_at", "Orange County Jail"),)
    assert "custody" in remarks_of(plan)


def test_a_client_reference_is_read_as_answered_and_asked_about_before() -> None:
    rows = [["Unique ID", "client_last_name", "Client Reference"], ["1", "Ruiz", "000111222"]]
    survey, (plan,) = planned("clio-matters", rows)
    assert [question.code for question in survey.questions] == ["reference"]
    assert errors_of(plan) == ["reference"]
    (plan,) = plans_of("clio-matters", rows, Answers(reference="a_number"))
    assert plan.person is not None
    assert plan.person.a_number == "000111222"
    (plan,) = plans_of("clio-matters", rows, Answers(reference="court_number"))
    assert plan.case is not None
    assert plan.case.court_numbers == ("000111222",)


def test_the_applicant_of_a_docketwise_matter_is_the_client_and_who_pays_stays_a_fact() -> None:
    rows = [
        ["id", "Title", "Client", "Applicant", "Assignees"],
        ["9", "I-130", "Omar Diallo", "Aïcha Diallo", "Ana Ruiz; Eva Lin"],
    ]
    (plan,) = plans_of("docketwise-matters", rows)
    assert plan.client_name == "Aïcha Diallo"
    assert plan.case is not None
    assert plan.case.title == "I-130"
    assert plan.case.other_facts == (("Client", "Omar Diallo"),)
    assert plan.members == (MemberName(role="team", name="Ana Ruiz"), MemberName(role="team", name="Eva Lin"))


def test_every_field_of_every_preset_exists_for_what_it_makes() -> None:
    for preset in presets().values():
        assert {*preset.columns, *preset.fields.values()} <= {*FIELDS_OF[preset.makes]}, preset.code


def test_a_file_is_recognised_by_its_headings() -> None:
    assert guess_preset(["Matter/Case ID#", "Case Disposition", "Legal Problem Code"]).code == "legalserver-cases"
    assert (
        guess_preset(["Full name", "Daytime phone number", "Alien Registration Number"]).code == "docketwise-contacts"
    )
    assert guess_preset(["Display Number", "Practice Area", "Responsible Attorney"]).code == "clio-matters"
    assert guess_preset(["Nombre", "Teléfono", "Fecha de corte", "Color"]).code == "spreadsheet"


@pytest.mark.parametrize(
    "headings",
    [
        ["Name"],
        ["Name", "Email", "Address"],
        ["First Name", "Last Name"],
        ["Name", "First Name", "Last Name", "Email", "Phone Number", "City"],
        ["First Name", "Last Name", "Phone Number", "Country"],
        ["Name", "Company", "Type"],
        ["First Name", "Last Name", "Date of Birth", "A-Number", "Language", "Country of Birth"],
    ],
)
def test_a_plain_list_of_names_is_not_taken_for_one_of_a_product(headings: list[str]) -> None:
    assert guess_preset(headings).code == "spreadsheet"


def test_each_preset_is_recognised_by_the_headings_that_are_special_to_its_product() -> None:
    for preset in filter(lambda preset: preset.columns, presets().values()):
        headings = [texts[0] for texts in preset.columns.values()]
        assert guess_preset(headings).source == preset.source, preset.code


def test_a_mapping_says_what_is_found_missing_unused_and_left_behind() -> None:
    preset = presets()["legalserver-cases"]
    mapping = suggest_mapping(["Date of Birth", "SSN", "Borough"], preset)
    summary = describe_mapping(mapping, preset)
    assert [choice.field for choice in summary.matched] == ["person.born_on"]
    assert [choice.heading for choice in summary.other_facts] == ["Borough"]
    assert [choice.heading for choice in summary.left_behind] == ["SSN"]
    assert [group[0] for group in summary.missing] == ["person.name_as_written", "case.id"]
    assert "person.a_number" in summary.unused


def test_a_remembered_mapping_wins_over_the_aliases() -> None:
    preset = presets()["spreadsheet"]
    remembered = suggest_mapping(["Boro", "Notes"], preset)
    changed = type(remembered)(
        preset=preset.code,
        columns=tuple(
            type(choice)(
                column=choice.column, heading=choice.heading, field="case.group" if index == 0 else LEFT_BEHIND
            )
            for index, choice in enumerate(remembered.columns)
        ),
    )
    again = suggest_mapping(["Name", "notes ", "BORO"], preset, changed)
    assert [choice.field for choice in again.columns] == ["person.name_as_written", LEFT_BEHIND, "case.group"]
