// Command hello is what the templates of this folder run. Nothing compiles it.
package main

func main() {}
