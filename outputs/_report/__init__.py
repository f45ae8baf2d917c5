"""What a report is written with: its page and its style."""
