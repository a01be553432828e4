package rawjson

import (
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"
)

func TestMembers(t *testing.T) {
	tests := []struct {
		name, object string
		want         []string // names and values in turn
	}{
		{"empty", `{}`, nil},
		{"spaced", "{\n\t\"a\" : 1 ,\r\n \"b\":\t[ ] }", []string{"a", "1", "b", "[ ]"}},
		{"scalars", `{"a":-1.5e3,"b":true,"c":null,"d":""}`, []string{"a", "-1.5e3", "b", "true", "c", "null", "d", `""`}},
		{"space-behind-scalars", "{\"a\":1\r,\"b\":2\n,\"c\":3\t,\"d\":4 ,\"e\":[5\r]}", []string{"a", "1", "b", "2", "c", "3", "d", "4", "e", "[5\r]"}},
		{"brackets-in-strings", `{"a":{"b":"}]\"{["},"c":["\\",{"d":"\\\""}],"e":1}`, []string{"a", `{"b":"}]\"{["}`, "c", `["\\",{"d":"\\\""}]`, "e", "1"}},
		{"escaped-names", `{"\u0061\n":1,"\ud83d\ude00":2}`, []string{"a\n", "1", "😀", "2"}},
		{"repeated", `{"a":1,"a":2}`, []string{"a", "1", "a", "2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for name, value := range Members(test.object) {
				got = append(got, name, value)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("Members(%s) = %q, want %q", test.object, got, test.want)
			}
		})
	}
}

func TestHasMembers(t *testing.T) {
	for object, want := range map[string]bool{"": false, "{}": false, "{\r\n}": false, `{"":0}`: true, `{ "a": {}}`: true} {
		if got := HasMembers(object); got != want {
			t.Errorf("HasMembers(%q) = %v, want %v", object, got, want)
		}
	}
}

func TestUnquote(t *testing.T) {
	for literal, want := range map[string]string{
		`""`: "", `"a'b"`: "a'b", `"\"\\\/\b\f\n\r\t"`: "\"\\/\b\f\n\r\t", `"\u00e9\ud83d\ude00"`: "é😀", `"\ud800"`: "\ufffd",
		"\"a=\xe9\"": "a=\xe9", // cut out of the text, not decoded
	} {
		if got := Unquote(literal); got != want {
			t.Errorf("Unquote(%q) = %q, want %q", literal, got, want)
		}
	}
}

// A loop may end early.
func TestFirst(t *testing.T) {
	for name, value := range Members(`{"a": 1, "b": 2}`) {
		if name != "a" || value != "1" {
			t.Errorf("the first member is %s: %s", name, value)
		}
		break
	}
	for value := range Elements(`[[], 2]`) {
		if value != "[]" {
			t.Errorf("the first element is %s", value)
		}
		break
	}
}

// FuzzWalk holds the walk over JSON against encoding/json.
func FuzzWalk(f *testing.F) {
	f.Add([]byte(`{"a": [1, "b", {"c": null}], "\u00e9\/": "\\\"", "d": {}}`))
	f.Add([]byte(`[[], {}, "\ud800", -0.1E+2, "x\\"]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) || !utf8.Valid(data) {
			t.Skip()
		}
		var want any
		if err := json.Unmarshal(data, &want); err != nil {
			t.Skip() // a number out of range
		}
		got := walk(string(data))
		a, err1 := json.Marshal(got)
		b, err2 := json.Marshal(want)
		if err1 != nil || err2 != nil || string(a) != string(b) {
			t.Errorf("walk(%q) = %s, %v; want %s, %v", data, a, err1, b, err2)
		}
	})
}

// walk decodes JSON with Members, Elements and Unquote.
func walk(value string) any {
	value = value[skipSpace(value, 0):]
	switch value[0] {
	case '{':
		m := make(map[string]any)
		for name, v := range Members(value) {
			m[name] = walk(v)
		}
		return m
	case '[':
		a := []any{}
		for v := range Elements(value) {
			a = append(a, walk(v))
		}
		return a
	case '"':
		return Unquote(value[:valueEnd(value, 0)])
	}
	var v any
	_ = json.Unmarshal([]byte(value), &v)
	return v
}

// TestAppendString: RFC 8259 7 demands an escape of quotation mark, backslash and control
// bytes, and of nothing else.
func TestAppendString(t *testing.T) {
	const want = `x"\"\\ \n\r\t\u0000\u0008\u001f!/<>&` + "\x7f\u2028é😀" + `"`
	if got := string(AppendString([]byte("x"), "\"\\ \n\r\t\x00\b\x1f!/<>&\x7f\u2028é😀")); got != want {
		t.Errorf("AppendString = %s, want %s", got, want)
	}
}

// FuzzAppendString holds our JSON strings against encoding/json.
func FuzzAppendString(f *testing.F) {
	f.Add("a\"b\\c\n\r\t\x00\x1f\x7f\u2028<>&é😀")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip()
		}
		var got string
		if err := json.Unmarshal(AppendString(nil, s), &got); err != nil || got != s {
			t.Errorf("AppendString(%q) = %s, read as %q, %v", s, AppendString(nil, s), got, err)
		}
	})
}
