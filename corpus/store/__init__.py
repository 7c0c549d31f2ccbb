"""The article store: SQL, versions, change numbers and those who follow them."""
