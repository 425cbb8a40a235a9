"""Sentences about a file, its rows and its cells, in English; pages show it in their language.

A sentence says what happened and what to do next. `panels/import_texts.py` translates it for pages, the command line
prints it.
"""

from caseapp.moving.reading.errors import FileQuestion, UnreadableFile
from caseapp.moving.reading.plans.row_plan import Problem


def gettext_noop(text: str) -> str:
    """Mark a text for the catalogues and return it unchanged; Django's own function would need Django."""
    return text


_ = gettext_noop

# By code; %(column)s is the heading, %(value)s the text of the cell, %(rows)s other rows.
ERRORS = {
    "quotes": _("A quotation mark in this row is not closed where its cell ends. Correct the marks in the file."),
    "too_many_cells": _(
        "This row has more cells than there are headings: a separator in a cell needs quotation marks around the cell."
    ),
    "merged": _("A merged cell above covers this row. Say whether its value applies to each of its rows."),
    "encoding": _("This row has letters of an unclear encoding. Choose the encoding of the file first."),
    "date_unknown": _("“%(value)s” in “%(column)s” is not a date. Write it as the other dates of the file."),
    "date_order": _(
        "“%(value)s” in “%(column)s” may be two dates. Choose which is first in this file, the month or the day."
    ),
    "date_other_order": _(
        "“%(value)s” in “%(column)s” does not fit the order of dates of this file. Correct it in the file."
    ),
    "short_year": _("“%(value)s” in “%(column)s” has no century. Write the year with four digits."),
    "no_day": _("“%(value)s” in “%(column)s” is a day that does not exist. Correct it in the file."),
    "time_unknown": _("“%(value)s” in “%(column)s” is not a time. Write it as 13:30 or 1:30 PM."),
    "zone": _("“%(value)s” in “%(column)s” has a time without a time zone. Choose the time zone of the file."),
    "no_such_hour": _(
        "“%(value)s” in “%(column)s” is an hour that the clocks skip on that day. Correct it in the file."
    ),
    "date_missing": _("This row has no date. Enter one in the file."),
    "name_missing": _("This row has no name. Enter one in the file, or what the person is called."),
    "name_too_long": _("The name in this row has more than 200 characters. Shorten it in the file."),
    "a_numbers_differ": _("This row has two different A-Numbers: %(value)s. Leave only the right one in the file."),
    "reference": _(
        "“%(value)s” in “%(column)s” may be a court's number or an A-Number. Say which of them this column has."
    ),
    "same_id": _("Another row of the file has the same number: row %(rows)s. Leave only one of them in the file."),
    "no_case": _("This row names no case. Enter the number of its case in the file."),
    "text_missing": _("This row has no text. Enter one in the file, or remove the row."),
}
REMARKS = {
    "not_imported": _("This list is not imported: Caseapp has no place for it yet."),
    "expense": _("Expenses are not imported."),
    "no_id": _("A row without a number of its own is left out: it is a total or a footer."),
    "same_row": _("The same row is in the file twice: row %(rows)s is imported."),
    "reopened": _("A case that was closed and opened again: row %(rows)s counts, and keeps the dates of this one."),
    "same_a_number": _(
        "Row %(rows)s has the same A-Number and another number of its own. Check whether it is one person."
    ),
    "name_unsplit": _("“%(value)s” is kept as one name: the file does not say which part is the family name."),
    "several_people": _("“%(value)s” may be several people. It is kept as one name."),
    "company": _("“%(value)s” is an organization. It is kept as the client's name."),
    "a_number": _("“%(value)s” is not an A-Number of 7 to 9 digits. It is kept with the other numbers, as typed."),
    "receipt": _("“%(value)s” has a receipt number that is not three letters and ten digits. It is kept as typed."),
    "country": _("“%(value)s” in “%(column)s” names no single country. It is kept with the other facts."),
    "word": _("“%(value)s” in “%(column)s” is no word that Caseapp knows there. It is kept with the other facts."),
    "yes_no": _("“%(value)s” in “%(column)s” is neither yes nor no. It counts as not asked."),
    "custody": _(
        "“%(value)s” in “%(column)s” may mean custody. Record it in the case: an import marks no person as detained."
    ),
    "stage": _("“%(value)s” in “%(column)s” is no stage that Caseapp knows. Set the stage in the case."),
    "access_list": _("The file restricts who may see this case. It opens restricted; confirm who may see it."),
    "hearing_without_time": _(
        "The file has no time for “%(column)s”. The day is kept as a deadline until you book the hearing."
    ),
}
UNREADABLE = {
    "no_text": _("This is not a text file. Save the list as CSV or as an Excel workbook (.xlsx)."),
    "encoding_wrong": _("The file is not text in the encoding %(encoding)s. Choose another one."),
    "open_quote": _("A quotation mark that begins in row %(row)s is never closed. Correct it in the file."),
    "one_column": _(
        "Every row has one column only. The separator is not a comma, a semicolon or a tab, or another one was chosen."
    ),
    "empty": _("The file is empty."),
    "old_workbook": _(
        "This is a workbook of the old kind (.xls), or one with a password. Save it as .xlsx without one."
    ),
    "no_workbook": _("The workbook is damaged. Open it in your spreadsheet program and save it again as .xlsx."),
    "encrypted_workbook": _("The workbook has a password. Save it without one."),
    "workbook_too_large": _(
        "The workbook is larger than %(limit)s MB when it is unpacked. Save the list alone, as CSV."
    ),
    "workbook_declares": _("The workbook has declarations that no spreadsheet program writes. Save the list as CSV."),
    "sheet_too_large": _(
        "The sheet uses more than %(limit)s cells. Delete what is far below or to the right of the list."
    ),
    "no_sheet": _("The workbook has no visible sheet of this name."),
    "file_too_large": _("The file has %(size)s MB; the limit is %(limit)s MB. Divide it into smaller files."),
    "no_file": _("The file cannot be opened."),
    "too_many_rows": _("The file has more than %(limit)s rows. Divide it into smaller files."),
    "too_many_columns": _("The file has more than %(limit)s columns. Leave out the ones that you do not need."),
    "too_many_repeats": _(
        "More than %(limit)s rows have a number that occurs twice. Choose the column that has each row's own number."
    ),
    "no_headings": _("No row with headings is among the first 10 rows. Add one above the list."),
}
QUESTIONS = {
    "encoding": _("Which encoding does the file have? Choose the line in which the words are right."),
    "merged": _("The list has merged cells. Does a merged value apply to each of its rows?"),
    "date_order": _("Which is first in the dates of this file, the month or the day?"),
    "short_years": _("Years have two digits. In which hundred years are they?"),
    "zone": _("In which time zone are the times of this file?"),
    "reference": _("What does the client reference contain?"),
    "relief": _("Which relief do these words of the file mean? Confirm each."),
}


def problem_values(problem: Problem) -> dict[str, str]:
    """Return the values for the sentence of a problem."""
    rows = ", ".join(map(str, problem.rows))
    return {"column": problem.column, "value": " ".join(problem.value.split()), "rows": rows}


def describe_problem(problem: Problem) -> str:
    """Return the sentence of a problem in English."""
    return problem_template(problem) % problem_values(problem)


def problem_template(problem: Problem) -> str:
    """Return the sentence of a problem with its places; an unknown code is its own sentence."""
    return ERRORS.get(problem.code) or REMARKS.get(problem.code) or problem.code.replace("%", "%%")


def describe_unreadable(refused: UnreadableFile) -> str:
    """Return the sentence of a file that cannot be read, in English."""
    return UNREADABLE[refused.code] % refused.values


def describe_question(question: FileQuestion) -> str:
    """Return a question in English."""
    return QUESTIONS[question.code]
