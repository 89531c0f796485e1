"""Tells people and monitoring how a run ended: notifications, signed webhooks, a file of metrics."""
