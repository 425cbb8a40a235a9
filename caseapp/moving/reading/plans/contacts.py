"""Telephone numbers, e-mail and postal addresses of a row. What is safe is only what the file says is safe."""

from caseapp.moving.reading.cells.names import split_list
from caseapp.moving.reading.plans.row_reader import RowReader
from caseapp.moving.reading.presets.fields import ADDRESSES, PHONES
from caseapp.records.party import Contact

_ADDRESS_PARTS = ("street", "street_2", "apartment", "city", "state", "zip")
_ADDRESS_CODES = {kind: {part: f"address.{kind}.{part}" for part in _ADDRESS_PARTS} for kind in ADDRESSES}


def read_contacts(reader: RowReader) -> tuple[Contact, ...]:
    """Return the contacts of the person. A blank safe flag is "not asked"."""
    contacts: list[Contact] = []
    for kind in PHONES:
        contacts += _read_phones(reader, kind)
    for cell in reader.cells("person.email"):
        contacts += [Contact(way="mail", text=text) for text in split_list(cell.text.replace(",", ";"))]
    for kind in ADDRESSES:
        if address := _read_address(reader, kind):
            contacts.append(address)
    return tuple(dict.fromkeys(contacts))


def _read_phones(reader: RowReader, kind: str) -> list[Contact]:
    cells = reader.cells(f"phone.{kind}")
    if not cells:
        return []
    safe = _read_safe(reader, f"phone.{kind}.safe")
    note = "; ".join(part for part in (cells[0].heading, reader.text(f"phone.{kind}.note")) if part)
    return [
        Contact(way="phone", text=text, safe=safe, note=note) for text in split_list(cells[0].text.replace(",", ";"))
    ]


def _read_address(reader: RowReader, kind: str) -> Contact | None:
    texts = {part: reader.text(code) for part, code in _ADDRESS_CODES[kind].items()}
    if not any(texts.values()):
        return None
    parts = {part: " ".join(text.split()) for part, text in texts.items()}
    state_and_zip = " ".join(part for part in (parts["state"], parts["zip"]) if part)
    lines = [parts["street"], parts["street_2"], parts["apartment"], parts["city"], state_and_zip]
    cells = reader.cells(f"address.{kind}.street")
    return Contact(
        way="address",
        text=", ".join(line for line in lines if line),
        safe=_read_safe(reader, f"address.{kind}.safe"),
        note=cells[0].heading if cells and kind == "mailing" else "",
    )


def _read_safe(reader: RowReader, code: str) -> str:
    is_safe = reader.yes_no(code)
    return "not_asked" if is_safe is None else "yes" if is_safe else "no"
