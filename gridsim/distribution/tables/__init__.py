"""Network tables that read like an engineer's list: read, check, and hand over as a pandapower network."""
