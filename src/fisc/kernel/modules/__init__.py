"""模块: what a domain module says about itself, and the registry of those that are installed."""
