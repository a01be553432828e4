package gobuild

// TestOnlyHaste has b name and stop builds at once, and not after seconds.
func (b *Builder) TestOnlyHaste() { b.slow, b.patience = 0, 0 }
