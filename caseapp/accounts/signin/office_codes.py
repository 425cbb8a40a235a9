"""Office codes: what members of a further office on one server type next to their e-mail address.

Two offices may have members with the same address, and neither may learn that from the other. So the tag of an account
is made of address and code. The code is no secret and is stored nowhere: it is an HMAC of the office's id. The first
office of a server has none.
"""

from uuid import UUID

from caseapp.accounts.models import OfficeState
from caseapp.lib import setup_code
from caseapp.vault import server_keys
from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.tenancy import join_office_transaction

GROUP_LENGTH = 4  # characters of each of the two groups
MAX_LENGTH = 40  # characters that a form accepts


def compute_code(org_id: UUID) -> str:
    """Return the code of an office (`k7mq-2x9d`), whether its members need it or not."""
    tag = primitives.mac(server_keys.operational_key(), LABELS["office code"], org_id.bytes)
    letters = "".join(setup_code.ALPHABET[byte % 32] for byte in tag[: 2 * GROUP_LENGTH])
    return f"{letters[:GROUP_LENGTH]}-{letters[GROUP_LENGTH:]}"


def find_code(org_id: UUID) -> str:
    """Return the code that this office's members sign in with, or an empty string if they need none."""
    with join_office_transaction(org_id):
        has_code = OfficeState.objects.filter(org_id=org_id, has_code=True).exists()
    return compute_code(org_id) if has_code else ""


def email_tag(email: str, code: str = "") -> bytes:
    """Return the tag of an e-mail address in the table of doors. `code`: the office's, as typed; empty without one."""
    address, typed = email.strip().lower(), setup_code.normalize_code(code)
    text = f"{address}\0{typed}" if typed else address
    return primitives.mac(server_keys.operational_key(), LABELS["sign-in account"], text.encode())
