"""Every write of «Мы и партнеры»."""
