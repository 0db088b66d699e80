"""Who must know of an event by the county's rules, and what notices say."""
