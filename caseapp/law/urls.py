"""URLs of the rules.

Ids of the product's rules are public and may be in a path; text that the office wrote is sent by POST.
"""

from django.urls import path

from caseapp.law.views import office_rules, office_settings, rules

app_name = "law"
urlpatterns = [
    path("rules/", rules.list_rules, name="list"),
    path("rules/confirm/", rules.confirm_rules, name="confirm"),
    path("rules/ours/<str:rule_id>/", rules.show_rule, name="rule"),
    path("rules/settings/", office_settings.show_settings, name="settings"),
    path("rules/settings/packs/", office_settings.choose_packs, name="packs"),
    path("rules/settings/court/", office_settings.edit_court, name="court"),
    path("rules/settings/reading/<str:rule_id>/", office_settings.choose_position, name="position"),
    path("rules/office/new/", office_rules.add_closure, name="new_closure"),
    path("rules/office/new/order/", office_rules.add_order, name="new_order"),
    path("rules/office/new/rule/", office_rules.add_rule, name="new_rule"),
    path("rules/office/new/file/", office_rules.add_file, name="new_file"),
    path("rules/office/file/", office_rules.download_rules, name="download"),
    path("rules/office/remove/", office_rules.remove_item, name="remove"),
]
