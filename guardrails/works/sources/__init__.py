"""Where works come from: folders, rows, git checkouts, tables; one work at a time."""
