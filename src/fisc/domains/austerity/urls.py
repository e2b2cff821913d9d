"""The addresses of the module's own pages."""

from django.urls import path

from fisc.domains.austerity import pages

app_name = "austerity"
urlpatterns = [
    path("austerity/three-public/", pages.three_public_page, name="three-public"),
    path("austerity/three-public/export.xlsx", pages.three_public_excel, name="three-public-excel"),
    path("austerity/ceilings/<int:document_id>/", pages.sheet_page, name="ceiling-sheet"),
    path("austerity/ceilings/<int:document_id>/save/", pages.save_sheet, name="ceiling-sheet-save"),
    path("austerity/general/", pages.general_page, name="general"),
]
