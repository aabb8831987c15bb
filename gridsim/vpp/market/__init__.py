"""Markets a park's virtual power plant can sell to: their rules as data, bids, baselines, the choice of products, and settlement to the cent (分)."""
