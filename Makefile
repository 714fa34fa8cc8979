# `make X` is an alias of `./run X`; pass arguments as ARGS="…".
.PHONY: run test rows check bench chaos manual manage help
run:
	./run $(ARGS)
test rows check bench chaos manual manage help:
	./run $@ $(ARGS)
