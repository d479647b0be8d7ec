"""Pictures of states: what a field looks like, and what is drawn over it."""
