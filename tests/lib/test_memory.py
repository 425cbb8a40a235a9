"""A process that holds keys leaves no core file and lets nobody but root look into it."""

import subprocess
import sys

LOOK = """
import ctypes, resource
from caseapp.lib import memory
memory.keep_private()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def test_no_core_file_and_no_debugger() -> None:
    told = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "(0, 0) 0"
