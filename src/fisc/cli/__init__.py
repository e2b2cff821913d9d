"""The command `fisc`. Nothing heavy is imported here: `fisc --help` must answer at once."""


def main() -> None:
    """Run the command line."""
    from fisc.cli.app import run

    run()
