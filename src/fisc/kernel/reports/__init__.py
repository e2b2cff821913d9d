"""Reports: layout × metrics → page, Excel, PDF (architecture §4)."""
