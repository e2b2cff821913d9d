"""Plain Python for everyone: money, rates, periods, working days, errors, text. Knows no Django."""
