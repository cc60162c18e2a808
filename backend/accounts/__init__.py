"""People, accounts, organisations, operators, consents and the access log.

An account (WeChat, phone) and a person (ID number) are many-to-many: one holds the code for oneself, or for family
until a day. A claim never takes a person over and never locks anybody out; a clerk decides what can't be matched.
Personal data is sealed; only `actions.reveal` opens it for a person's eyes, and writes down who looked.
"""
