"""Files and containers as they come: tables, AnnData, MuData, sheets."""
