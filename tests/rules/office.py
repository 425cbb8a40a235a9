"""A fictional office's own pack, as a file."""

PACK = """
name = "Riverside Legal Aid: our own rules"
version = "2026.11.24"
last_checked = 2026-11-24
events = { retainer_signed = "The client signed the retainer" }

[[rules]]
id = "office.foia.file"
what = "Ask for the file under FOIA"
on = ["retainer_signed"]
count = "+10d"
roll = "fwd"
citation = "our intake manual, page 4"
severity = "routine"
state = "settled"
chk = "r"
effective_from = 2026-01-01
last_checked = 2026-11-20

[[closures]]
id = "flood"
from = 2026-12-07
to = 2026-12-08
court = "Court North"
why = "flooded building"
source = "court notice of 6 Dec 2026"

[[closures]]
id = "cesar_chavez"
from = 2027-03-31
to = 2027-03-31
region = "CA"
why = "Cesar Chavez Day"
source = "Cal. Gov. Code 6700"

[[standing_orders]]
id = "smith_45"
court = "Court North"
judge = "Smith"
rule = "us.eoir.individual.filings"
what = "everything 45 days before the hearing"
count = "-45d"
source = "standing order of 2 March 2026"
effective_from = 2026-04-01
last_checked = 2026-11-24

[[standing_orders]]
id = "jones_15"
court = "Court North"
judge = "Jones"
rule = "us.eoir.individual.filings"
what = "15 days are enough"
count = "-15d"
source = "standing order of 5 May 2026"
effective_from = 2026-06-01
last_checked = 2026-11-24

[[follows]]
event = "last_arrival"
text = "Last arrival known"
starts = [{ rule = "office.foia.file", on = "retainer_signed" }]
"""
