"""Case references: random, short, safe to say aloud."""

import secrets

from caseapp.cases.choices import REF_LENGTH, REF_LETTERS


def new_ref() -> str:
    """Five letters or digits without look-alikes. 5 million of them: callers draw again on a clash."""
    return "".join(secrets.choice(REF_LETTERS) for _ in range(REF_LENGTH))
