from backend.accounts import evidence
from backend.accounts.data import KINDS
from backend.core.features import Feature

feature = Feature(
    name="accounts", commands="backend.accounts.commands:accounts", evidence=(evidence.CONSENT,), data=KINDS
)
