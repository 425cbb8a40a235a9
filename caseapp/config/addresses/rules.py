"""Addresses of the room `rules`. Ids of our own rules are public; what the office wrote travels by POST."""

from django.urls import path

from caseapp.deadlines.views import consistency_check
from caseapp.deadlines.views import recompute as changing
from caseapp.law.views import office_rules as writing
from caseapp.law.views import rules as views

app_name = "rules"
urlpatterns = [
    path("rules/", views.every, name="every"),
    path("rules/confirm/", views.confirm, name="confirm"),
    path("rules/ours/<str:rule_id>/", views.one, name="one"),
    path("rules/office/new/", writing.closure, name="new"),
    path("rules/office/new/order/", writing.order, name="new_order"),
    path("rules/office/new/rule/", writing.rule, name="new_rule"),
    path("rules/office/new/file/", writing.file, name="new_file"),
    path("rules/office/file/", writing.download, name="download"),
    path("rules/office/remove/", writing.remove, name="remove"),
    path("rules/changes/", changing.changes, name="changes"),
    path("rules/check/", consistency_check.check, name="check"),
]
