"""Objects for tests, with defaults that satisfy every constraint; name only what the test is about."""
