"""Protection of process memory that contains keys: no core files, and no debugger of another process."""

import ctypes
import resource
import sys

PR_SET_DUMPABLE = 4


def keep_private() -> None:
    """Disable core dumps and tracing of this process. Call once at the start of a process that may hold a key.

    Child processes inherit the limit. Root can still read the memory.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
