package main

import "example.com/orders/serve"

func main() { serve.Orders() }
