"""What tests/conftest.py is made of: databases, threads, Chromium, rows of the manual, the order."""
