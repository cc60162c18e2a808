from backend.core.features import Feature

feature = Feature(name="regions", commands="backend.regions.commands:regions")
