"""The addresses of the module's own pages."""

from django.urls import path

from fisc.domains.standards import pages

app_name = "standards"
urlpatterns = [
    path("standards/base/", pages.base_page, name="base"),
    path("standards/base/save/", pages.save_base, name="base-save"),
]
