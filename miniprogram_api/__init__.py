"""The workers' way in: `/api/v1`, and its clients: the web pages under `/w/`, the mini program's native shell."""
