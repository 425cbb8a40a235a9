"""URLs of the intake room."""

from django.urls import path

from caseapp.intake.views import decision, screening, start, steps

app_name = "intake"
urlpatterns = [
    path("intake/", start.show_queue, name="queue"),
    path("intake/new/", start.start_intake, name="new"),
    path("intake/hotline/", start.take_call, name="hotline"),
    path("intake/questions/", screening.list_trees, name="trees"),
    path("intake/questions/<slug:tree_id>/", screening.sign, name="tree"),
    path("intake/<uuid:case_id>/safety/", steps.save_safety, name="safety"),
    path("intake/<uuid:case_id>/who/", steps.save_who, name="who"),
    path("intake/<uuid:case_id>/conflict/", steps.check_conflict, name="conflict"),
    path("intake/<uuid:case_id>/situation/", steps.save_situation, name="situation"),
    path("intake/<uuid:case_id>/screening/<slug:tree_id>/", screening.ask, name="screening"),
    path("intake/<uuid:case_id>/dates/", steps.save_dates, name="dates"),
    path("intake/<uuid:case_id>/decision/", decision.decide, name="decision"),
    path("intake/<uuid:case_id>/waiting/", decision.change_waiting, name="waiting"),
    path("intake/<uuid:case_id>/letter/", decision.write_letter, name="letter"),
    path("intake/<uuid:case_id>/letters/<uuid:letter_id>/", decision.show_letter, name="sent_letter"),
]
