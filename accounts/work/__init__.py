"""Pages of daily work: notes, calls, tasks, the next contact (C7)."""
