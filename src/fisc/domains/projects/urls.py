"""The addresses of the project register's own pages."""

from django.urls import path

from fisc.domains.projects import pages

app_name = "projects"
urlpatterns = [
    path("projects/ranking/", pages.ranking_page, name="ranking"),
    path("projects/idle/", pages.idle_page, name="idle"),
    path("projects/<int:document_id>/estimates/", pages.estimates_page, name="estimates"),
    path("projects/<int:document_id>/estimates/save/", pages.save_estimates, name="save-estimates"),
    path("projects/<int:document_id>/indicators/", pages.indicators_page, name="indicators"),
    path("projects/<int:document_id>/indicators/save/", pages.save_indicators, name="save-indicators"),
]
