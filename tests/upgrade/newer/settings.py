"""The settings of a newer Caseapp. UPGRADE_FAILS: the step that fails (`migration` or `doctor`)."""

import os
import sys

from caseapp.config.settings import *  # noqa: F403
from caseapp.config.settings import INSTALLED_APPS as OLD_APPS

INSTALLED_APPS = [*OLD_APPS, "tests.upgrade.newer"]
if os.environ.get("UPGRADE_FAILS") == "doctor" and "doctor" in sys.argv:
    raise RuntimeError("Planted Needle")
