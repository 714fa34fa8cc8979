"""What holds for the whole program: its name and links, its clock, its tables, its jobs (rows R0 and RX)."""
