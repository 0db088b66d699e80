"""Who must know, who was notified, and who confirmed."""
