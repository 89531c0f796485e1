"""From the links of a page to rows: finds those that lead to targets, and judges their votes."""
