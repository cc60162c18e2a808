"""The inbox, and the channels that lead to it: WeChat's subscribe messages, and SMS where no consent is left.

A message is always in the inbox; each try on a channel is a row with its state. A try whose outcome is unknown after a
crash is asked about or left for a person, never sent again blindly.
"""
