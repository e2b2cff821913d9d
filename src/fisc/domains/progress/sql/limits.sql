-- The limits a bureau begins with; the page 节点时限 sets others from a day on.
INSERT INTO progress_limit (kind, state, limit_workdays, role, valid_from, basis) VALUES
    ('projects.project', 'draft', 10, 'unit_maker', '2000-01-01', '随系统设置'),
    ('projects.project', 'returned', 5, 'unit_maker', '2000-01-01', '随系统设置'),
    ('budget.appropriation', 'draft', 5, 'budget_officer', '2000-01-01', '随系统设置'),
    ('budget.allotment', 'draft', 3, 'budget_officer', '2000-01-01', '随系统设置'),
    ('treasury.payment', 'draft', 5, 'unit_maker', '2000-01-01', '随系统设置'),
    ('treasury.payment', 'returned', 3, 'unit_maker', '2000-01-01', '随系统设置'),
    ('treasury.payment', 'approved', 1, 'treasury_officer', '2000-01-01', '随系统设置'),
    ('treasury.payment', 'sent', 1, 'treasury_officer', '2000-01-01', '随系统设置'),
    ('treasury.payment', 'bank_refused', 3, 'unit_maker', '2000-01-01', '随系统设置'),
    ('treasury.batch', 'draft', 5, 'unit_maker', '2000-01-01', '随系统设置'),
    ('treasury.batch', 'returned', 3, 'unit_maker', '2000-01-01', '随系统设置'),
    ('treasury.batch', 'approved', 1, 'treasury_officer', '2000-01-01', '随系统设置'),
    ('treasury.batch', 'sent', 1, 'treasury_officer', '2000-01-01', '随系统设置'),
    ('treasury.clearing', 'draft', 1, 'treasury_officer', '2000-01-01', '随系统设置'),
    ('treasury.clearing', 'booked', 1, 'treasury_officer', '2000-01-01', '随系统设置');
