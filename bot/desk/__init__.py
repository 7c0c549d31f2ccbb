"""The desk: carries out what readers want set up, and makes the reports they ask for."""
