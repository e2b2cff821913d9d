"""No tables of its own; the file is here because Django sends post_migrate only to apps that have one."""
