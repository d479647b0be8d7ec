"""Starts, the Newton minimiser, and the certificate that a state is a minimum."""
