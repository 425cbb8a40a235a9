"""What a process can do so that its memory does not end up on a disk: no core files, and nobody else's debugger."""

import ctypes
import resource
import sys

PR_SET_DUMPABLE = 4


def keep_private() -> None:
    """Call once at the start of whatever may hold a key. Children inherit the limit; whoever is root still can look."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
