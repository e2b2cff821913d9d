"""The addresses of the budget's own pages."""

from django.urls import path

from fisc.domains.budget.pages import advances, cuts, four, idle, year_end

app_name = "budget"
urlpatterns = [
    path("budget/four/", four.four_page, name="four"),
    path("budget/four/export.xlsx", four.four_excel, name="four-excel"),
    path("budget/year-end/", year_end.index, name="year-ends"),
    path("budget/year-end/<int:document_id>/", year_end.workbench, name="year-end"),
    path("budget/year-end/<int:document_id>/change/", year_end.change, name="year-end-change"),
    path("budget/year-end/<int:document_id>/export.xlsx", year_end.export, name="year-end-excel"),
    path("budget/year-end/<int:document_id>/list/", year_end.change_listed, name="year-end-list"),
    path("budget/idle/", idle.index, name="idle"),
    path("budget/idle/export.xlsx", idle.export, name="idle-excel"),
    path("budget/cuts/", cuts.index, name="cuts"),
    path("budget/cuts/export.xlsx", cuts.export, name="cuts-excel"),
    path("budget/cuts/<int:document_id>/", cuts.notice, name="cut"),
    path("budget/advances/", advances.index, name="advances"),
    path("budget/advances/export.xlsx", advances.export, name="advances-excel"),
]
