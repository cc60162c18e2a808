"""Reports of a transfer for the files of both governments, as Excel and PDF.

Owns: the reports that somebody asked for, until a week later.
Promises: a report says what its asker may see at the moment at which it is made, names masked unless asked for with a
purpose, who took it out on each page; it is made in a task, once.
Refuses: whoever has no part in the transfer, or no longer; anybody but the asker.
"""
