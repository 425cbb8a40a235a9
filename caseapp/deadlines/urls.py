"""URLs of deadlines, the asylum clock, changed dates and the consistency check."""

from django.urls import path

from caseapp.deadlines.views import (
    asylum_clock,
    consistency_check,
    deadlines,
    filing,
    recompute,
    rule_deadline,
    what_if,
)

app_name = "deadlines"
urlpatterns = [
    path("cases/<uuid:case_id>/deadlines/new/", deadlines.add_deadline, name="new"),
    path("cases/<uuid:case_id>/deadlines/from-rule/", rule_deadline.add_from_rule, name="from_rule"),
    path("cases/<uuid:case_id>/asylum-clock/", asylum_clock.asylum_clock, name="asylum_clock"),
    path("cases/<uuid:case_id>/asylum-clock/<uuid:stop_id>/", asylum_clock.asylum_stop, name="asylum_stop"),
    path("deadlines/what-if/", what_if.what_if, name="what_if"),
    path("deadlines/<uuid:deadline_id>/", deadlines.deadline_detail, name="deadline"),
    path("deadlines/<uuid:deadline_id>/filing/", filing.record_deadline_filing, name="filing"),
    path("law/changes/", recompute.review_changes, name="changes"),
    path("law/check/", consistency_check.review_findings, name="check"),
]
