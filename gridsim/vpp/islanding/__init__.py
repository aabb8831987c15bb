"""The park without the public grid: how long its critical loads last, and what the frequency does in the first seconds."""
