"""Privacy (个人信息保护): what is kept on what basis, for how long, and that it was erased.

Owns: the reports of erasure, and who took which list out of the system.
Promises: whatever a feature registers as a kind of data is erased when its days are over; each day has a report of
what was erased and what could not be, recorded in the evidence log; an export is written down before it leaves.
Refuses: to erase what is inside its period (the database does), to change or remove a report.
Sources: PIPL (个人信息保护法), articles 19, 47, 51 and 54.
"""
