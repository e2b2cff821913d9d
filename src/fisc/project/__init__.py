"""The only place that knows all modules: settings, urls, database, demo."""
