"""Speed, printed as ratios to peers and to hand-written floors measured in the same run, since machines differ."""
