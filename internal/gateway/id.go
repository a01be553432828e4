package gateway

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// stableID is an identifier as AWS makes them, always the same for a name.
func stableID(name string, length int) string {
	sum := sha256.Sum256([]byte(name))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:length]
}

// The ids of a request are random; nothing secret rests on them.

// newExtendedID is an id of API Gateway: 15 characters and "=".
func newExtendedID() string {
	raw := randomBytes()
	return base64.URLEncoding.EncodeToString(raw[:11])
}

// traceID is the X-Amzn-Trace-Id of the request. One that the client sent is
// kept behind a Self field of its own ("Request tracing for your Application
// Load Balancer").
func traceID(sent string, now time.Time) string {
	raw := randomBytes()
	id := "1-" + strconv.FormatInt(now.Unix(), 16) + "-" + hex.EncodeToString(raw[:12])
	if !strings.Contains(sent, "Root=") {
		return "Root=" + id
	}
	return "Self=" + id + ";" + sent
}

func randomBytes() (b [16]byte) {
	binary.NativeEndian.PutUint64(b[:], rand.Uint64())
	binary.NativeEndian.PutUint64(b[8:], rand.Uint64())
	return b
}
