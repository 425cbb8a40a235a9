"""Case references: random, short, safe to say aloud."""

import secrets


def new_ref() -> str:
    """Return five random letters or digits without look-alikes.

    There are about 5 million references; a clash is possible and is not checked here.
    """
    return "".join(secrets.choice(REF_LETTERS) for _ in range(REF_LENGTH))


# Characters that cannot be confused when read aloud over a bad line: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
REF_LETTERS = "3479ACDEFGHJKMNPQRTWXY"
REF_LENGTH = 5
