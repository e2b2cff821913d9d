"""The addresses of the budget's own pages."""

from django.urls import URLPattern

app_name = "budget"
urlpatterns: list[URLPattern] = []
