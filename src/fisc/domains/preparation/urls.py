"""The addresses of the preparation's own pages."""

from django.urls import path

from fisc.domains.preparation import pages, sheet_pages

app_name = "preparation"
urlpatterns = [
    path("preparation/", pages.index, name="index"),
    path("preparation/<int:round_id>/approve/", pages.approve, name="approve"),
    path("preparation/<int:round_id>/tick/", pages.tick, name="tick"),
    path("preparation/compare/", pages.compare, name="compare"),
    path("preparation/compare/excel/", pages.compare_excel, name="compare-excel"),
    path("preparation/cuts/", pages.cuts, name="cuts"),
    path("preparation/restored/", pages.restored, name="restored"),
    path("preparation/timers/", pages.timers, name="timers"),
    path("preparation/requests/<int:document_id>/lines/", sheet_pages.show, name="sheet"),
    path("preparation/requests/<int:document_id>/lines/save/", sheet_pages.save, name="sheet-save"),
    path(
        "preparation/requests/<int:document_id>/lines/review/", sheet_pages.save_review, name="sheet-review"
    ),
    path("preparation/requests/<int:document_id>/fill/", sheet_pages.fill, name="sheet-fill"),
    path("preparation/requests/<int:document_id>/workbook/", sheet_pages.workbook, name="workbook"),
]
