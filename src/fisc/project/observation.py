"""What an operator watches: health, Prometheus measurements, structured logs."""

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

logger = logging.getLogger("fisc.request")
BUCKETS_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LOCAL_ADDRESSES = ("127.0.0.1", "::1")


class Measurements:
    """Counts of requests and how long they took, since the process started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets: Counter[float] = Counter()
        self._seconds = 0.0

    def record(self, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        with self._lock:
            self._requests[method, status] += 1
            self._seconds += seconds
            for bound in BUCKETS_SECONDS:
                if seconds <= bound:
                    self._buckets[bound] += 1

    def lines(self) -> list[str]:
        """Return the counts in Prometheus' text format."""
        with self._lock:
            total = sum(self._requests.values())
            return [
                "# TYPE fisc_requests_total counter",
                *(
                    f'fisc_requests_total{{method="{method}",status="{status}"}} {count}'
                    for (method, status), count in sorted(self._requests.items())
                ),
                "# TYPE fisc_request_seconds histogram",
                *(
                    f'fisc_request_seconds_bucket{{le="{bound}"}} {self._buckets[bound]}'
                    for bound in BUCKETS_SECONDS
                ),
                f'fisc_request_seconds_bucket{{le="+Inf"}} {total}',
                f"fisc_request_seconds_sum {self._seconds:.6f}",
                f"fisc_request_seconds_count {total}",
            ]


MEASUREMENTS = Measurements()


class RequestMiddleware:
    """Measure every request and log it as one line."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        method = request.method or "GET"
        MEASUREMENTS.record(method, response.status_code, seconds)
        facts = {
            "method": method,
            "path": request.path,
            "status": response.status_code,
            "seconds": round(seconds, 4),
        }
        logger.info("%(method)s %(path)s %(status)s", facts, extra={"facts": facts})
        return response


class JsonFormatter(logging.Formatter):
    """One JSON object per line: moment, level, logger, message, facts."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **({"facts": record.__dict__["facts"]} if "facts" in record.__dict__ else {}),
            **({"traceback": self.formatException(record.exc_info)} if record.exc_info else {}),
        }
        return json.dumps(entry, ensure_ascii=False, default=str)


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the measurements, to this machine only; a collector elsewhere goes through a local proxy."""
    if request.META.get("REMOTE_ADDR") not in LOCAL_ADDRESSES:
        return HttpResponse(status=403)
    lines = [*MEASUREMENTS.lines(), *_database_lines()]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _database_lines() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()), count(*) FROM pg_stat_activity")
        size, connections = cursor.fetchone()
        cursor.execute(
            "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status ORDER BY status"
        )
        jobs = cursor.fetchall()
    return [
        "# TYPE fisc_database_bytes gauge",
        f"fisc_database_bytes {size}",
        "# TYPE fisc_database_connections gauge",
        f"fisc_database_connections {connections}",
        "# TYPE fisc_jobs gauge",
        *(f'fisc_jobs{{status="{status}"}} {count}' for status, count in jobs),
    ]
