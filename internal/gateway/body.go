package gateway

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// encodeBody says how a door writes a body into JSON: as text or in base64.
func (q *request) encodeBody() (body string, isBase64 bool) {
	if q.binary() {
		return base64.StdEncoding.EncodeToString(q.body), true
	}
	return string(q.body), false
}

// binary tells whether the body travels in base64.
//
// A REST API asks its binaryMediaTypes. The others take for text what is
// text/* or JSON, JavaScript or XML by its plain name, so form posts are
// base64 there; an ALB also encodes whatever has a Content-Encoding ("Using
// AWS Lambda with an Application Load Balancer"). Text of theirs that is not
// UTF-8 is not documented; base64 keeps it whole.
func (q *request) binary() bool {
	if len(q.body) == 0 {
		return false
	}
	media := mediaType(q.Header.Get("Content-Type"))
	if q.door == frontdoor.REST {
		return matchesMedia(q.api.BinaryMediaTypes, cmp.Or(media, "application/json"))
	}
	if (q.door == frontdoor.ALB || q.door == frontdoor.ALBMulti) && q.Header.Get("Content-Encoding") != "" {
		return true
	}
	switch media {
	case "application/json", "application/javascript", "application/xml":
	default:
		if !strings.HasPrefix(media, "text/") {
			return true
		}
	}
	return !utf8.Valid(q.body)
}

// mediaType is a Content-Type without its parameters, in lower case.
func mediaType(value string) string {
	media, _, _ := strings.Cut(value, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// matchesMedia tells whether one of types is the media type, "*/*" or "image/*".
func matchesMedia(types []string, media string) bool {
	kind, _, _ := strings.Cut(media, "/")
	return slices.ContainsFunc(types, func(t string) bool {
		t = strings.ToLower(t)
		return t == media || t == "*/*" || t == kind+"/*"
	})
}
