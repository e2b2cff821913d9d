"""The addresses of treasury's own pages."""

from django.urls import path

from fisc.domains.treasury import pages, plan_pages, queue_pages

app_name = "treasury"
urlpatterns = [
    path("treasury/forecast/", pages.forecast_page, name="forecast"),
    path("treasury/forecast/items/", pages.items_page, name="forecast-items"),
    path("treasury/forecast/run/", pages.run, name="forecast-run"),
    path("treasury/forecast/known/", pages.add_known, name="forecast-known"),
    path("treasury/forecast/known/<int:flow_id>/cancel/", pages.cancel_known, name="forecast-known-cancel"),
    path("treasury/forecast/line/", pages.set_line, name="forecast-line"),
    path("treasury/queue/", queue_pages.queue_page, name="queue"),
    path("treasury/queue/send/", queue_pages.send_plan, name="queue-send"),
    path("treasury/plans/", plan_pages.months_page, name="plans"),
]
