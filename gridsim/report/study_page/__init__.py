"""The page of a study: its answers, the price of each step, what moves it most, and the dispatch of any of its points."""
