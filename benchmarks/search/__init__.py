"""Search measured on 1,040 real prompts: quality, near-duplicates, time and memory."""
