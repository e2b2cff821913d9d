"""The addresses of revenue's own pages."""

from django.urls import path

from fisc.domains.revenue import pages

app_name = "revenue"
urlpatterns = [
    path("revenue/sharing/", pages.sharing_page, name="sharing"),
    path("revenue/tasks/<int:document_id>/lines/", pages.task_lines_page, name="task-lines"),
]
