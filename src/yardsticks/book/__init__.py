"""Building the book, from the leaderboard or from a user's own table."""
