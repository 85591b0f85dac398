"""The local front door: every service in one process, under the paths that the Worker uses."""
