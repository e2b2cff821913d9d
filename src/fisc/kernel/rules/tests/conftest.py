import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from fisc.kernel.orgs.access import system_actor
from fisc.kernel.rules.views import describe

AT = dt.datetime(2023, 7, 3, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = AT.date()
TABLE = """
CREATE TABLE rulekit_payment (
    id bigint PRIMARY KEY, unit_id bigint, amount_fen bigint, payee_kind text, purpose text, paid_on date,
    is_cash boolean, unit_total_fen bigint
);
CREATE VIEW v_rulekit_facts AS
SELECT id AS document_id, unit_id, amount_fen, payee_kind, purpose, paid_on, is_cash, unit_total_fen
FROM rulekit_payment;
COMMENT ON COLUMN v_rulekit_facts.amount_fen IS '金额（分）';
COMMENT ON COLUMN v_rulekit_facts.purpose IS '用途';
INSERT INTO rulekit_payment VALUES
    (1, 10, 5000000, 'person', '劳务费', '2023-06-01', false, 100),
    (2, 10, 5000001, 'person', '劳务费', '2023-07-01', false, 0),
    (3, 11, 100, 'organisation', '购物卡充值', '2023-07-02', false, NULL),
    (4, 11, 100, 'organisation', NULL, '2023-07-02', true, 10);
"""


@pytest.fixture
def view(db):
    describe.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    yield "v_rulekit_facts"
    describe.cache_clear()


@pytest.fixture
def actor(db):
    return system_actor()
