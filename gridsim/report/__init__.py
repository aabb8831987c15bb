"""What a run's folder says, for people: ``report.html`` and ``tables.xlsx``. Needs nothing but the folder; plotly is seen here only."""
