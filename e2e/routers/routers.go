// Package routers runs Go's routers behind the doors and under net/http's server,
// and compares what a browser gets: it is the same. It is a module apart, so that
// nobody who uses Crumb downloads them.
package routers
