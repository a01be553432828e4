// Package adapters runs one http.Handler in the ways there are to run it on Lambda,
// and compares what becomes of its cookies with net/http's server. The result is the
// tables of docs/adapters.md. It is a module apart, so that a newer version of an
// adapter can be compared without changing what functions build with.
package adapters
