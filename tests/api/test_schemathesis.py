"""按接口说明自动造请求：不出 500，回答都合说明；一分钟以内。"""

import itertools

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.urls import include, path
from hypothesis import HealthCheck, Phase, settings

from fisc.kernel.exchange.tests.conftest import good, table

EXAMPLES = 12
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = (
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.load_all_checks and None,
)


@pytest.fixture
def application():
    from fisc.project.wsgi import application

    return application


@pytest.fixture
def described(db, everything, slip, application):
    """The interface as its description has it, called as somebody with all rights."""
    everything.things = {
        "document_id": itertools.cycle([slip("301"), slip("001001"), 999_999]),
        "batch_id": itertools.cycle(
            [
                everything.send("/imports/kinds/test.line", f"{n}.xlsx", table(good(number=str(n)))).json()[
                    "id"
                ]
                for n in "12"
            ]
        ),
    }
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
