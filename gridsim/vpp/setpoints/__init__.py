"""A dispatch signal becomes set-points of assets that add up to it exactly, is compared with what was delivered, and is settled among owners."""
