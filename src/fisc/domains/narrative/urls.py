"""The addresses of the report's pages."""

from django.urls import path

from fisc.domains.narrative import pages

app_name = "narrative"
urlpatterns = [
    path("narrative/", pages.index, name="index"),
    path("narrative/write/", pages.write, name="write"),
    path("narrative/<int:document_id>/", pages.show, name="show"),
    path("narrative/<int:document_id>/compare/<int:other_id>/", pages.compare, name="compare"),
    path("narrative/<int:document_id>/file/<slug:suffix>/", pages.download, name="download"),
]
