"""The search for the state of lowest energy."""
