"""The addresses of the module's own pages."""

from django.urls import path

from fisc.domains.standards import need_pages, pages, standard_pages

app_name = "standards"
urlpatterns = [
    path("standards/base/", pages.base_page, name="base"),
    path("standards/base/save/", pages.save_base, name="base-save"),
    path("standards/base/carry/", pages.carry_base, name="base-carry"),
    path("standards/base/export.xlsx", need_pages.base_export, name="base-export"),
    path("standards/needs/", need_pages.needs_page, name="needs"),
    path("standards/needs/export.xlsx", need_pages.needs_export, name="needs-export"),
    path("standards/needs/<int:unit_id>/", need_pages.sheet_page, name="sheet"),
    path("standards/needs/<int:unit_id>/export.xlsx", need_pages.sheet_export, name="sheet-export"),
    path("standards/pupils/", need_pages.pupils_page, name="pupils"),
    path("standards/rates/", standard_pages.standards_page, name="standards"),
    path("standards/rates/<str:code>/", standard_pages.standard_page, name="standard"),
]
