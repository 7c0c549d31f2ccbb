"""How what is said looks: pages, and their forms in Block Kit, in a terminal and in HTML. Pure."""
