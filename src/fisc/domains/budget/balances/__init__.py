"""四本预算: the balance of each fund, and transfers between them in pairs."""
