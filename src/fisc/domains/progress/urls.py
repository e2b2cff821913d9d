"""The addresses of the module's own pages."""

from django.urls import path

from fisc.domains.progress import pages

app_name = "progress"
urlpatterns = [
    path("progress/", pages.league_page, name="league"),
    path("progress/nodes/", pages.nodes_page, name="nodes"),
    path("progress/red/", pages.red_page, name="red"),
    path("progress/targets/<int:document_id>/", pages.target_page, name="target"),
    path("progress/targets/<int:document_id>/save/", pages.save_target, name="save-target"),
]
