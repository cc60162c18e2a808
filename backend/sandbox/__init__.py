"""The outside world's stand-in: a separate web application that speaks the protocols of WeChat and an SMS provider.

It owns made-up WeChat users, their codes, consents and received messages, in one SQLite file. It promises the replies,
error codes, single-use rules, quotas and counters of the real services, so that the live clients can be run against
it over HTTP. It imports nothing of the product, and nothing of the product imports it.
"""
