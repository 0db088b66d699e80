"""Who must know, were they told, did they confirm."""
