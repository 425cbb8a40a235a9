"""Case references: random, short, safe to say aloud."""

import secrets


def new_ref() -> str:
    """Five letters or digits without look-alikes. 5 million of them: callers draw again on a clash."""
    return "".join(secrets.choice(REF_LETTERS) for _ in range(REF_LENGTH))


# Read aloud over a bad line these cannot be taken for one another: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
REF_LETTERS = "3479ACDEFGHJKMNPQRTWXY"
REF_LENGTH = 5
