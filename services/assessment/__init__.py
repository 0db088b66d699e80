"""Indicators of how the supervision works, with the records behind them."""
