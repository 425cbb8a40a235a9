"""Constants of the operational tier, each defined once."""

from datetime import timedelta

LEVELS = ("normal", "constant")
MORNING_HOUR = 7  # hour in the member's own zone from which a day's messages go out, urgent ones included
DEFAULT_QUIET_HOURS = (20 * 60, 7 * 60)  # minutes of the day: from, to; between them only urgent messages go out
MIN_OPEN_MINUTES = 4 * 60  # minutes between MORNING and midnight that quiet hours leave open at least
LOOK_BACK = timedelta(days=14)  # a plan that is merged late may be for a day that was already checked
NEXT_ADDRESS_AFTER = 3  # failures after which the next address is tried too: about ten minutes
MAIL_UNAVAILABLE = "mail-away"  # heartbeat while the mail server accepts no mail; deleted when it accepts one again
# How long the mail server is down before members with another address are sent to that one.
OTHER_ADDRESSES_AFTER = timedelta(minutes=10)
# Before a mail that was put off is tried again: most servers that greylist accept it from then on.
FIRST_WAIT = timedelta(minutes=5)
REPEAT_AFTER = timedelta(hours=4)  # how long after a message it is repeated if the member has not opened Today
# The longest wait for a digest day: the last reminder before a routine date is 3 days before it.
MAX_DIGEST_WAIT = timedelta(days=2)
MAX_ADDRESSES = 4  # e-mail and three more
ADDRESS_LIMIT = 400  # characters of a gateway's address
OTHER_DAYS = 77  # of 256: at level normal about 30 % of working days without items get a message too
SELF_TEST_LATE = timedelta(hours=26)
