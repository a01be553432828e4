package rawjson_test

import (
	"fmt"

	"github.com/crumb-go/crumb/shared/rawjson"
)

const event = `{"path": "/a", "headers": {"cookie": "a=1", "Cookie": "b=\"2\""}, "cookies": ["a=1", "b=2"]}`

func ExampleMembers() {
	for name, value := range rawjson.Members(event) {
		fmt.Println(name, value)
	}
	// Output:
	// path "/a"
	// headers {"cookie": "a=1", "Cookie": "b=\"2\""}
	// cookies ["a=1", "b=2"]
}

func ExampleHasMembers() {
	fmt.Println(rawjson.HasMembers(event), rawjson.HasMembers("{ }"))
	// Output: true false
}

func ExampleElements() {
	for value := range rawjson.Elements(`["a=1", {"b": 2}]`) {
		fmt.Println(value)
	}
	// Output:
	// "a=1"
	// {"b": 2}
}

func ExampleUnquote() {
	fmt.Println(rawjson.Unquote(`"b=\"2\""`))
	// Output: b="2"
}

func ExampleAppendString() {
	fmt.Println(string(rawjson.AppendString(nil, "a\tb\"c\"")))
	// Output: "a\tb\"c\""
}
