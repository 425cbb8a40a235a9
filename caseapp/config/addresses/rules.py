"""URLs of the rules.

Ids of the product's rules are public and may be in a path; text that the office wrote is sent by POST.
"""

from django.urls import path

from caseapp.deadlines.views import consistency_check, recompute
from caseapp.law.views import office_rules, rules

app_name = "rules"
urlpatterns = [
    path("rules/", rules.every, name="every"),
    path("rules/confirm/", rules.confirm, name="confirm"),
    path("rules/ours/<str:rule_id>/", rules.one, name="one"),
    path("rules/office/new/", office_rules.closure, name="new"),
    path("rules/office/new/order/", office_rules.order, name="new_order"),
    path("rules/office/new/rule/", office_rules.rule, name="new_rule"),
    path("rules/office/new/file/", office_rules.file, name="new_file"),
    path("rules/office/file/", office_rules.download, name="download"),
    path("rules/office/remove/", office_rules.remove, name="remove"),
    path("rules/changes/", recompute.changes, name="changes"),
    path("rules/check/", consistency_check.check, name="check"),
]
