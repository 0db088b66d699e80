"""Indicators: their definitions, their values, and the records behind them."""
