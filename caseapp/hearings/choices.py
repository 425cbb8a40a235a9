"""Words with a fixed meaning for hearings."""

KINDS = ("master", "individual", "bond", "other")
WAYS = ("in_person", "video", "phone")
OUTCOMES = ("reset", "decided", "continued", "not_held", "absent")
DECISIONS = (
    "denied", "granted", "voluntary_departure", "in_absentia", "bond_denied", "bond_granted", "terminated", "other",
)  # fmt: skip
