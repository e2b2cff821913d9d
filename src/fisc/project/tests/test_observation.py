"""Health, measurements, logs."""

import json
import logging

import pytest

from fisc.project.observation import JsonFormatter, Measurements


@pytest.mark.django_db
def test_healthz_answers_without_log_in(client):
    response = client.get("/healthz")

    assert response.status_code == 200 and response.json() == {"status": "ok"}


@pytest.mark.django_db
def test_metrics_in_prometheus_text(client):
    client.get("/healthz")

    text = client.get("/metrics").content.decode()

    assert 'fisc_requests_total{method="GET",status="200"}' in text
    assert "fisc_database_bytes " in text and text.endswith("\n")


@pytest.mark.django_db
def test_metrics_only_for_this_machine(client):
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.5").status_code == 403


def test_buckets_are_cumulative():
    measurements = Measurements()
    measurements.record("GET", 200, 0.05)
    measurements.record("GET", 500, 0.051)

    lines = measurements.lines()

    assert (
        'fisc_request_seconds_bucket{le="0.05"} 1' in lines
        and 'fisc_request_seconds_bucket{le="0.1"} 2' in lines
    )
    assert 'fisc_request_seconds_bucket{le="+Inf"} 2' in lines and "fisc_request_seconds_count 2" in lines


def test_json_log_line():
    record = logging.makeLogRecord(
        {"name": "fisc", "levelname": "INFO", "msg": "支付 %s", "args": (3,), "facts": {"a": 1}}
    )

    entry = json.loads(JsonFormatter().format(record))

    assert (entry["message"], entry["facts"], entry["level"]) == ("支付 3", {"a": 1}, "INFO")
