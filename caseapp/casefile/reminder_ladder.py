"""Words with a fixed meaning for deadlines, and when each kind is brought to mind."""

# Days before the safe day on which a person is reminded (law/us-federal.md), and how near is urgent.
OFFSETS = {"fatal": (60, 30, 14, 7, 3, 1, 0), "serious": (30, 14, 7, 3, 1), "routine": (14, 3)}
URGENT_FROM = {"fatal": 7, "serious": 1, "routine": -1}
HEARING_OFFSETS = (14, 7, 3, 1)
HEARING_URGENT_FROM = 1
OPENS_OFFSETS = (7, 0)
# Days before which the lead and a supervisor hear of what is not done, whoever owns it (shared decisions, 16).
LEAD_OFFSET, SUPERVISOR_OFFSET = 3, 1
