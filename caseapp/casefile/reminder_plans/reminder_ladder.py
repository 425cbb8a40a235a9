"""The days before a deadline or hearing on which reminders are sent, by consequence and recipient."""

# Days before the internal deadline on which a member is reminded (law/us-federal.md), and from which day it is urgent.
OFFSETS = {"fatal": (60, 30, 14, 7, 3, 1, 0), "serious": (30, 14, 7, 3, 1), "routine": (14, 3)}
URGENT_FROM = {"fatal": 7, "serious": 1, "routine": -1}
HEARING_OFFSETS = (14, 7, 3, 1)
HEARING_URGENT_FROM = 1
OPENS_OFFSETS = (7, 0)
# Days before an open date on which the lead and supervisors are reminded too, besides the owner (shared decisions, 16).
LEAD_OFFSET, SUPERVISOR_OFFSET = 3, 1
