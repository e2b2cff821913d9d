"""`python -m fisc` is the command `fisc`."""

from fisc.cli import main

main()
