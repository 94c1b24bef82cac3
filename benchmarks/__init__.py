"""What speed costs here, as ratios within one run: ``nox -s bench``. The table is in README.md; nothing here is a test."""
