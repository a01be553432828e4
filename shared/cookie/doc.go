// Package cookie declares a cookie once; the declaration sets, reads and
// deletes it.
package cookie
