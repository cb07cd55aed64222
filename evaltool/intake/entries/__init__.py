"""What one entered value means: figures, dates, answers, and what was understood of them."""
