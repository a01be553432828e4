package gateway

import (
	"strconv"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/rawjson"
	"github.com/crumb-go/crumb/shared/wire"
)

// A jsonWriter appends JSON text. Commas come by themselves: a value that
// follows anything but an opening bracket, a colon or nothing gets one.
type jsonWriter struct{ b []byte }

func (w *jsonWriter) comma() {
	if n := len(w.b); n > 0 {
		switch w.b[n-1] {
		case '{', '[', ':':
		default:
			w.b = append(w.b, ',')
		}
	}
}

// open starts an object or array; close ends it.
func (w *jsonWriter) open(bracket byte)  { w.comma(); w.b = append(w.b, bracket) }
func (w *jsonWriter) close(bracket byte) { w.b = append(w.b, bracket) }

// key writes an object key. The keys crumb writes itself need no escapes, but
// header and parameter names may.
func (w *jsonWriter) key(name string) {
	w.comma()
	w.b = appendString(w.b, name)
	w.b = append(w.b, ':')
}

func (w *jsonWriter) value(s string)     { w.comma(); w.b = appendString(w.b, s) }
func (w *jsonWriter) text(key, s string) { w.key(key); w.b = appendString(w.b, s) }
func (w *jsonWriter) null(key string)    { w.key(key); w.b = append(w.b, "null"...) }
func (w *jsonWriter) int(key string, n int64) {
	w.key(key)
	w.b = strconv.AppendInt(w.b, n, 10)
}

func (w *jsonWriter) bool(key string, v bool) {
	w.key(key)
	w.b = strconv.AppendBool(w.b, v)
}

// octets writes what came in a header or a request line.
func (w *jsonWriter) octets(s string) { w.value(wire.ToUTF8(s)) }

// appendString appends s as a JSON string. Each byte that is not UTF-8 becomes
// U+FFFD.
func appendString(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	return rawjson.AppendString(b, s)
}
