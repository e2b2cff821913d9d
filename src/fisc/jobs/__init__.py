"""Long work in the background, with progress that a page can show: PostgreSQL is the queue (procrastinate)."""
