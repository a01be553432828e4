package gateway

func (x *exchange) serveCORS() bool { return false }
