"""Tests on real register files are collected where those files are (SBILLING_REAL_DATA)."""

import os

collect_ignore = [] if os.environ.get("SBILLING_REAL_DATA") else ["test_real_files.py"]
