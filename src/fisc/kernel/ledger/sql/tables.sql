-- The tables of the ledger. Who may write them: only the functions of posting.sql, holds.sql and their like
-- (guards.sql refuses everybody else). Money is whole fen in bigint. Codes compare byte by byte (COLLATE "C"),
-- so that a prefix of a code is a range of an index.

-- One row: one subject of one book's chart of accounts.
CREATE TABLE ledger_subject (
    book              text     COLLATE "C" NOT NULL,
    code              text     COLLATE "C" NOT NULL,
    name              text     NOT NULL,
    normal_side       text     NOT NULL,
    default_floor_fen bigint,
    is_leaf           boolean  NOT NULL,
    note              text     NOT NULL DEFAULT '',
    CONSTRAINT ledger_subject_pkey PRIMARY KEY (book, code),
    CONSTRAINT ledger_subject_side CHECK (normal_side IN ('debit', 'credit')),
    CONSTRAINT ledger_subject_code_not_empty CHECK (book <> '' AND code <> '' AND name <> '')
);

-- One row: one account, that is a subject and the values of all dimensions. Never changed.
CREATE TABLE ledger_account (
    id            bigint   GENERATED ALWAYS AS IDENTITY,
    book          text     COLLATE "C" NOT NULL,
    subject       text     COLLATE "C" NOT NULL,
    fiscal_year   smallint,
    unit_id       integer,
    project_id    bigint,
    fund          text     COLLATE "C",
    function_code text     COLLATE "C",
    economic_code text     COLLATE "C",
    revenue_code  text     COLLATE "C",
    allotment_id  bigint,
    counterparty  text     COLLATE "C",
    flags         smallint NOT NULL DEFAULT 0,
    -- All of the above in one text, because an index finds no row by "is not distinct from". Injective: only the
    -- last part is free text. keys.py writes the same text.
    key           text     COLLATE "C" NOT NULL GENERATED ALWAYS AS (
        book || '|' || subject || '|' || coalesce(fiscal_year::text, '') || '|' || coalesce(unit_id::text, '')
        || '|' || coalesce(project_id::text, '') || '|' || coalesce(fund, '') || '|' || coalesce(function_code, '')
        || '|' || coalesce(economic_code, '') || '|' || coalesce(revenue_code, '')
        || '|' || coalesce(allotment_id::text, '') || '|' || flags::text || '|' || coalesce(counterparty, '')
    ) STORED,
    CONSTRAINT ledger_account_pkey PRIMARY KEY (id),
    CONSTRAINT ledger_account_unique UNIQUE (key),
    CONSTRAINT ledger_account_subject FOREIGN KEY (book, subject) REFERENCES ledger_subject (book, code),
    CONSTRAINT ledger_account_fund
        CHECK (fund IN ('general', 'govfund', 'statecapital', 'socialinsurance', 'unit')),
    CONSTRAINT ledger_account_flags CHECK (flags BETWEEN 0 AND 7),
    CONSTRAINT ledger_account_codes_plain CHECK (
        concat(book, subject, function_code, economic_code, revenue_code) NOT LIKE '%|%'
        AND '' NOT IN (book, subject, coalesce(function_code, '-'), coalesce(economic_code, '-'),
                       coalesce(revenue_code, '-'), coalesce(counterparty, '-'))
    )
);
CREATE INDEX ledger_account_by_subject ON ledger_account (book, subject, fiscal_year);
CREATE INDEX ledger_account_by_allotment ON ledger_account (allotment_id) WHERE allotment_id IS NOT NULL;
CREATE INDEX ledger_account_by_unit ON ledger_account (unit_id) WHERE unit_id IS NOT NULL;

-- One row: what an account holds now. The floor is the law: PostgreSQL itself refuses to break it.
-- No foreign key: a row is made with its account, by ledger_create_accounts only, and a check on each second change
-- within a transaction would cost more than the change.
CREATE TABLE ledger_balance (
    account_id bigint NOT NULL,
    posted_fen bigint NOT NULL DEFAULT 0,  -- debits - credits
    held_fen   bigint NOT NULL DEFAULT 0,  -- reserved by open holds
    floor_fen  bigint,                     -- NULL: no floor
    CONSTRAINT ledger_balance_pkey PRIMARY KEY (account_id),
    CONSTRAINT ledger_balance_held_not_negative CHECK (held_fen >= 0),
    CONSTRAINT ledger_balance_floor CHECK (posted_fen - held_fen >= floor_fen)
) WITH (fillfactor = 50);  -- room for new versions on the same page, so that no index is touched

-- One row: one opened fiscal year and its next voucher number.
CREATE TABLE ledger_year (
    fiscal_year     smallint NOT NULL,
    next_voucher_no bigint   NOT NULL DEFAULT 1,
    CONSTRAINT ledger_year_pkey PRIMARY KEY (fiscal_year),
    CONSTRAINT ledger_year_plausible CHECK (fiscal_year BETWEEN 1949 AND 2999)
) WITH (fillfactor = 10);

-- One row: one accounting period of one fiscal year.
CREATE TABLE ledger_period (
    fiscal_year smallint    NOT NULL,
    period      integer     NOT NULL,  -- yyyymm
    state       text        NOT NULL DEFAULT 'open',
    closed_at   timestamptz,
    closed_by   bigint,
    CONSTRAINT ledger_period_pkey PRIMARY KEY (fiscal_year, period),
    CONSTRAINT ledger_period_year FOREIGN KEY (fiscal_year) REFERENCES ledger_year (fiscal_year),
    CONSTRAINT ledger_period_state CHECK (state IN ('open', 'closed')),
    CONSTRAINT ledger_period_closed_is_signed
        CHECK ((state = 'closed') = (closed_at IS NOT NULL AND closed_by IS NOT NULL)),
    CONSTRAINT ledger_period_month CHECK (period % 100 BETWEEN 1 AND 12)
);

-- One row: one event in the journal, a voucher. Never changed, never deleted.
CREATE TABLE ledger_entry (
    id           bigint      GENERATED BY DEFAULT AS IDENTITY,
    document_id  bigint,
    reverses_id  bigint,
    voucher_no   bigint      NOT NULL,
    actor_id     bigint      NOT NULL,
    recorded_at  timestamptz NOT NULL,
    xact_id      bigint      NOT NULL,
    effective_on date        NOT NULL,
    fiscal_year  smallint    NOT NULL,
    kind         text        COLLATE "C" NOT NULL,
    memo         text        NOT NULL,
    CONSTRAINT ledger_entry_pkey PRIMARY KEY (id),
    CONSTRAINT ledger_entry_kind_not_empty CHECK (kind <> '')
);
CREATE INDEX ledger_entry_by_document ON ledger_entry (document_id) WHERE document_id IS NOT NULL;
CREATE UNIQUE INDEX ledger_entry_reversed_once ON ledger_entry (reverses_id) WHERE reverses_id IS NOT NULL;
-- Vacuum brings the BRINs up to the last rows; it shall come in time also when the tables are large.
ALTER TABLE ledger_entry SET (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000);
-- BRIN: ids, voucher numbers and transactions rise together with the rows' places. Numbers are handed out once, by
-- ledger_post; that there are no gaps and no doubles is a standing check.
CREATE INDEX ledger_entry_by_voucher ON ledger_entry
    USING brin (voucher_no) WITH (pages_per_range = 16);
CREATE INDEX ledger_entry_by_xact ON ledger_entry
    USING brin (xact_id) WITH (pages_per_range = 32);

-- One row: one positive amount moved from a credit account to a debit account of the same book.
-- No foreign keys: the posting function proves them with one join for the whole batch. No primary key: entry_id and
-- line_no name a row, and only ledger_post writes them. A large batch lies sorted by account, in portions; so the two
-- account indexes grow in place, and a BRIN finds the lines of an entry in its portion. Both together halve the cost
-- of a row. That no line is there twice is a standing check.
CREATE TABLE ledger_transfer (
    entry_id          bigint      NOT NULL,
    debit_account_id  bigint      NOT NULL,
    credit_account_id bigint      NOT NULL,
    amount_fen        bigint      NOT NULL,
    recorded_at       timestamptz NOT NULL,
    period            integer     NOT NULL,  -- yyyymm of effective_on
    effective_on      date        NOT NULL,
    line_no           integer     NOT NULL,
    fiscal_year       smallint    NOT NULL,
    is_reversal       boolean     NOT NULL,  -- red: counts negative on the opposite sides' turnovers
    CONSTRAINT ledger_transfer_amount_positive CHECK (amount_fen > 0),
    CONSTRAINT ledger_transfer_two_accounts CHECK (debit_account_id <> credit_account_id),
    CONSTRAINT ledger_transfer_line_no CHECK (line_no BETWEEN 1 AND 1048575)
) PARTITION BY LIST (fiscal_year);
CREATE INDEX ledger_transfer_by_entry ON ledger_transfer
    USING brin (entry_id) WITH (pages_per_range = 16);
CREATE INDEX ledger_transfer_by_debit ON ledger_transfer (debit_account_id, period);
CREATE INDEX ledger_transfer_by_credit ON ledger_transfer (credit_account_id, period);

-- One row: what one account turned over in one period. Written by ledger_move only, which knows the accounts.
CREATE TABLE ledger_turnover (
    account_id bigint  NOT NULL,
    period     integer NOT NULL,
    debit_fen  bigint  NOT NULL,
    credit_fen bigint  NOT NULL,
    CONSTRAINT ledger_turnover_pkey PRIMARY KEY (account_id, period)
) WITH (fillfactor = 70);

-- One row: a promise to pay, over the accounts of its lines, until it is settled, voided or expired.
CREATE TABLE ledger_hold (
    id          bigint      GENERATED BY DEFAULT AS IDENTITY,
    document_id bigint,
    actor_id    bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    finished_at timestamptz,
    finished_by bigint,
    entry_id    bigint,                   -- the entry that settled it
    held_on     date        NOT NULL,
    expires_on  date,                     -- the last day on which it holds
    state       text        NOT NULL DEFAULT 'held',
    kind        text        COLLATE "C" NOT NULL,
    memo        text        NOT NULL,
    reason      text        NOT NULL DEFAULT '',
    CONSTRAINT ledger_hold_pkey PRIMARY KEY (id),
    CONSTRAINT ledger_hold_state CHECK (state IN ('held', 'settled', 'voided', 'expired')),
    CONSTRAINT ledger_hold_settled_by_entry CHECK ((state = 'settled') = (entry_id IS NOT NULL)),
    CONSTRAINT ledger_hold_finished_is_signed
        CHECK ((state <> 'held') = (finished_at IS NOT NULL AND finished_by IS NOT NULL))
);
CREATE INDEX ledger_hold_by_document ON ledger_hold (document_id) WHERE document_id IS NOT NULL;
CREATE INDEX ledger_hold_by_entry ON ledger_hold (entry_id) WHERE entry_id IS NOT NULL;
CREATE INDEX ledger_hold_due ON ledger_hold (expires_on) WHERE state = 'held' AND expires_on IS NOT NULL;

-- One row: the part of a hold on one pair of accounts. open_fen is what it reserves on the credit account now.
CREATE TABLE ledger_hold_line (
    hold_id           bigint  NOT NULL,
    debit_account_id  bigint  NOT NULL,
    credit_account_id bigint  NOT NULL,
    amount_fen        bigint  NOT NULL,
    open_fen          bigint  NOT NULL,
    settled_fen       bigint  NOT NULL DEFAULT 0,
    line_no           integer NOT NULL,
    CONSTRAINT ledger_hold_line_pkey PRIMARY KEY (hold_id, line_no),
    CONSTRAINT ledger_hold_line_hold FOREIGN KEY (hold_id) REFERENCES ledger_hold (id),
    CONSTRAINT ledger_hold_line_amount_positive CHECK (amount_fen > 0),
    CONSTRAINT ledger_hold_line_two_accounts CHECK (debit_account_id <> credit_account_id),
    CONSTRAINT ledger_hold_line_open CHECK (open_fen IN (0, amount_fen)),
    CONSTRAINT ledger_hold_line_settled CHECK (settled_fen BETWEEN 0 AND amount_fen - open_fen)
);
CREATE INDEX ledger_hold_line_open_by_account ON ledger_hold_line (credit_account_id) WHERE open_fen > 0;
