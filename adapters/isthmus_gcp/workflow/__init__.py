"""The compiler from the States Language to Google Workflows, and the profile of what it takes. Deploy time only."""
