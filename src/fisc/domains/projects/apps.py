"""Django's entry for the module; everything else stands in module.py."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "fisc.domains.projects"
    label = "projects"
    verbose_name = "项目库"
