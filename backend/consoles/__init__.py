"""The pages of organisations, rendered on the server: governments, checkpoints, the platform.

Promises: every page but the sign-in is behind the guard and says which roles may open it; a row of another office is
not found. Views parse, call and show; what is true and allowed is decided by the contexts they call.
"""
