"""The addresses of the what-if desk."""

from django.urls import path

from fisc.domains.scenarios import pages, result_pages

app_name = "scenarios"
urlpatterns = [
    path("scenarios/", pages.index, name="index"),
    path("scenarios/new/cut/", pages.new, {"sort": "cut"}, name="new-cut"),
    path("scenarios/new/shortfall/", pages.new, {"sort": "shortfall"}, name="new-shortfall"),
    path("scenarios/compare/", pages.compare, name="compare"),
    path("scenarios/<int:document_id>/", result_pages.show, name="show"),
    path("scenarios/<int:document_id>/act/", pages.act, name="act"),
    path("scenarios/<int:document_id>/lines.xlsx", result_pages.lines_file, name="lines"),
    path("scenarios/<int:document_id>/months.xlsx", result_pages.months_file, name="months"),
]
