"""Every write of «Обращения»."""
