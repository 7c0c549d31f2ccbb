"""The Home page, and the forms for digests and watches."""
