package main

import (
	"errors"
	"strconv"
)

// A port is a flag that takes a TCP port; 0 is what the flag says of it.
type port int

func (p *port) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return errors.New("a port is a number from 0 to 65535")
	}
	*p = port(n)
	return nil
}

func (p *port) String() string { return strconv.Itoa(int(*p)) }
func (p *port) Type() string   { return "port" }
