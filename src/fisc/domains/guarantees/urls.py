"""The addresses of the module's own pages."""

from django.urls import path

from fisc.domains.guarantees import pages

app_name = "guarantees"
urlpatterns = [
    path("guarantees/", pages.report_page, name="report"),
    path("guarantees/export.xlsx", pages.report_excel, name="report-excel"),
    path("guarantees/needs/<int:document_id>/", pages.sheet_page, name="need-sheet"),
    path("guarantees/needs/<int:document_id>/save/", pages.save_sheet, name="need-sheet-save"),
    path("guarantees/list/", pages.list_page, name="list"),
    path("guarantees/livelihood/", pages.livelihood_page, name="livelihood"),
]
