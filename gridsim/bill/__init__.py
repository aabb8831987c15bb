"""The bill (电费账单): monthly statements in fen from hourly arrays, and which basis of the demand charge is cheapest."""
