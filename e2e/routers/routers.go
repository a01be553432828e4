// Package routers runs Go's routers behind the doors and under net/http's server,
// and compares what a browser gets: it is the same. It is a separate module, so
// that Crumb's users do not download the routers.
package routers
