"""存量资金: found, recognised, recovered, arranged anew."""
