from backend.accounts import evidence
from backend.core.features import Feature

feature = Feature(name="accounts", commands="backend.accounts.commands:accounts", evidence=(evidence.CONSENT,))
