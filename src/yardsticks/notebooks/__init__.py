"""Running notebooks: keys, runs, pairs, boxes for what a table cannot show, sweeps, and glue for results."""
