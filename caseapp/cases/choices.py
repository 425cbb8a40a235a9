"""Words with a fixed meaning for cases. Labels are translated where they are shown."""

STAGES = ("intake", "advice", "in_court", "on_appeal", "uscis", "closed")
RELIEF = ("asylum", "withholding", "cat", "cancellation", "sij", "u", "t", "vawa", "family", "tps", "daca", "other")
# Read aloud over a bad line these cannot be taken for one another: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
REF_LETTERS = "3479ACDEFGHJKMNPQRTWXY"
REF_LENGTH = 5
ROLES = (
    "lead", "rider", "spouse", "child", "sponsor", "witness", "opposing", "caregiver", "obligor", "interpreter",
    "other",
)  # fmt: skip
CLOSE_CODES = ("granted", "denied", "advised", "referred", "withdrew", "moved", "lost_contact", "died", "other")
# What arrives or happens outside a hearing, and the event of the rule packs it is.
NOTICE_KINDS = {
    "rfe": "notice_date",
    "noid": "notice_date",
    "uscis_denial": "decision_date",
    "judge_decision_mailed": "decision_mailed",
    "judge_decision_electronic": "decision_received_electronically",
    "board_decision": "order_final",
    "address_change": "address_change",
    "opponent_filing": "filing_received_by_court",
    "detained": "detention",
    "released": "released_from_custody",
    "asylum_filed": "asylum_application_filed",
    "asylum_granted": "asylum_granted",
    "clock_stop": "",  # a stop of the asylum clock: `dated_on` to `facts["restarts_on"]`
    "other": "",
}
