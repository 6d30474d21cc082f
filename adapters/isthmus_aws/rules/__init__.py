"""What AWS would refuse or do otherwise, as checks of the plan; each names the page that it comes from."""
