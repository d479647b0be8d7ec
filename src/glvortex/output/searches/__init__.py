"""A search: its trials, its states as run folders, the ranked table and the picture of them."""
