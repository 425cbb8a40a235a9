"""Words and numbers of the operational tier, each said once."""

from datetime import timedelta

LEVELS = ("normal", "constant")
MORNING = 7  # the hour of the member's own zone from which a day's messages go out, urgent ones included
QUIET = (20 * 60, 7 * 60)  # minutes of the day: from, to; between them only urgent messages go out
LEAST_OPEN = 4 * 60  # minutes between MORNING and midnight that quiet hours leave open at least
LOOK_BACK = timedelta(days=14)  # a plan merged late may be for a day already seen to
NEXT_WAY = 3  # failures after which the next address is tried too: some ten minutes
MAIL_AWAY = "mail-away"  # the sign that the mail server takes nothing; gone with the next letter it takes
OTHER_WAYS_AFTER = timedelta(minutes=10)  # of the mail server being away, after which nobody waits for it who need not
UNSEEN_AFTER = timedelta(hours=4)  # how long after a message nobody has opened Today when it is said again
GATHERED = timedelta(days=2)  # how long a reminder waits for a digest day at most: the last one before a date is 3 days
MOST_WAYS = 4  # e-mail and three more
ADDRESS_LIMIT = 400  # characters of a gateway's address
WAY_STATES = ("new", "works", "refused")
OTHER_DAYS = 77  # of 256: about 30 % of working days without items get a message too, at level normal
SELF_TEST_LATE = timedelta(hours=26)
