"""URLs of the rules.

Ids of the product's rules are public and may be in a path; text that the office wrote is sent by POST.
"""

from django.urls import path

from caseapp.law.views import office_rules, office_settings, rules

app_name = "law"
urlpatterns = [
    path("law/", rules.list_rules, name="list"),
    path("law/confirm/", rules.confirm_rules, name="confirm"),
    path("law/rules/<str:rule_id>/", rules.show_rule, name="rule"),
    path("law/settings/", office_settings.show_settings, name="settings"),
    path("law/settings/packs/", office_settings.choose_packs, name="packs"),
    path("law/settings/court/", office_settings.edit_court, name="court"),
    path("law/settings/reading/<str:rule_id>/", office_settings.choose_position, name="position"),
    path("law/office/new/", office_rules.add_closure, name="new_closure"),
    path("law/office/new/order/", office_rules.add_order, name="new_order"),
    path("law/office/new/rule/", office_rules.add_rule, name="new_rule"),
    path("law/office/new/file/", office_rules.add_file, name="new_file"),
    path("law/office/file/", office_rules.download_rules, name="download"),
    path("law/office/remove/", office_rules.remove_item, name="remove"),
]
