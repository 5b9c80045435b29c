"""Wing B: would the best-fitting model be the right one? Triplets, features, probes and the recovery of models."""
