//go:build js

// The program of the page. It gives its script one function,
//
//	crumb(paste, url, to)
//
// which returns an verdict.Report as JSON, or {"error": "why not"}.
package main

import (
	"encoding/json"
	"syscall/js"

	"github.com/crumb-go/crumb/internal/verdict"
)

func main() {
	js.Global().Set("crumb", js.FuncOf(func(_ js.Value, args []js.Value) any {
		var result any
		result, err := verdict.Make(args[0].String(), args[1].String(), args[2].String())
		if err != nil {
			result = map[string]string{"error": err.Error()}
		}
		text, err := json.Marshal(result)
		if err != nil {
			panic(err) // a Report has no channels, functions or cycles
		}
		return string(text)
	}))
	select {}
}
