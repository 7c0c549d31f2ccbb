"""What sets Chancery up on a machine; nothing in here is imported by the product."""
