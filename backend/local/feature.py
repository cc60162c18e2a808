from backend.core.features import Feature

feature = Feature(name="demo", commands="backend.local.commands:demo")
