"""A person's decisions about a file: its reading, the meaning of its columns, and the answers to questions about it."""

import msgspec

OTHER_FACTS = ""  # a column without a field: kept with the record under its heading
LEFT_BEHIND = "-"  # a column that is not imported, on purpose


class ReadSettings(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Settings by which a file is read. An empty value means: find out."""

    encoding: str = ""  # a name that Python knows
    separator: str = ""
    sheet: str = ""  # of a workbook
    heading_row: int = 0  # counted from 1, as a spreadsheet shows it
    merged: str = ""  # fill: the value applies to each row of merged cells; first: only to the first


class ColumnChoice(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The field that a column goes into: a code of `presets.fields`, OTHER_FACTS or LEFT_BEHIND."""

    column: int  # counted from 0
    heading: str
    field: str = OTHER_FACTS


class Mapping(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Meaning of each column of a file."""

    preset: str
    columns: tuple[ColumnChoice, ...] = ()


class Answers(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Answers to questions about a whole file. An empty value means: not answered."""

    date_order: str = ""  # mdy, dmy, ymd
    zone: str = ""  # IANA name: of the times in the file
    reference: str = ""  # a client reference is a court_number or an a_number
    relief: dict[str, str] = {}  # a text of the file, folded, to a code of relief
    short_years_from: int = 0  # the first of the hundred years that years of two digits mean
    keep_left_behind: bool = False  # import what the preset leaves behind on purpose
