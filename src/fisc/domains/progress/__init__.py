"""支出进度: targets by unit and section, league tables, bulletins with letters, time limits of every node."""
