from backend.core.features import Feature

feature = Feature(name="accounts", commands="backend.accounts.commands:accounts")
