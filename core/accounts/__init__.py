"""Users, their sign-ins, their applications and what they may do."""
